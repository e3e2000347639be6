/** What Kafka's clients count. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics, type Metrics } from "../../../../hosts/dataflow/metrics.ts";
import { createKafkaMeters } from "../../../../hosts/dataflow/metrics/kafka-meters.ts";
import { turn } from "../fake-binder.ts";
import { FakeClient, ignore, open } from "../fake-client.ts";
import { client as producerClient, ok, options, refused } from "../fake-producer-client.ts";
import { plainBytes } from "../fetched.ts";
import { createMemoryLog } from "../memory-log.ts";
import { samplesOf, valueOf } from "./scrape.ts";

/** Seconds that a rate is divided by when no time passes. */
const WINDOW_S = 50;

function readerOf(metrics: Metrics, part: "producer" | "consumer_fetch_manager"): (name: string) => number {
  return (name) => valueOf(samplesOf(metrics.scrape(undefined, null).body), `kafka_${part}_${name}`);
}

test("a producer counts what it sent, and how long it took", () => {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  const meters = createKafkaMeters(metrics, "client", () => 0);
  const read = readerOf(metrics, "producer");
  const [first, second] = [meters.delivering(), meters.delivering()];
  assert.equal(read("requests_in_flight"), 2);
  first({ bytes: 200, plainBytes: 400, records: 10, queuedMs: 1, latencyMs: 5, attempts: 1, outcome: "acknowledged" });
  second({ bytes: 100, plainBytes: 100, records: 20, queuedMs: 3, latencyMs: 9, attempts: 3, outcome: "acknowledged" });
  assert.equal(read("requests_in_flight"), 0);
  assert.deepEqual(
    ["record_send_rate", "record_retry_rate", "request_rate", "response_rate", "outgoing_byte_rate"].map((name) => read(name) * WINDOW_S),
    [30, 40, 4, 2, 300],
  );
  assert.deepEqual(["batch_size_avg", "records_per_request_avg", "record_size_avg"].map(read), [150, 15, (40 + 5) / 2]);
  assert.deepEqual(["record_queue_time_avg", "request_latency_avg", "request_latency_max"].map(read), [2, 7, 9]);
  assert.equal(read("compression_rate_avg"), 0.75);
});

test("a batch that failed counts as errors, and one that was too large as a retry", () => {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  const meters = createKafkaMeters(metrics, "client", () => 0);
  const read = readerOf(metrics, "producer");
  const batch = { bytes: 100, plainBytes: 100, queuedMs: 0, latencyMs: 1, attempts: 1 };
  meters.delivering()({ ...batch, records: 3, outcome: "failed" });
  meters.delivering()({ ...batch, records: 4, outcome: "too-large" });
  const counts = ["record_error_rate", "record_retry_rate", "record_send_rate", "request_rate"].map((name) => read(name) * WINDOW_S);
  assert.deepEqual(counts, [3, 4, 0, 2]);
});

test("the producer tells of each batch that it sent, with its attempts and the wait before it", async () => {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  const read = readerOf(metrics, "producer");
  const { producer, requests } = await producerClient(options(createMemoryLog(), metrics));
  const written = [plainBytes(0n, ["2", "4"]), plainBytes(0n, ["6"])].map(async (batch) => producer.produce("even", 0, batch));
  await turn();
  assert.equal(read("requests_in_flight"), 1);
  // kafkajs asks for the batch at each attempt.
  requests[0]?.batch.reduce();
  requests[0]?.batch.reduce();
  requests[0]?.answer([ok("even", 0)]);
  await turn();
  requests[1]?.batch.reduce();
  requests[1]?.answer([ok("even", 0)]);
  await Promise.all(written);
  assert.equal(read("requests_in_flight"), 0);
  assert.deepEqual(
    ["record_send_rate", "record_retry_rate", "request_rate"].map((name) => Math.round(read(name) * WINDOW_S)),
    [3, 2, 3],
  );
  assert.ok(read("record_queue_time_avg") > 0);
  assert.ok(read("request_latency_avg") > 0);
  assert.equal(read("compression_rate_avg"), 1);
});

test("the producer tells of a batch that was refused", async () => {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  const { producer, requests } = await producerClient(options(createMemoryLog(), metrics));
  const written = producer.produce("even", 0, plainBytes(0n, ["2", "4"]));
  await turn();
  requests[0]?.refuse(refused("TOPIC_AUTHORIZATION_FAILED"));
  await assert.rejects(written);
  assert.equal(readerOf(metrics, "producer")("record_error_rate") * WINDOW_S, 2);
});

test("the consumer tells of its fetches, and of what they brought", async () => {
  const client = new FakeClient();
  const read = readerOf(client.metrics, "consumer_fetch_manager");
  await open(client, ignore);
  const records = plainBytes(10n, ["1", "2", "3"]);
  await client.fetch(records, "10");
  client.answered(20);
  client.answered(40);
  assert.deepEqual(
    ["records_consumed_rate", "bytes_consumed_rate", "fetch_rate"].map((name) => Math.round(read(name) * WINDOW_S)),
    [3, records.length, 2],
  );
  assert.deepEqual(["fetch_latency_avg", "fetch_latency_max"].map(read), [30, 40]);
});

test("the consumer knows how far it is in the partitions that it has, and its lag is that of those", async () => {
  const client = new FakeClient();
  const read = readerOf(client.metrics, "consumer_fetch_manager");
  const consumer = await open(client, ignore);
  const own = [1, 2].map((partition) => ({ topic: "in", partition, position: 10n, endOffset: 10n + BigInt(partition) * 4n }));
  client.progress = [...own, { topic: "in", partition: 0, position: 0n, endOffset: 100n }];
  assert.deepEqual(consumer.progress(), own);
  assert.deepEqual(["records_lag_avg", "records_lag_max"].map(read), [6, 8]);
  await client.fetch(plainBytes(10n, ["1", "2"]), "10");
  assert.equal(read("records_lag_max"), 6);
  await consumer.close();
  assert.doesNotMatch(client.metrics.scrape(undefined, null).body, /records_lag/u);
});

test("a consumer that is late to close takes nothing from its successor", () => {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  const meters = createKafkaMeters(metrics, "client", () => 0);
  const read = readerOf(metrics, "consumer_fetch_manager");
  const closeFirst = meters.consuming(() => []);
  const closeSecond = meters.consuming(() => [{ topic: "in", partition: 0, position: 1n, endOffset: 4n }]);
  closeFirst();
  assert.equal(read("records_lag_max"), 3);
  closeSecond();
  assert.doesNotMatch(metrics.scrape(undefined, null).body, /records_lag/u);
});
