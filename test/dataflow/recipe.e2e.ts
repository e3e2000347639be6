/**
 * The polyglot recipe of Data Flow, on its real servers: `time || router: timestamp-router || evenLogger: log || oddLogger: log`. Each test begins
 * where the one before it ended.
 */
import assert from "node:assert/strict";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { metadataJar } from "../../hosts/dataflow/deploy/metadata-jar.ts";
import { visibleMetadata } from "../../hosts/dataflow/deploy/metadata.ts";
import { faultless, verify } from "../broker/records.ts";
import { until, type Instance } from "./data-flow.ts";
import { deployFile, readProperties } from "./deployment-files.ts";
import { useServers } from "./use-servers.ts";

const LAUNCHER = fileURLToPath(new URL("../../hosts/dataflow/deploy/java.ts", import.meta.url));
const STREAM = "timeStampStream";
const APP = "timestamp-router";
/** Its label. Data Flow 2.11.5 takes a version for a label such as `timestamp-router` also for each label that this one begins with, such as `time`. */
const ROUTER = "router";
const GROUP = `${STREAM}.${ROUTER}`;
const IMAGE = "springcloud/timestamp-router:1.0.0";
const IMAGE_APP = "timestamp-router-image";
const JSON_VARIABLE = "SPRING_APPLICATION_JSON=";
const TOPICS = { input: "timeDest", even: "evenDest", odd: "oddDest" } as const;
/** One record comes each second. */
const RECORDS_SEEN = 6;

/** What the files for Data Flow's shell have. */
const RECIPE = Object.fromEntries(readProperties("recipe/deployment.properties"));
const [, DEFINITION = ""] = /--definition "(.+)"/u.exec(deployFile("recipe/stream.shell")) ?? [];
/** What the Local platform needs besides. The options go to what stands in for the router's JVM as well, which has no use for them. */
const LOCAL = {
  [`deployer.${ROUTER}.local.javaCmd`]: LAUNCHER,
  "deployer.*.local.javaOpts": "-Xmx160m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
};

const platform = await useServers();
/** Standard output of the loggers, which no release but the first one starts. */
const loggers = { even: "", odd: "" };
/** The instance that is a container. */
let container: Instance | null = null;

platform.step("the time source, the log sink and two versions of the router are registered as apps", async () => {
  const { dataFlow, servers, streamApps } = platform;
  await dataFlow.register("time", pathToFileURL(join(streamApps, "time-source-kafka-5.1.1.jar")).href);
  await dataFlow.register("log", pathToFileURL(join(streamApps, "log-sink-kafka-5.1.1.jar")).href);
  for (const version of ["1.0.0", "1.1.0"]) {
    const jar = join(servers.folder, `${APP}-${version}.jar`);
    await writeFile(jar, metadataJar());
    await dataFlow.register(APP, pathToFileURL(jar).href);
  }
  assert.equal((await dataFlow.appInfo(APP)).version, "1.0.0");
});

platform.step("Data Flow shows the options and the ports of the router", async () => {
  const { options, inboundPortNames, outboundPortNames } = await platform.dataFlow.appInfo(APP);
  const described = visibleMetadata().properties.map(({ name, description }) => `${name}: ${description}`);
  assert.deepEqual(options.map(({ id, description }) => `${id}: ${description}`).toSorted(), described.toSorted());
  assert.deepEqual([inboundPortNames, outboundPortNames], [["input"], ["even", "odd"]]);
});

platform.step("the stream is created and deployed with the recipe's properties", async () => {
  const { dataFlow } = platform;
  await dataFlow.create(STREAM, DEFINITION);
  await dataFlow.deploy(STREAM, { ...RECIPE, ...LOCAL });
  const instances = await dataFlow.instances(STREAM);
  assert.deepEqual(instances.map(({ label }) => label).toSorted(), ["evenLogger", "oddLogger", ROUTER, "time"]);
  loggers.even = instanceOf(instances, "evenLogger").stdout;
  loggers.odd = instanceOf(instances, "oddLogger").stdout;
});

platform.step("one logger prints even timestamps and the other one odd timestamps, as in the recipe's picture", async () => {
  const even = await untilLogged(loggers.even, 3);
  const odd = await untilLogged(loggers.odd, 3);
  for (const message of even) assert.match(message, /^Even timestamp: \d\d\/\d\d\/\d\d \d\d:\d\d:\d[02468]$/u);
  for (const message of odd) assert.match(message, /^Odd timestamp:\d\d\/\d\d\/\d\d \d\d:\d\d:\d[13579]$/u);
});

platform.step("the log sink prints what other programs write, without headers, as well", async () => {
  await platform.topics.write(TOPICS.input, 0, ["a record without headers, 8"]);
  await untilLogged(loggers.even, 1, "Even timestamp: a record without headers, 8");
});

platform.step("the router's group is named after the stream and the label", async () => {
  await until(
    async () => (await committed()) > 0,
    () => "nothing is committed",
  );
});

platform.step("the router is scaled to two instances, and both are in the group", async () => {
  const { dataFlow } = platform;
  await dataFlow.scale(STREAM, ROUTER, 2);
  await until(
    async () => (await routers()).length === 2,
    () => "there are no two instances",
  );
  const second = (await routers()).find(({ guid }) => guid.endsWith("-1"));
  assert.ok(second !== undefined, "the second instance's number is 1");
  await untilPrinted(second, /Routing /u);
  await dataFlow.scale(STREAM, ROUTER, 1);
  await until(
    async () => (await routers()).length === 1,
    () => "there is more than one instance",
  );
});

