/** What a session tells the router's meters, and what they say of it. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { createMetrics, type Metrics } from "../../../../hosts/dataflow/metrics.ts";
import { createRouterMeters } from "../../../../hosts/dataflow/metrics/router-meters.ts";
import type { Session, SessionOptions } from "../../../../hosts/dataflow/session.ts";
import { FakeBinder } from "../fake-binder.ts";
import { plainBytes } from "../fetched.ts";
import { LONG, TIGHT, open, values, type Opened } from "../opened-session.ts";
import { start } from "../started-app.ts";
import { samplesOf, select, valueOf, type Matchers } from "./scrape.ts";

interface Metered extends Opened {
  readonly metrics: Metrics;
  /** The value of the one sample of this name with these labels. */
  readonly read: (name: string, matchers?: Matchers) => number;
}

/** A session of the group `group`, which reads `in`, with its meters. */
async function metered(context: TestContext, changes: Partial<SessionOptions> = {}): Promise<Metered> {
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  let session: Session | null = null;
  const meters = createRouterMeters(metrics, {
    topics: ["in"],
    group: "group",
    outputs: ["even", "odd"],
    unroutable: "log",
    inFlightBytesMax: 5000,
    session: () => session,
  });
  const opened = await open(context, { meters, ...changes });
  session = opened.session;
  return { ...opened, metrics, read: (name, matchers) => valueOf(samplesOf(metrics.scrape(undefined, null).body), name, matchers) };
}

test("each record that was read is in one count of what became of it, and unroutable ones in one of why", async (context) => {
  const { consumer, read } = await metered(context);
  await consumer.deliver(values(0n, ["1", "2", "3", null, "x", "y", ""]));
  assert.equal(read("router_records_total", { outcome: "routed", output: "even" }), 1);
  assert.equal(read("router_records_total", { outcome: "routed", output: "odd" }), 2);
  assert.equal(read("router_records_total", { outcome: "tombstone", output: "none" }), 1);
  assert.equal(read("router_records_total", { outcome: "unroutable", output: "none" }), 3);
  assert.equal(read("router_records_total", { outcome: "dead-letter", output: "none" }), 0);
  assert.equal(read("router_unroutable_total", { policy: "log", reason: "not-a-digit" }), 2);
  assert.equal(read("router_unroutable_total", { policy: "log", reason: "empty" }), 1);
  assert.equal(read("spring_integration_receive_total"), 7);
});

test("what is read counts by the fetch and by the batch, and the core's time by the stretch", async (context) => {
  const { consumer, read } = await metered(context);
  const [first, second] = [plainBytes(0n, ["1", "2"]), plainBytes(2n, ["3"])];
  await consumer.deliver(values(0n, ["1", "2"]));
  await consumer.deliver(values(2n, ["3"]));
  assert.equal(read("router_fetches_total"), 2);
  assert.equal(read("router_fetched_batches_total"), 2);
  assert.equal(read("router_fetched_bytes_total"), first.length + second.length);
  assert.equal(read("router_core_seconds_count"), 2);
  assert.ok(read("router_core_seconds_sum") > 0);
});

test("what is written is in flight until it is acknowledged, and counts then", async (context) => {
  const { binder, consumer, producer, read } = await metered(context);
  await consumer.deliver(values(0n, ["1", "3"]));
  const [sent] = producer.sent;
  assert.equal(read("router_in_flight_bytes"), sent?.bytes.length);
  assert.equal(read("router_in_flight_max_bytes"), 5000);
  assert.equal(read("router_written_batches_total", { output: "odd" }), 0);
  sent?.acknowledge();
  await binder.until(() => consumer.commits.length === 1);
  assert.equal(read("router_in_flight_bytes"), 0);
  assert.equal(read("router_written_batches_total", { output: "odd" }), 1);
  assert.equal(read("router_written_bytes_total", { output: "odd" }), sent?.bytes.length);
  assert.equal(read("router_acknowledgement_seconds_count", { output: "odd" }), 1);
  assert.equal(read("spring_integration_send_seconds_count", { name: "odd", result: "success" }), 2);
});

test("records whose batch is refused are failures of their output's channel, by the error", async (context) => {
  const { session, consumer, producer, read } = await metered(context);
  await consumer.deliver(values(0n, ["1", "3"]));
  producer.sent[0]?.refuse(new TypeError("not taken"));
  await assert.rejects(session.failed);
  const failed = { type: "channel", name: "odd", result: "failure" };
  assert.equal(read("spring_integration_send_seconds_count", { ...failed, exception: "TypeError" }), 2);
  assert.equal(read("spring_integration_send_seconds_count", { ...failed, exception: "PRODUCE_FAILED" }), 0);
  assert.equal(read("router_written_batches_total", { output: "odd" }), 0);
});

test("commits count by whether the group took them", async (context) => {
  const { binder, consumer, producer, read } = await metered(context);
  producer.acknowledgesAtOnce = true;
  consumer.commitError = new Error("no coordinator");
  await consumer.deliver(values(0n, ["1"]));
  await binder.until(() => consumer.commits.length === 1);
  assert.equal(read("router_commit_seconds_count", { outcome: "refused" }), 1);
  assert.equal(read("router_commit_seconds_count", { outcome: "taken" }), 1);
});

test("the wait for room among what is in flight is told, and where there is room there is none", async (context) => {
  const { binder, consumer, producer, read } = await metered(context, TIGHT);
  await consumer.deliver(values(0n, ["1"]));
  assert.equal(read("router_held_back_seconds_count"), 0);
  const running = consumer.deliver(values(1n, [`${LONG}1`]));
  await binder.until(() => producer.sent.length === 2);
  producer.acknowledgeAll();
  await running;
  assert.equal(read("router_held_back_seconds_count"), 1);
});

test("the lag is what the group has not committed of what the log has", async (context) => {
  const { binder, consumer, metrics, producer, read } = await metered(context);
  const lag = "spring_cloud_stream_binder_kafka_offset";
  assert.deepEqual(select(samplesOf(metrics.scrape(undefined, null).body), lag), []);
  consumer.reached = [{ topic: "in", partition: 0, position: 5n, endOffset: 9n }];
  assert.equal(read(lag, { group: "group", topic: "in" }), 4);
  await consumer.deliver(values(5n, ["1", "3"]));
  consumer.reached = [{ topic: "in", partition: 0, position: 7n, endOffset: 9n }];
  assert.equal(read(lag), 4);
  producer.acknowledgeAll();
  await binder.until(() => consumer.commits.length === 1);
  assert.equal(read(lag), 2);
});

test("each assignment of partitions counts", async (context) => {
  const { consumer, read } = await metered(context);
  consumer.options.onAssigned?.([]);
  consumer.options.onAssigned?.([]);
  assert.equal(read("router_assignments_total"), 2);
});

test("sessions are told apart by whether they came about, and a position that is gone counts", async (context) => {
  const binder = new FakeBinder();
  binder.connectErrors.push(new Error("the broker is away"));
  const { app, log, metrics } = start(context, binder);
  await log.line(/Routing/u);
  const read = (name: string): number => valueOf(samplesOf(metrics.scrape(undefined, null).body), `router_${name}_total`);
  assert.deepEqual(["sessions_failed", "sessions_opened", "jumps"].map(read), [1, 1, 0]);
  binder.consumers[0]?.options.onJump?.({ topic: "input", partition: 0, from: 9n, to: 0n, endOffset: 3n, symptom: "its log ends at 3" });
  assert.equal(read("jumps"), 1);
  assert.equal(app.counts().jumps, 1);
});
