/** What the app does with its properties and its topics when it starts, and what its HTTP port answers. */
import assert from "node:assert/strict";
import { startApp, type AppSettings } from "./app.ts";
import { streamOf } from "./stream.ts";
import { useBroker } from "./use-broker.ts";

const binder = "spring.cloud.stream.kafka.binder";

const broker = await useBroker();

broker.test("the app creates outputs that are missing with the input's number of partitions", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "missing-outputs");
  await broker.topics.create(stream.input, 3);
  await broker.topics.create(stream.odd, 5);
  const app = startApp(context, { properties: stream.properties });
  await app.line(/Routing missing-outputs to missing-outputs-even and missing-outputs-odd$/u);
  assert.equal(await broker.topics.partitionCount(stream.even), 3);
  assert.equal(await broker.topics.partitionCount(stream.odd), 5, "one that exists keeps its own number");
  assert.equal((await app.stop()).exitCode, 0);
});

broker.test(
  "the app creates an input that is missing with the smallest number of partitions that is allowed, and the outputs like it",
  async (context) => {
    const stream = streamOf(broker.cluster.bootstrap, "missing-input");
    const app = startApp(context, { properties: { ...stream.properties, [`${binder}.min-partition-count`]: 2 } });
    await app.line(/Routing /u);
    for (const topic of [stream.input, stream.even, stream.odd]) assert.equal(await broker.topics.partitionCount(topic), 2, topic);
    assert.equal((await app.stop()).exitCode, 0);
  },
);

broker.test("the app ends when a topic is missing that it must not create, and names the topic and the property", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "not-created");
  await broker.topics.create(stream.input, 1);
  await broker.topics.create(stream.even, 1);
  const app = startApp(context, { properties: { ...stream.properties, [`${binder}.auto-create-topics`]: false } });
  assert.equal((await app.ended()).exitCode, 1);
  const told = app.lines.filter((line) => line.includes("not-created-odd") && line.includes(`${binder}.auto-create-topics`));
  assert.equal(told.length, 1, app.lines.join("\n"));
  assert.equal(await broker.topics.partitionCount(stream.odd), null);
});

broker.test("the app refuses a malformed property in one line that names it", async (context) => {
  const { properties } = streamOf(broker.cluster.bootstrap, "malformed");
  const app = startApp(context, { properties: { ...properties, "router.commit-interval": "soon" } });
  assert.equal((await app.ended()).exitCode, 1);
  assert.equal(app.errorLines.length, 1, app.errorLines.join("\n"));
  assert.match(app.errorLines[0] ?? "", /^timestamp-router: router\.commit-interval \(from [^)]+\): .*soon/u);
  assert.deepEqual(app.lines, []);
});

broker.test("the app refuses a rule that the core refuses in one line that names the property", async (context) => {
  const { properties } = streamOf(broker.cluster.bootstrap, "malformed-rule");
  const app = startApp(context, { properties: { ...properties, "router.prefix.even": String.raw`\q` } });
  assert.equal((await app.ended()).exitCode, 1);
  assert.match(app.errorLines.join("\n"), /^timestamp-router: router\.prefix\.even, character 1: .+$/u);
});

broker.test("the app takes its brokers from an argument, from JSON in the environment, and from a variable", async (context) => {
  const { [`${binder}.brokers`]: _, ...properties } = streamOf(broker.cluster.bootstrap, "told").properties;
  const ways: readonly AppSettings[] = [
    { properties: { ...properties, [`${binder}.brokers`]: `PLAINTEXT://${broker.cluster.bootstrap}` } },
    {
      properties,
      env: {
        SPRING_APPLICATION_JSON: JSON.stringify({
          spring: { cloud: { stream: { kafka: { binder: { brokers: broker.cluster.bootstrap } } } } },
        }),
      },
    },
    { properties, env: { SPRING_APPLICATION_JSON: JSON.stringify({ [`${binder}.brokers`]: broker.cluster.bootstrap }) } },
    { properties, env: { SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS: broker.cluster.bootstrap } },
    { properties, env: { SPRING_KAFKA_BOOTSTRAP_SERVERS: broker.cluster.bootstrap } },
  ];
  for (const way of ways) {
    const app = startApp(context, way);
    await app.line(/Routing told /u);
    assert.equal((await app.stop()).exitCode, 0);
  }
});

broker.test("the app is alive and ready while it routes", async (context) => {
  const app = startApp(context, { properties: streamOf(broker.cluster.bootstrap, "probed").properties });
  await app.line(/Routing /u);
  assert.deepEqual(await app.get("/actuator/health/liveness"), { status: 200, body: { status: "UP" } });
  assert.deepEqual(await app.get("/actuator/health/readiness"), { status: 200, body: { status: "UP" } });
  assert.deepEqual(await app.get("/actuator/health"), { status: 200, body: { status: "UP", groups: ["liveness", "readiness"] } });
  assert.equal((await app.stop()).exitCode, 0);
});
