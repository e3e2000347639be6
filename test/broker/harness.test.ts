import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { suite, test } from "node:test";
import { promisify } from "node:util";
import { startCluster, type Cluster } from "../../hosts/demo/broker/cluster.ts";
import { StartError } from "../../hosts/demo/broker/node.ts";
import { registeredBrokers } from "../../hosts/demo/broker/ready.ts";
import { runJava, runTool } from "../../hosts/demo/broker/tools.ts";
import { brokerMissing } from "./available.ts";

const POLL_MS = 50;
const DEADLINE_MS = 30_000;
const WATCHDOG = new URL("../../hosts/demo/broker/watchdog.ts", import.meta.url).href;

/** Polls until the condition holds. */
const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  const deadline = performance.now() + DEADLINE_MS;
  while (!(await holds())) {
    assert.ok(performance.now() < deadline, `not within ${DEADLINE_MS} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
};

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

const portsOf = (cluster: Cluster): readonly number[] => cluster.bootstrap.split(",").map((broker) => Number(broker.split(":")[1]));

const accepts = async (port: number): Promise<boolean> => {
  const socket = createConnection({ host: "127.0.0.1", port });
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
};

/** The ids of the brokers that the broker at this port knows, for example `1,2,3`. */
const known = async (port: number): Promise<string> => String((await registeredBrokers(port, 2000))?.toSorted());

/** Runs one of Kafka's tools against the cluster and answers what it printed. */
const tool = async (cluster: Cluster, className: string, args: readonly string[], stdin?: string): Promise<string> => {
  const result = await runTool({
    className: `org.apache.kafka.tools.${className}`,
    args: ["--bootstrap-server", cluster.bootstrap, ...args],
    stdin,
  });
  assert.equal(result.exitCode, 0, result.stdout + result.stderr);
  return result.stdout;
};

const consume = async (cluster: Cluster, topic: string, count: number): Promise<string> =>
  tool(cluster, "consumer.ConsoleConsumer", [
    "--topic",
    topic,
    "--from-beginning",
    "--max-messages",
    String(count),
    "--timeout-ms",
    "30000",
  ]);

/** Starts a process that guards a child and a folder; `death` is what that process does then. */
const dieWith = async (death: string): Promise<{ readonly pid: number; readonly folder: string }> => {
  const program = `
    import { spawn } from "node:child_process";
    import { mkdtempSync } from "node:fs";
    import { guardChild, guardFolder } from ${JSON.stringify(WATCHDOG)};
    const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
    guardChild(child);
    const folder = mkdtempSync(${JSON.stringify(join(tmpdir(), "timestamp-router-test of-"))});
    guardFolder(folder);
    process.stdout.write(JSON.stringify({ pid: child.pid, folder }) + "\\n", () => { ${death} });
    setInterval(() => {}, 1000);`;
  const parent = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(parent, "exit");
  const [line] = (await once(createInterface({ input: parent.stdout }), "line")) as [string];
  await ended;
  return JSON.parse(line) as { readonly pid: number; readonly folder: string };
};

const skip = (await brokerMissing()) ?? false;

suite("a cluster", { skip }, () => {
  test("of one node takes and gives records, and leaves nothing behind when it is stopped", async () => {
    const cluster = await startCluster({ nodes: 1 });
    const folder = dirname(cluster.log(1));
    const pid = cluster.pid(1);
    assert.ok(pid !== null && isAlive(pid));
    try {
      await tool(cluster, "TopicCommand", ["--create", "--topic", "timestamps", "--partitions", "2"]);
      await tool(cluster, "ConsoleProducer", ["--topic", "timestamps"], "11/21/26 10:00:02\n");
      assert.equal(await consume(cluster, "timestamps", 1), "11/21/26 10:00:02\n");
    } finally {
      await cluster.stop();
    }
    assert.equal(isAlive(pid), false);
    assert.equal(existsSync(folder), false);
    for (const port of portsOf(cluster)) assert.equal(await accepts(port), false);
    assert.equal(cluster.pid(1), null);
  });

  test("of three nodes answers without the one that is killed, and with it after its restart", async () => {
    // The controller lets a node in again only when the session of its former life is over.
    const properties = { "broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500 };
    await using cluster = await startCluster({ nodes: 3, properties });
    const [first = 0, second = 0, third = 0] = portsOf(cluster);
    assert.equal(await known(first), "1,2,3");
    await tool(cluster, "TopicCommand", ["--create", "--topic", "timestamps"]);

    await cluster.kill(2);
    assert.equal(await accepts(second), false);
    for (const port of [first, third]) await until("the other two are left", async () => (await known(port)) === "1,3");
    await tool(cluster, "ConsoleProducer", ["--topic", "timestamps", "--request-required-acks", "all"], "11/21/26 10:00:03\n");

    await cluster.restart(2);
    for (const port of [first, second, third]) assert.equal(await known(port), "1,2,3");
    assert.equal(await consume(cluster, "timestamps", 1), "11/21/26 10:00:03\n");
  });

  test("holds a paused node's connections open without an answer until the node is resumed", async () => {
    await using cluster = await startCluster({ nodes: 1 });
    const [port = 0] = portsOf(cluster);
    cluster.pause(1);
    assert.equal(await accepts(port), true);
    assert.equal(await registeredBrokers(port, 300), null);
    cluster.resume(1);
    assert.deepEqual(await registeredBrokers(port, DEADLINE_MS), [1]);
    cluster.pause(1);
  });

  test("that cannot start says why with the last lines of the log", async () => {
    const unknownFormat = startCluster({ nodes: 1, properties: { "log.retention.hours": "many" } });
    await assert.rejects(unknownFormat, (error) => error instanceof StartError && /log\.retention\.hours/.test(error.message));
    const refusedByBroker = startCluster({ nodes: 1, properties: { "metric.reporters": "no.such.Reporter" } });
    await assert.rejects(
      refusedByBroker,
      (error) => error instanceof StartError && error.code === "ENDED" && /no\.such\.Reporter/.test(error.message),
    );
  });

  test("gives up its start when the signal says so", async () => {
    const controller = new AbortController();
    const start = startCluster({
      nodes: 1,
      signal: controller.signal,
      onProgress: (sentence) => sentence.startsWith("Starting") && setImmediate(() => controller.abort(new Error("enough"))),
    });
    await assert.rejects(start, /enough/);
  });
});

suite("a cluster's features", { skip }, () => {
  test("have the level of transaction.version that it was started with", async () => {
    await using cluster = await startCluster({ nodes: 1, transactionVersion: 0 });
    const features = await tool(cluster, "FeatureCommand", ["describe"]);
    assert.match(features, /^Feature: transaction\.version\b.*\bFinalizedVersionLevel: 0\b/mu);
  });
});

suite("a Java source of ours", { skip }, () => {
  test("is compiled against Kafka's jars and run", async () => {
    const folder = await mkdtemp(join(tmpdir(), "timestamp-router-test-"));
    try {
      const source = join(folder, "Hello.java");
      await writeFile(
        source,
        `import org.apache.kafka.common.utils.AppInfoParser;
         public class Hello { public static void main(String[] a) { System.out.println(a[0] + " " + AppInfoParser.getVersion()); } }`,
      );
      const run = async (): Promise<string> => (await runJava({ source, className: "Hello", args: ["Kafka"] })).stdout;
      assert.equal(await run(), "Kafka 4.3.1\n");
      assert.equal(await run(), "Kafka 4.3.1\n");
      await writeFile(source, "public class Hello { nonsense }");
      await assert.rejects(run(), /Hello\.java does not compile:[^]*<identifier> expected/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});

suite("a process that dies", () => {
  for (const [how, death] of [
    ["by SIGKILL", `process.kill(process.pid, "SIGKILL")`],
    ["by SIGTERM", `process.kill(process.pid, "SIGTERM")`],
    ["by process.exit", "process.exit(3)"],
    ["by an uncaught error", `throw new Error("a bug")`],
  ] as const) {
    test(`${how} takes its children and folders with it`, async () => {
      const { pid, folder } = await dieWith(death);
      await until("the child has ended", () => !isAlive(pid));
      await until("the folder has been removed", () => !existsSync(folder));
    });
  }

  test("by reaching its end is not held up by a child that it guards, and takes it with it", async () => {
    const program = `
      import { spawn } from "node:child_process";
      import { guardChild } from ${JSON.stringify(WATCHDOG)};
      const child = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
      guardChild(child);
      child.unref();
      console.log(child.pid);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", program], { timeout: DEADLINE_MS });
    await until("the child has ended", () => !isAlive(Number(stdout)));
  });

  test("takes what a child of a guarded group has started with it, also when that child ended before", async () => {
    const program = `
      import { spawn } from "node:child_process";
      import { guardGroup } from ${JSON.stringify(WATCHDOG)};
      const child = spawn("sh", ["-c", "sleep 1000 >/dev/null & echo $!"], { detached: true, stdio: ["ignore", "pipe", "ignore"] });
      guardGroup(child);
      child.stdout.pipe(process.stdout);
      child.once("close", () => process.kill(process.pid, "SIGKILL"));`;
    const child = spawn(process.execPath, ["--input-type=module", "-e", program], { stdio: ["ignore", "pipe", "inherit"] });
    let stdout = "";
    child.stdout.on("data", (text: Buffer) => (stdout += text.toString()));
    await once(child, "close");
    assert.match(stdout, /^\d+\n$/u);
    await until("the grandchild has ended", () => !isAlive(Number(stdout)));
  });
});
