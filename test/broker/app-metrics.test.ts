/** What the app says of itself to whoever measures it, while it routes on a real broker. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { ASKED } from "../hosts/dataflow/metrics/dataflow-boards.ts";
import { samplesOf, select, valueOf, type Sample } from "../hosts/dataflow/metrics/scrape.ts";
import { startApp, type RunningApp } from "./app.ts";
import { writeRecords } from "./records.ts";
import { streamOf, type Stream } from "./stream.ts";
import { until } from "./topics.ts";
import { useBroker } from "./use-broker.ts";

const RECORDS = 20_000;
const LAG = "spring_cloud_stream_binder_kafka_offset";
const DEPLOYED = {
  "management.endpoints.web.exposure.include": "metrics,prometheus",
  "spring.cloud.dataflow.stream.name": "times",
  "spring.cloud.dataflow.stream.app.label": "router",
  "spring.cloud.dataflow.stream.app.type": "app",
  "spring.cloud.application.guid": "times.router-v1-0",
};

const broker = await useBroker();

/** Returns the first scrape that has this lag. The broker has a commit before the app has its answer, so it is asked again. */
async function untilLag(app: RunningApp, { group, input: topic }: Stream, lag: number): Promise<readonly Sample[]> {
  let samples: readonly Sample[] = [];
  await until(`the lag is ${lag}`, async () => {
    samples = samplesOf(await app.text("/actuator/prometheus"));
    return valueOf(samples, LAG, { group, topic }) === lag;
  });
  return samples;
}

/** Writes records in a transaction that stays open until the test ends: they are in the log, and no consumer of committed records gets them. */
async function leaveOpen(context: TestContext, topic: string, texts: readonly string[]): Promise<void> {
  const kafka = new Kafka({ clientId: "test", brokers: broker.cluster.bootstrap.split(","), logLevel: logLevel.NOTHING });
  const producer = kafka.producer({ transactionalId: "left-open", idempotent: true, maxInFlightRequests: 1 });
  await producer.connect();
  const transaction = await producer.transaction();
  context.after(async () => {
    await transaction.abort();
    await producer.disconnect();
  });
  await transaction.send({ topic, messages: texts.map((value) => ({ value })) });
}

broker.test("the meters of an app that has routed all there is account for each record, and say that nothing is left", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "metered");
  await broker.topics.create(stream.input, 2);
  await writeRecords(broker.cluster.bootstrap, stream.input, { partitions: 2, records: RECORDS });
  const app = startApp(context, { properties: { ...stream.properties, ...DEPLOYED } });
  await app.line(/Routing /u);
  await broker.topics.untilCommitted(stream.group, stream.input);
  const samples = await untilLag(app, stream, 0);
  const routed = select(samples, "router_records_total", { outcome: "routed" });
  assert.equal(
    routed.reduce((sum, { value }) => sum + value, 0),
    RECORDS,
  );
  assert.equal(valueOf(samples, "kafka_consumer_fetch_manager_records_lag_max"), 0);
  for (const { panel, series, matchers } of ASKED) assert.ok(select(samples, series, matchers).length > 0, `${panel}: ${series}`);
  const { body } = await app.get("/actuator/metrics/router.records?tag=outcome:routed");
  assert.deepEqual(body["measurements"], [{ statistic: "COUNT", value: RECORDS }]);
  assert.equal((await app.stop()).exitCode, 0);
});

broker.test("records that the broker does not hand over yet are lag, too", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "lagging");
  await broker.topics.create(stream.input, 1);
  await broker.topics.write(stream.input, 0, ["1", "2"]);
  const app = startApp(context, { properties: { ...stream.properties, ...DEPLOYED } });
  await broker.topics.untilCommitted(stream.group, stream.input);
  await untilLag(app, stream, 0);
  await leaveOpen(context, stream.input, ["3", "4", "5"]);
  await untilLag(app, stream, 3);
  assert.equal((await app.stop()).exitCode, 0);
});
