/** An operator pauses, resumes, stops, starts and shuts down the app on a real broker, over HTTP. */
import assert from "node:assert/strict";
import { setTimeout } from "node:timers/promises";
import { startApp } from "./app.ts";
import { streamOf } from "./stream.ts";
import { useBroker } from "./use-broker.ts";

/** The shortest that brokers allow by default. */
const SESSION_TIMEOUT_MS = 6000;
const POLL_MS = 200;

const broker = await useBroker();

const sum = async (topic: string): Promise<number> => (await broker.topics.endOffsets(topic)).reduce((total, end) => total + end, 0);

broker.test(
  "a paused app routes nothing and stays a member of its group for as long as it takes; a resumed one goes on",
  async (context) => {
    const stream = streamOf(broker.cluster.bootstrap, "paused");
    await broker.topics.create(stream.input, 2);
    const timeout = { "spring.cloud.stream.kafka.binder.configuration.session.timeout.ms": SESSION_TIMEOUT_MS };
    const app = startApp(context, { properties: { ...stream.properties, ...timeout } });
    await app.line(/Routing /u);
    await broker.topics.write(stream.input, 0, ["2"]);
    await broker.topics.untilCommitted(stream.group, stream.input);
    const members = await broker.topics.members(stream.group);
    assert.equal(members.length, 1);
    assert.equal(await app.post("/actuator/bindings/input", { state: "PAUSED" }), 204);
    await broker.topics.write(stream.input, 1, ["4"]);
    // A member that is not heard of would be thrown out within this time.
    const until = performance.now() + 1.5 * SESSION_TIMEOUT_MS;
    while (performance.now() < until) {
      assert.deepEqual(await broker.topics.members(stream.group), members);
      assert.equal(await sum(stream.even), 1);
      await setTimeout(POLL_MS);
    }
    assert.deepEqual((await app.get("/actuator/health")).body, { status: "UP", groups: ["liveness", "readiness"] });
    assert.equal(await app.post("/actuator/bindings/input", { state: "RESUMED" }), 204);
    await broker.topics.untilCommitted(stream.group, stream.input);
    assert.equal(await sum(stream.even), 2);
    assert.deepEqual(await broker.topics.members(stream.group), members);
    assert.equal((await app.stop()).exitCode, 0);
  },
);

broker.test("a stopped app has committed everything and left its group; a started one goes on behind it", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "stopped");
  await broker.topics.create(stream.input, 1);
  const app = startApp(context, { properties: stream.properties });
  await app.line(/Routing /u);
  await broker.topics.write(stream.input, 0, ["1", "2", "3"]);
  await broker.topics.untilMoreThan(1, stream.odd);
  assert.equal(await app.post("/actuator/bindings/input", { state: "STOPPED" }), 204);
  assert.deepEqual(await broker.topics.members(stream.group), []);
  assert.deepEqual(await broker.topics.committed(stream.group, stream.input), [3]);
  assert.equal((await app.get("/actuator/health")).body["status"], "UP");
  await broker.topics.write(stream.input, 0, ["4"]);
  assert.equal(await app.post("/actuator/bindings/input", { state: "STARTED" }), 204);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.deepEqual([await sum(stream.even), await sum(stream.odd)], [2, 2]);
  assert.equal((await app.stop()).exitCode, 0);
});

broker.test(
  "an app that does not start by itself reads nothing until it is told to, and POST /shutdown ends it as SIGTERM does",
  async (context) => {
    const stream = streamOf(broker.cluster.bootstrap, "started-later");
    await broker.topics.create(stream.input, 1);
    await broker.topics.write(stream.input, 0, ["1", "2"]);
    const settings = { "spring.cloud.stream.bindings.input.consumer.auto-startup": false, "endpoints.shutdown.enabled": true };
    const app = startApp(context, { properties: { ...stream.properties, ...settings } });
    assert.equal((await app.get("/actuator/health")).body["status"], "UP");
    assert.deepEqual(await broker.topics.members(stream.group), []);
    assert.equal(await app.post("/actuator/bindings/input", { state: "STARTED" }), 204);
    await broker.topics.untilCommitted(stream.group, stream.input);
    assert.equal(await app.post("/shutdown", {}), 200);
    assert.equal((await app.ended()).exitCode, 0);
    assert.match(app.lines.join("\n"), /Received POST \/shutdown: no more records are taken/u);
    assert.deepEqual(await broker.topics.members(stream.group), []);
  },
);
