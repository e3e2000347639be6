/** The meters of several threads, read as those of one app. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics, type FamilySnapshot, type Metrics } from "../../../../hosts/dataflow/metrics.ts";
import { samplesOf, select, valueOf, type Sample } from "./scrape.ts";

const TAGS = { application: "a" };

/** What a thread tells of meters that a test registers. */
function threadWith(register: (metrics: Metrics) => void): readonly FamilySnapshot[] {
  const metrics = createMetrics({ tags: TAGS, now: () => 0 });
  register(metrics);
  return structuredClone(metrics.snapshot());
}

/** The app's meters: those that a test registers in the main thread, and those of threads. */
function joined(threads: readonly (readonly FamilySnapshot[])[], register: (metrics: Metrics) => void = () => {}): Metrics {
  const metrics = createMetrics({ tags: TAGS, now: () => 0, ofThreads: () => threads });
  register(metrics);
  return metrics;
}

/** A counter of this outcome. */
function counting(outcome: string, amount: number): readonly FamilySnapshot[] {
  return threadWith((metrics) => {
    metrics.counter({ name: "records", description: "" }, { outcome }).add(amount);
  });
}

/** A timer of so many events that took this long each. */
function timing(seconds: number, count: number): readonly FamilySnapshot[] {
  return threadWith((metrics) => {
    metrics.timer({ name: "commit", description: "" }).record(seconds, count);
  });
}

/** Two gauges with this value. */
function gauging(value: number): readonly FamilySnapshot[] {
  return threadWith((metrics) => {
    metrics.gauge({ name: "in.flight", description: "" }, {}, () => value);
    metrics.gauge({ name: "busy", description: "", across: "max" }, {}, () => value);
  });
}

/** A gauge with this value, which may not be known. */
function lagging(value: number): readonly FamilySnapshot[] {
  return threadWith((metrics) => {
    metrics.gauge({ name: "lag", description: "" }, {}, () => value);
  });
}

const scraped = (metrics: Metrics): readonly Sample[] => samplesOf(metrics.scrape(undefined, null).body);

test("counters with the same tags are added up, and others stay apart", () => {
  const metrics = joined([counting("routed", 2), counting("routed", 3), counting("tombstone", 5)]);
  const samples = scraped(metrics);
  assert.deepEqual(
    select(samples, "records_total").map(({ labels, value }) => [labels["outcome"], labels["application"], value]),
    [
      ["routed", "a", 5],
      ["tombstone", "a", 5],
    ],
  );
  assert.deepEqual(metrics.describe("records", new Map())?.measurements, [{ statistic: "COUNT", value: 10 }]);
  assert.deepEqual(metrics.names(), ["records"]);
});

test("the order of tags does not make another meter", () => {
  const one = threadWith((metrics) => metrics.counter({ name: "c", description: "" }, { a: "1", b: "2" }).add(1));
  const other = threadWith((metrics) => metrics.counter({ name: "c", description: "" }, { b: "2", a: "1" }).add(1));
  assert.equal(valueOf(scraped(joined([one, other])), "c_total"), 2);
});

test("of timers the events and their times are added up, and the longest time is that of all", () => {
  const samples = scraped(joined([timing(2, 3), timing(5, 1), timing(1, 1)]));
  assert.equal(valueOf(samples, "commit_seconds_count"), 5);
  assert.equal(valueOf(samples, "commit_seconds_sum"), 12);
  assert.equal(valueOf(samples, "commit_seconds_max"), 5);
});

test("gauges are added up, or the largest counts where the family says so", () => {
  const samples = scraped(joined([gauging(2), gauging(7), gauging(4)]));
  assert.equal(valueOf(samples, "in_flight"), 13);
  assert.equal(valueOf(samples, "busy"), 7);
});

test("what one thread does not know does not hide what the others know, and what none knows has no sample", () => {
  assert.equal(valueOf(scraped(joined([lagging(Number.NaN), lagging(7), lagging(Number.NaN)])), "lag"), 7);
  assert.equal(joined([lagging(Number.NaN), lagging(Number.NaN)]).scrape(undefined, null).body, "");
});

test("the main thread's meters are among them, once, and keep counting", () => {
  const thread = threadWith((metrics) => metrics.counter({ name: "logged", description: "" }).add(2));
  let count: (() => void) | null = null;
  const metrics = joined([thread, thread], (own) => {
    const counter = own.counter({ name: "logged", description: "" });
    count = () => {
      counter.add(1);
    };
    own.gauge({ name: "own", description: "" }, {}, () => 1);
  });
  assert.equal(valueOf(scraped(metrics), "logged_total"), 4);
  (count as (() => void) | null)?.();
  assert.equal(valueOf(scraped(metrics), "logged_total"), 5);
  assert.equal(valueOf(scraped(metrics), "own"), 1);
  // What a thread tells is its own, or it would be counted twice.
  assert.deepEqual(
    metrics.snapshot().map(({ name, meters }) => [name, meters[0]?.measurements[0]?.value]),
    [
      ["logged", 1],
      ["own", 1],
    ],
  );
});
