/** The registry, as `/actuator/metrics` shows it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetrics, type Metrics } from "../../../../hosts/dataflow/metrics.ts";

const FAMILY = { name: "router.records", description: "Records" };

function empty(tags: Readonly<Record<string, string>> = {}): Metrics {
  return createMetrics({ tags, now: () => 0 });
}

test("the names are in alphabetical order, each once", () => {
  const metrics = empty();
  metrics.counter({ name: "b", description: "" }, { output: "even" });
  metrics.counter({ name: "b", description: "" }, { output: "odd" });
  metrics.gauge({ name: "a", description: "" }, {}, () => 1);
  assert.deepEqual(metrics.names(), ["a", "b"]);
});

test("a description has the sum of all meters of the name, and the tags that would tell them apart", () => {
  const metrics = empty({ app: "router" });
  metrics.counter(FAMILY, { output: "even" }).add(3);
  metrics.counter(FAMILY, { output: "odd" }).add(4);
  assert.deepEqual(metrics.describe("router.records", new Map()), {
    name: "router.records",
    description: "Records",
    baseUnit: null,
    measurements: [{ statistic: "COUNT", value: 7 }],
    availableTags: [
      { tag: "app", values: ["router"] },
      { tag: "output", values: ["even", "odd"] },
    ],
  });
});

test("tags that are asked for leave out other meters, and are not offered again", () => {
  const metrics = empty({ app: "router" });
  metrics.counter(FAMILY, { output: "even" }).add(3);
  metrics.counter(FAMILY, { output: "odd" }).add(4);
  const described = metrics.describe("router.records", new Map([["output", "odd"]]));
  assert.deepEqual(described?.measurements, [{ statistic: "COUNT", value: 4 }]);
  assert.deepEqual(described?.availableTags, [{ tag: "app", values: ["router"] }]);
  assert.deepEqual(metrics.describe("router.records", new Map([["app", "router"]]))?.measurements, [{ statistic: "COUNT", value: 7 }]);
});

test("there is no description of a name, or of tags, that no meter has", () => {
  const metrics = empty();
  metrics.counter(FAMILY, { output: "even" });
  assert.equal(metrics.describe("router.record", new Map()), null);
  assert.equal(metrics.describe("router.records", new Map([["output", "odd"]])), null);
  assert.equal(metrics.describe("router.records", new Map([["input", "even"]])), null);
});

test("a timer has the number of events, their time in seconds, and the longest; of several timers the longest of all", () => {
  const metrics = empty();
  const family = { name: "router.commit", description: "Commits" };
  const taken = metrics.timer(family, { outcome: "taken" });
  taken.record(2);
  taken.record(0.5, 4);
  metrics.timer(family, { outcome: "refused" }).record(1);
  const described = metrics.describe("router.commit", new Map());
  assert.equal(described?.baseUnit, "seconds");
  assert.deepEqual(described?.measurements, [
    { statistic: "COUNT", value: 6 },
    { statistic: "TOTAL_TIME", value: 5 },
    { statistic: "MAX", value: 2 },
  ]);
});

test("the longest time is forgotten after a minute, and the sum is not", () => {
  let nowMs = 0;
  const metrics = createMetrics({ tags: {}, now: () => nowMs });
  metrics.timer({ name: "t", description: "" }).record(3);
  const values = (): readonly number[] => metrics.describe("t", new Map())?.measurements.map(({ value }) => value) ?? [];
  nowMs = 59_999;
  assert.deepEqual(values(), [1, 3, 3]);
  nowMs = 60_000;
  assert.deepEqual(values(), [1, 3, 0]);
});

test("a gauge and a counter that is read say what is so at the moment", () => {
  const metrics = empty();
  let now = 1;
  metrics.gauge({ name: "g", description: "", baseUnit: "bytes" }, {}, () => now);
  metrics.readCounter({ name: "c", description: "" }, {}, () => now * 10);
  now = 2;
  assert.deepEqual(metrics.describe("g", new Map())?.measurements, [{ statistic: "VALUE", value: 2 }]);
  assert.equal(metrics.describe("g", new Map())?.baseUnit, "bytes");
  assert.deepEqual(metrics.describe("c", new Map())?.measurements, [{ statistic: "COUNT", value: 20 }]);
});

test("a meter's own tag goes before the common one", () => {
  const metrics = empty({ output: "common" });
  metrics.counter(FAMILY, { output: "even" });
  assert.deepEqual(metrics.describe("router.records", new Map())?.availableTags, [{ tag: "output", values: ["even"] }]);
});

test("a meter that is there already, of another kind, or with other tag keys is our mistake", () => {
  const metrics = empty();
  metrics.counter(FAMILY, { output: "even" });
  assert.throws(() => metrics.counter(FAMILY, { output: "even" }), RangeError);
  assert.throws(() => metrics.timer(FAMILY, { output: "odd" }), RangeError);
  assert.throws(() => metrics.counter(FAMILY, { input: "odd" }), RangeError);
});
