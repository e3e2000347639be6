/** The app routes by several threads: members of one group to the broker, one app to whoever looks at it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { samplesOf, select, valueOf, type Sample } from "../hosts/dataflow/metrics/scrape.ts";
import { startApp, type AppSettings, type RunningApp } from "./app.ts";
import { faultless, verify, writeRecords } from "./records.ts";
import { SLOWLY, streamOf, type Stream } from "./stream.ts";
import { until } from "./topics.ts";
import { useBroker } from "./use-broker.ts";

const PARTITIONS = 4;
const RECORDS = 40_000;
const STOP_PROMISE_MS = 10_000;
const BINDING = "spring.cloud.stream.bindings.input.consumer";
const KAFKA_BINDING = "spring.cloud.stream.kafka.bindings.input.consumer";
const EXACTLY_ONCE = {
  "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix": "router-",
  "router.commit-interval": "20ms",
};
const ALL = { "management.endpoints.web.exposure.include": "*" };

const broker = await useBroker();

/** Starts the app over a stream whose input is created unless it is there. */
async function startThreads(
  context: TestContext,
  name: string,
  threads: number,
  properties: AppSettings["properties"] = {},
): Promise<{ readonly stream: Stream; readonly app: RunningApp }> {
  const stream = streamOf(broker.cluster.bootstrap, name);
  if ((await broker.topics.partitionCount(stream.input)) === null) await broker.topics.create(stream.input, PARTITIONS);
  const app = startApp(context, { properties: { ...stream.properties, ...ALL, [`${BINDING}.concurrency`]: threads, ...properties } });
  return { stream, app };
}

async function untilMembers({ group }: Stream, count: number): Promise<readonly string[]> {
  let members: readonly string[] = [];
  await until(`${group} has ${count} members`, async () => {
    members = await broker.topics.members(group);
    return members.length === count;
  });
  return members.map((member) => member.replace(/-[0-9a-f-]{36}$/u, "")).toSorted();
}

/** Resolves when each thread routes. */
async function untilRouting(app: RunningApp, threads: number): Promise<void> {
  for (let thread = 0; thread < threads; thread++) await app.line(new RegExp(`\\[ *router-${thread}\\] .*: Routing `, "u"));
}

/** Writes the records and waits until all are routed and committed. */
async function route({ group, input }: Stream): Promise<void> {
  await writeRecords(broker.cluster.bootstrap, input, { partitions: PARTITIONS, records: RECORDS });
  await broker.topics.untilCommitted(group, input);
}

const sum = (samples: readonly Sample[]): number => samples.reduce((total, { value }) => total + value, 0);

broker.test(
  "two threads are two members of the group; every record comes out once and in order, and the meters have all of them",
  async (context) => {
    const { stream, app } = await startThreads(context, "two-threads", 2);
    await untilRouting(app, 2);
    assert.deepEqual(await untilMembers(stream, 2), ["timestamp-router-0", "timestamp-router-1"]);
    await route(stream);
    let samples: readonly Sample[] = [];
    await until("the meters have all records, and no lag is left", async () => {
      samples = samplesOf(await app.text("/actuator/prometheus"));
      const lags = select(samples, "spring_cloud_stream_binder_kafka_offset", { group: stream.group, topic: stream.input });
      const routed = select(samples, "router_records_total", { outcome: "routed" });
      return routed.length === 2 && sum(routed) === RECORDS && lags.length === 1 && lags[0]?.value === 0;
    });
    assert.equal(valueOf(samples, "router_sessions_opened_total"), 2);
    assert.equal(valueOf(samples, "router_in_flight_max_bytes"), 16_777_216);
    const clients: readonly string[] = select(samples, "kafka_producer_record_send_rate").map(({ labels }) => labels["client_id"] ?? "");
    assert.deepEqual(clients.toSorted(), ["timestamp-router-0", "timestamp-router-1"]);
    for (const { value } of select(samples, "kafka_consumer_fetch_manager_records_consumed_rate")) assert.ok(value > 0);
    assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
    const [, even, odd] = /Stopped: (\d+) records to even, (\d+) records to odd/u.exec(app.lines.at(-1) ?? "") ?? [];
    assert.equal(Number(even) + Number(odd), RECORDS);
    assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
  },
);

broker.test(
  "no more threads are started than there are partitions, which the log says; what an operator asks for reaches all",
  async (context) => {
    const { stream, app } = await startThreads(context, "eight-threads", 8);
    await untilRouting(app, PARTITIONS);
    const warning = await app.line(/ WARN /u);
    assert.match(warning, /: spring\.cloud\.stream\.bindings\.input\.consumer\.concurrency is 8, .* 4 partitions .*: starting 4 threads$/u);
    assert.equal((await untilMembers(stream, PARTITIONS)).at(-1), "timestamp-router-3");
    assert.equal((await app.get("/actuator/health")).body["status"], "UP");
    assert.equal(await app.post("/actuator/loggers/router.session", { configuredLevel: "DEBUG" }), 204);
    assert.equal(await app.post("/actuator/bindings/input", { state: "STOPPED" }), 204);
    assert.deepEqual(await broker.topics.members(stream.group), []);
    assert.equal((await app.get("/actuator/health")).body["status"], "UP");
    assert.equal(await app.post("/actuator/bindings/input", { state: "STARTED" }), 204);
    await route(stream);
    assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
    assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
  },
);