platform.step("an update runs the next version beside the present one, and the group hands over", async () => {
  const { dataFlow } = platform;
  const [former] = await routers();
  assert.ok(former !== undefined);
  const before = await committed();
  await dataFlow.update(STREAM, { [`version.${ROUTER}`]: "1.1.0", [`app.${ROUTER}.router.commit-interval`]: "500ms" });
  await untilPrinted(former, /Stopped: /u);
  assert.doesNotMatch(await readFile(former.stdout, "utf8"), /SIGTERM/u, "it was asked by HTTP, and awaited");
  await untilCommittedBeyond(before + RECORDS_SEEN);
  assert.deepEqual(
    (await routers()).map(({ guid }) => guid),
    [`${GROUP}-v2-0`],
  );
});

platform.step("a rollback does the same with the former version", async () => {
  const { dataFlow } = platform;
  const before = await committed();
  await dataFlow.rollback(STREAM, 1);
  await untilCommittedBeyond(before + RECORDS_SEEN);
  const releases = await dataFlow.history(STREAM);
  assert.deepEqual(releases.map(({ version, status }) => `${version} ${status}`).toSorted(), ["1 DELETED", "2 DELETED", "3 DEPLOYED"]);
});

platform.step("undeploying awaits that the router has finished and committed what it read", async () => {
  const { dataFlow } = platform;
  const [router] = await routers();
  assert.ok(router !== undefined);
  await dataFlow.undeploy(STREAM);
  await untilPrinted(router, /Stopped: /u);
  assert.doesNotMatch(await readFile(router.stdout, "utf8"), /SIGTERM/u, "it was asked by HTTP, and awaited");
  const [even = 0] = await platform.topics.endOffsets(TOPICS.even);
  const [odd = 0] = await platform.topics.endOffsets(TOPICS.odd);
  assert.equal(even + odd, await committed());
});

platform.step(
  "as a container image in a stream of the same name the router goes on with the group, and is stopped by HTTP as well",
  async () => {
    const { dataFlow, topics } = platform;
    await dataFlow.register(IMAGE_APP, `docker:${IMAGE}`);
    await dataFlow.destroy(STREAM);
    await dataFlow.create(STREAM, `${ROUTER}: ${IMAGE_APP}`);
    await dataFlow.deploy(STREAM, RECIPE);
    const router = instanceOf(await dataFlow.instances(STREAM), ROUTER);
    container = router;
    // What the source wrote after the first stream's router had ended.
    await topics.untilCommitted(GROUP, TOPICS.input);
    await dataFlow.undeploy(STREAM);
    await untilPrinted(router, /Stopped: /u);
  },
);

platform.step("docker was called once, with a line that says everything there is to say to a container", async () => {
  const [line = [], ...others] = await platform.servers.dockerLines();
  assert.deepEqual(others, [], "there is no docker stop");
  assert.ok(container !== null);
  const { guid, port } = container;
  // The order of the variables is that of a hash map.
  const variables = line.filter((_, index) => line[index - 1] === "-e").toSorted();
  const options = line.filter((arg, index) => arg !== "-e" && line[index - 1] !== "-e");
  assert.deepEqual(options, ["run", "--network", "bridge", "--rm", "-p", `${port}:${port}`, `--name=${guid}`, IMAGE]);
  const [json = "", deployerId] = variables;
  assert.deepEqual([variables.length, deployerId], [2, `deployerId=${guid.slice(0, -"-0".length)}`]);
  assert.ok(json.startsWith(JSON_VARIABLE), json);
  const told = JSON.parse(json.slice(JSON_VARIABLE.length)) as Readonly<Record<string, unknown>>;
  assert.equal(told["server.port"], String(port));
  assert.equal(told["spring.cloud.stream.bindings.input.destination"], TOPICS.input);
  assert.equal(told["endpoints.shutdown.enabled"], "true");
});

platform.step("through all of this each record was routed once, in order, and unchanged", async () => {
  const verdict = await verify(platform.cluster.bootstrap, TOPICS);
  assert.ok(verdict.input > 2 * RECORDS_SEEN, `${verdict.input} records`);
  assert.deepEqual(verdict, faultless(verdict.input));
});

async function routers(): Promise<readonly Instance[]> {
  return (await platform.dataFlow.instances(STREAM)).filter(({ label }) => label === ROUTER);
}

function instanceOf(instances: readonly Instance[], label: string): Instance {
  const found = instances.find((instance) => instance.label === label);
  assert.ok(found !== undefined, `${label} has an instance`);
  return found;
}

async function untilPrinted({ guid, stdout }: Instance, pattern: RegExp): Promise<void> {
  let printed = "";
  await until(
    async () => {
      printed = await readFile(stdout, "utf8");
      return pattern.test(printed);
    },
    () => `${guid} has not printed ${String(pattern)}:\n${printed}`,
  );
}

/** Awaits that a log sink has printed so many records, or so many that are this one; returns what it printed of them. */
async function untilLogged(stdout: string, count: number, wanted?: string): Promise<readonly string[]> {
  let printed = "";
  const messages = (): readonly string[] =>
    [...printed.matchAll(/log-sink +: ((?:Even|Odd) timestamp.*)$/gmu)]
      .map(([, message = ""]) => message)
      .filter((message) => wanted === undefined || message === wanted);
  await until(
    async () => {
      printed = await readFile(stdout, "utf8");
      return messages().length >= count;
    },
    () => `${stdout} has fewer than ${count} records:\n${printed}`,
  );
  return messages();
}

/** How many records of the input the router's group has committed. */
async function committed(): Promise<number> {
  const offsets = await platform.topics.committed(GROUP, TOPICS.input);
  return offsets.reduce((sum, offset) => sum + Math.max(0, offset), 0);
}

async function untilCommittedBeyond(count: number): Promise<void> {
  await until(
    async () => (await committed()) > count,
    () => `no more than ${count} records are committed`,
  );
}
