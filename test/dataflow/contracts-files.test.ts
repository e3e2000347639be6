/** Whichever of the deployment files starts it, the app is the router of the recipe, and answers where the file says that it does. */
import assert from "node:assert/strict";
import test from "node:test";
import { startApp } from "../../hosts/dataflow/app.ts";
import { systemClock } from "../../hosts/dataflow/clock.ts";
import { readConfig } from "../../hosts/dataflow/config.ts";
import { createHealth } from "../../hosts/dataflow/health.ts";
import { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { createMetrics } from "../../hosts/dataflow/metrics.ts";
import { freePorts } from "../../hosts/demo/broker/ports.ts";
import { runProgram } from "../../hosts/demo/broker/program.ts";
import { startApp as startProcess } from "../broker/app.ts";
import { coreModule } from "../core-module.ts";
import { plainBytes } from "../hosts/dataflow/fetched.ts";
import { createMemoryLog } from "../hosts/dataflow/memory-log.ts";
import { readAll, until } from "../hosts/dataflow/started-app.ts";
import { GROUP, readProperties, readYaml, STARTS, toldBy, topFile, type Compose, type Deployment, type Start } from "./deployment-files.ts";

const FILES = Object.entries(STARTS) as [Start, string][];
const SECRET = new Map([
  ["timestamp-router-admin/user", "admin"],
  ["timestamp-router-admin/password", "p=w"],
]);

for (const [path, what] of FILES) {
  test(`the app understands every property of ${what}`, () => {
    const config = readConfig(toldBy(path));
    assert.deepEqual(config.unsupported, []);
    assert.deepEqual(config.input.destinations, ["timeDest"]);
    assert.deepEqual(
      config.outputs.map(({ name, destination }) => `${name}: ${destination}`),
      ["even: evenDest", "odd: oddDest"],
    );
    assert.equal(config.input.group, GROUP);
    assert.deepEqual(config.brokers, ["kafka:9092"]);
    assert.equal(config.server.port, 8080);
    assert.equal(config.actuator.admin, null, "nobody is asked for a password that nobody has set");
  });

  test(`started by ${what}, the app routes timestamps between the topics of the recipe`, async (context) => {
    const broker = new MemoryBroker();
    const binder = broker.binder(systemClock);
    await binder.provision([{ name: "timeDest", partitions: 1 }]);
    broker.append("timeDest", 0, plainBytes(0n, ["11/21/26 04:18:02", "11/21/26 04:18:03"]));
    const app = startApp({
      config: readConfig(toldBy(path)),
      binder,
      core: coreModule(),
      health: createHealth(),
      metrics: createMetrics({ tags: {}, now: Date.now }),
      log: createMemoryLog(),
      clock: systemClock,
    });
    context.after(async () => app.stop());
    await until("the input is committed", () => broker.committedOffset(GROUP, "timeDest", 0) === 2n);
    assert.deepEqual(await readAll(broker, "evenDest", 0), ["Even timestamp: 11/21/26 04:18:02"]);
    assert.deepEqual(await readAll(broker, "oddDest", 0), ["Odd timestamp:11/21/26 04:18:03"]);
  });

  test(`started by ${what} while Kafka is away, the app answers its probes and ends at SIGTERM`, async (context) => {
    const [port = 0] = await freePorts(1);
    const { args, env } = toldBy(path);
    const app = startProcess(context, {
      properties: {},
      args: [...args, `--server.port=${port}`],
      env: { ...env, SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS: "127.0.0.1:1" },
    });
    await app.line(/Actuator listens on port \d+$/u);
    for (const probe of probesIn(path)) assert.equal((await fetch(`http://127.0.0.1:${port}${probe}`)).status, 200, probe);
    const [program, script] = healthCheckIn(path);
    if (program !== undefined && script !== undefined) {
      assert.equal(program, "node");
      const check = { file: process.execPath, args: ["-e", script.replace(":8080/", `:${port}/`)], timeoutMs: 30_000 };
      assert.equal((await runProgram(check)).exitCode, 0, script);
    }
    assert.equal((await app.stop()).exitCode, 0);
  });
}

test("with the Secret, each manifest's app has an administrator", () => {
  for (const [path] of FILES.filter(([name]) => name.startsWith("kubernetes/"))) {
    assert.deepEqual(readConfig(toldBy(path, SECRET)).actuator.admin, { user: "admin", password: "p=w" }, path);
  }
});

test("the properties that the page on moving from the Python sample names are the app's", () => {
  const page = topFile("docs/moving-from-python.md");
  const named = Array.from(page.matchAll(/`(?:app\.<label>\.)?((?:spring|router)\.[\w.-]+=[\w-]+)`/gu), ([, property = ""]) => property);
  assert.ok(named.length > 3);
  for (const property of named) assert.deepEqual(readConfig({ args: [`--${property}`], env: {} }).unsupported, [], property);
});

test("an app that is asked to end while it starts ends as it does later", async (context) => {
  const app = startProcess(context, { properties: { "spring.cloud.stream.kafka.binder.brokers": "127.0.0.1:1" } });
  await app.line(/Starting timestamp-router/u);
  assert.equal((await app.stop()).exitCode, 0);
  assert.match(app.lines.join("\n"), /Received SIGTERM/u);
});

/** The paths that a file has asked for by GET. */
function probesIn(path: Start): readonly string[] {
  if (path.startsWith("recipe/")) return [...readProperties(path)].filter(([name]) => name.endsWith("ProbePath")).map(([, value]) => value);
  if (!path.startsWith("kubernetes/")) return [];
  const { metadata, spec } = (readYaml(path) as Deployment).spec.template;
  const [{ startupProbe, readinessProbe, livenessProbe }] = spec.containers;
  const scraped = metadata.annotations["prometheus.io/path"] ?? "";
  return [...[startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet.path), scraped];
}

/** The program of a container's health check, and its script. */
function healthCheckIn(path: Start): readonly [program?: string, script?: string] {
  if (!path.startsWith("compose/")) return [];
  const [, program, , script] = (readYaml(path) as Compose).services["router"]?.healthcheck?.test ?? [];
  return [program ?? "", script ?? ""];
}
