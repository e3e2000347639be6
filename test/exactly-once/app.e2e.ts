/** The app delivers exactly once: what readers of committed records see is every record, once and in order, whatever becomes of the app. */
import assert from "node:assert/strict";
import { startApp, type RunningApp } from "../broker/app.ts";
import { dumpedBatches } from "../broker/dump.ts";
import { faultless, verify, writeRecords, type RecordOptions } from "../broker/records.ts";
import { SLOWLY, streamOf, type Stream } from "../broker/stream.ts";
import { useBroker } from "../broker/use-broker.ts";

const PARTITIONS = 4;
const RECORDS = 60_000;
const PREFIX = "spring.cloud.stream.kafka.binder.transaction.transaction-id-prefix";
const TIMEOUT = "spring.cloud.stream.kafka.binder.transaction.producer.configuration.transaction.timeout.ms";
/** What a killed instance leaves open is soon ended. */
const EXACTLY_ONCE = { [PREFIX]: "router-", [TIMEOUT]: "2000", "router.commit-interval": "20ms" };
const COMMIT = /The group did not take|was not committed/u;

const broker = await useBroker({ heapMb: 384, properties: { "transaction.abort.timed.out.transaction.cleanup.interval.ms": 500 } });

const filled = async (name: string, records: Omit<RecordOptions, "partitions">): Promise<Stream> => {
  const stream = streamOf(broker.cluster.bootstrap, name);
  await broker.topics.create(stream.input, PARTITIONS);
  await writeRecords(broker.cluster.bootstrap, stream.input, { partitions: PARTITIONS, ...records });
  return { ...stream, properties: { ...stream.properties, ...EXACTLY_ONCE } };
};

const stopped = async (app: RunningApp): Promise<void> => {
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
};

broker.test("records are routed once, in transactions that all end", async (context) => {
  const stream = await filled("calm", { records: RECORDS });
  const app = startApp(context, { properties: stream.properties });
  await broker.topics.untilCommitted(stream.group, stream.input);
  await stopped(app);
  assert.deepEqual(
    app.lines.filter((line) => COMMIT.test(line)),
    [],
  );
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
  const batches = await dumpedBatches(broker.cluster, stream.even);
  assert.ok(batches.length > 0 && batches.every((batch) => / isTransactional: true /u.test(batch)), batches[0]);
});

broker.test("what an instance had not committed when it was killed is there once, from the next one", async (context) => {
  const stream = await filled("killed", { records: RECORDS });
  const first = startApp(context, { properties: { ...stream.properties, ...SLOWLY } });
  await broker.topics.untilMoreThan(3000, stream.even);
  await first.kill();
  const second = startApp(context, { properties: stream.properties });
  await broker.topics.untilCommitted(stream.group, stream.input);
  await stopped(second);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
});

broker.test("instances that come and go double nothing", async (context) => {
  const stream = await filled("shared", { records: RECORDS });
  const properties = { ...stream.properties, ...SLOWLY };
  const first = startApp(context, { properties });
  await broker.topics.untilMoreThan(1000, stream.even);
  const second = startApp(context, { properties });
  const third = startApp(context, { properties });
  await Promise.all([second, third].map(async (app) => app.line(/Routing /u)));
  await broker.topics.untilMoreThan(5000, stream.even);
  await stopped(first);
  await stopped(second);
  await broker.topics.untilCommitted(stream.group, stream.input);
  await stopped(third);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
  for (const app of [first, second, third])
    assert.deepEqual(
      app.lines.filter((line) => COMMIT.test(line)),
      [],
    );
});