broker.test("with transactions each thread has its own, and readers of committed records see every record once", async (context) => {
  const { stream, app } = await startThreads(context, "threads-exactly-once", 2, EXACTLY_ONCE);
  await untilRouting(app, 2);
  await untilMembers(stream, 2);
  await route(stream);
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
  assert.doesNotMatch(app.lines.join("\n"), /was not committed/u);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
});

broker.test("the partitions of an instance index are divided among its threads", async (context) => {
  const { stream, app } = await startThreads(context, "threads-by-index", 2, {
    [`${KAFKA_BINDING}.auto-rebalance-enabled`]: false,
    "spring.cloud.stream.instance-count": 2,
    "spring.cloud.stream.instance-index": 1,
  });
  await untilRouting(app, 2);
  await untilMembers(stream, 2);
  for (let partition = 0; partition < PARTITIONS; partition++) await broker.topics.write(stream.input, partition, ["2"]);
  await until("the partitions 1 and 3 are routed", async () => (await broker.topics.endOffsets(stream.even)).join(" ") === "0 1 0 1");
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
  assert.deepEqual(await broker.topics.committed(stream.group, stream.input), [-1, 1, -1, 1]);
});

broker.test(
  "positions are reset once, whatever thread gets a partition later, and threads without a group's name read as one",
  async (context) => {
    const name = "threads-reset";
    await broker.topics.create(name, PARTITIONS);
    await writeRecords(broker.cluster.bootstrap, name, { partitions: PARTITIONS, records: RECORDS });
    // What a rebalance has routed a second time is not seen then.
    const { stream, app } = await startThreads(context, name, 2, {
      ...EXACTLY_ONCE,
      [`${KAFKA_BINDING}.reset-offsets`]: true,
      [`${KAFKA_BINDING}.start-offset`]: "earliest",
      "spring.cloud.stream.bindings.input.group": "",
    });
    await untilRouting(app, 2);
    for (let partition = 0; partition < PARTITIONS; partition++) await broker.topics.write(stream.input, partition, ["2"]);
    await until("all is routed and committed", async () => {
      const samples = samplesOf(await app.text("/actuator/prometheus"));
      const routed = sum(select(samples, "router_records_total", { outcome: "routed" }));
      return routed >= RECORDS + PARTITIONS && valueOf(samples, "spring_cloud_stream_binder_kafka_offset") === 0;
    });
    assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
    assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS + PARTITIONS));
  },
);

broker.test("a thread that can't go on ends the app, after the others have finished what they have", async (context) => {
  const { stream, app } = await startThreads(context, "thread-that-stops", 2, { "router.unroutable": "stop" });
  await untilRouting(app, 2);
  await untilMembers(stream, 2);
  await route(stream);
  await broker.topics.write(stream.input, 1, ["no digit"]);
  assert.equal((await app.ended()).exitCode, 1);
  assert.match(await app.line(/ WARN .*One thread can't go on/u), /no digit|not-a-digit|unroutable/u);
  assert.match(await app.line(/ ERROR .*Stopping, since this can't go on/u), /thread-that-stops-1/u);
  assert.deepEqual(await broker.topics.members(stream.group), []);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), { ...faultless(RECORDS + 1, { unroutable: 1 }) });
});

broker.test("all threads drain at SIGTERM, so that the next run neither misses nor repeats a record", async (context) => {
  const name = "threads-drained";
  const first = await startThreads(context, name, 2, SLOWLY);
  await untilRouting(first.app, 2);
  await untilMembers(first.stream, 2);
  assert.equal(await first.app.post("/actuator/bindings/input", { state: "PAUSED" }), 204);
  await writeRecords(broker.cluster.bootstrap, name, { partitions: PARTITIONS, records: RECORDS });
  assert.equal(await first.app.post("/actuator/bindings/input", { state: "RESUMED" }), 204);
  await broker.topics.untilMoreThan(3000, first.stream.even);
  const { exitCode, tookMs } = await first.app.stop();
  assert.equal(exitCode, 0, first.app.lines.join("\n"));
  assert.ok(tookMs < STOP_PROMISE_MS, `${tookMs} ms`);
  const { missing } = await verify(broker.cluster.bootstrap, first.stream);
  assert.ok(missing > 0, "stopped in the middle");
  const { stream, app } = await startThreads(context, name, 2);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
});

broker.test("with a concurrency of 1 the main thread routes, and there is no other", async (context) => {
  const { stream, app } = await startThreads(context, "one-thread", 1);
  assert.match(await app.line(/: Routing /u), /\[ +main\] router\.app /u);
  assert.deepEqual(await untilMembers(stream, 1), ["timestamp-router"]);
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
  assert.doesNotMatch(app.lines.join("\n"), /router-0/u);
});
