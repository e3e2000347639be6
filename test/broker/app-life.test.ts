/** The app starts without a broker, stops in the middle of the flow, is killed, shares its group, and loses no record. */
import assert from "node:assert/strict";
import { startApp } from "./app.ts";
import { faultless, verify, writeRecords, type RecordOptions } from "./records.ts";
import { SLOWLY, streamOf, type Stream } from "./stream.ts";
import { until } from "./topics.ts";
import { useBroker } from "./use-broker.ts";

const PARTITIONS = 4;
const STOP_PROMISE_MS = 10_000;

// The controller lets a killed node in again only when the session of its former life is over.
const PROMPT = { "broker.session.timeout.ms": 3000, "broker.heartbeat.interval.ms": 500 };
const broker = await useBroker({ heapMb: 384, properties: PROMPT });

/** Returns a stream whose input is full. */
const filled = async (name: string, records: Omit<RecordOptions, "partitions">): Promise<Stream> => {
  const stream = streamOf(broker.cluster.bootstrap, name);
  await broker.topics.create(stream.input, PARTITIONS);
  await writeRecords(broker.cluster.bootstrap, stream.input, { partitions: PARTITIONS, ...records });
  return stream;
};

broker.test("the app waits for a broker that is away, says so in its health and its log, and routes when it comes", async (context) => {
  const stream = await filled("away", { records: 5000 });
  await broker.cluster.kill(1);
  const app = startApp(context, { properties: stream.properties });
  await until("the health is DOWN", async () => (await app.get("/actuator/health")).body["status"] === "DOWN");
  assert.equal((await app.get("/actuator/health")).status, 200);
  assert.equal((await app.get("/actuator/health/liveness")).status, 200);
  const waiting = await app.line(/trying again in/u);
  assert.ok(waiting.includes(broker.cluster.bootstrap), waiting);

  await broker.cluster.restart(1);
  await broker.topics.untilCommitted(stream.group, stream.input);
  const health = await app.get("/actuator/health");
  assert.deepEqual([health.status, health.body["status"]], [200, "UP"]);
  assert.equal((await app.stop()).exitCode, 0);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(5000));
});

broker.test("the app drains within ten seconds of SIGTERM, so that the next run neither misses nor repeats a record", async (context) => {
  const stream = await filled("drained", { records: 60_000 });
  const first = startApp(context, { properties: { ...stream.properties, ...SLOWLY } });
  await first.line(/Routing /u);
  await broker.topics.untilMoreThan(3000, stream.even);
  const { exitCode, tookMs } = await first.stop();
  assert.equal(exitCode, 0, first.lines.join("\n"));
  assert.ok(tookMs < STOP_PROMISE_MS, `${tookMs} ms`);
  const { routed, missing } = await verify(broker.cluster.bootstrap, stream);
  assert.ok(routed > 3000 && missing > 0, `stopped in the middle: ${routed} routed, ${missing} not yet`);

  const second = startApp(context, { properties: stream.properties });
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await second.stop()).exitCode, 0);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(60_000));
});

broker.test("the app misses no record when it is killed in the middle of the flow and started again", async (context) => {
  const stream = await filled("killed", { records: 60_000 });
  const first = startApp(context, { properties: { ...stream.properties, ...SLOWLY } });
  await first.line(/Routing /u);
  await broker.topics.untilMoreThan(3000, stream.even);
  assert.equal((await first.kill()).signal, "SIGKILL");

  const second = startApp(context, { properties: stream.properties });
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await second.stop()).exitCode, 0);
  const { duplicated, ...verdict } = await verify(broker.cluster.bootstrap, stream);
  const { duplicated: _, ...wanted } = faultless(60_000);
  assert.deepEqual(verdict, wanted);
  assert.ok(duplicated < 60_000, `${duplicated} twice: more than what was not committed`);
});

broker.test("the app misses no record when the broker is killed in the middle of the flow and started again", async (context) => {
  const stream = await filled("broker-killed", { records: 60_000 });
  const app = startApp(context, { properties: { ...stream.properties, ...SLOWLY } });
  await app.line(/Routing /u);
  await broker.topics.untilMoreThan(3000, stream.even);
  await broker.cluster.kill(1);
  await broker.cluster.restart(1);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0);
  const { missing, unexpected, disordered } = await verify(broker.cluster.bootstrap, stream);
  assert.deepEqual({ missing, unexpected, disordered }, { missing: 0, unexpected: 0, disordered: 0 });
});

broker.test("the app shares its group with a second instance that comes and goes, and no record is missed", async (context) => {
  const stream = await filled("shared", { records: 150_000 });
  const first = startApp(context, { properties: { ...stream.properties, ...SLOWLY } });
  await first.line(/Routing /u);
  await broker.topics.untilMoreThan(2000, stream.even);
  const second = startApp(context, { properties: { ...stream.properties, ...SLOWLY } });
  await second.line(/Routing /u);
  const shared = (await broker.topics.endOffsets(stream.even)).reduce((sum, end) => sum + end, 0);
  await broker.topics.untilMoreThan(shared + 3000, stream.even);
  assert.equal((await second.stop()).exitCode, 0, second.lines.join("\n"));
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await first.stop()).exitCode, 0, first.lines.join("\n"));
  const { missing, unexpected, disordered, duplicated } = await verify(broker.cluster.bootstrap, stream);
  assert.deepEqual({ missing, unexpected, disordered }, { missing: 0, unexpected: 0, disordered: 0 });
  context.diagnostic(`${duplicated} records were routed twice`);
  assert.match(second.lines.at(-1) ?? "", /Stopped: [1-9]\d* records to even/u);
});

broker.test("the app ends at SIGTERM while it waits for a broker", async (context) => {
  const stream = streamOf("127.0.0.1:1", "nowhere");
  const app = startApp(context, { properties: stream.properties });
  await app.line(/trying again in/u);
  const { exitCode, tookMs } = await app.stop();
  assert.equal(exitCode, 0);
  assert.ok(tookMs < STOP_PROMISE_MS, `${tookMs} ms`);
});
