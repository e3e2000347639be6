/** The arithmetic of the comparison of whole routers; how fast any is, no test decides. */
import assert from "node:assert/strict";
import test from "node:test";
import { renderPipeline } from "../../bench/pipeline-page.ts";
import { quantile, rowOf, spreadOf, type Run } from "../../bench/pipeline-report.ts";

const DESCRIBED = { version: "1", settings: "defaults", isOrderCompared: true } as const;

function run(routerNs: number, more: Partial<Run> = {}): Run {
  return { records: 900, seconds: 0.5, routerNs, brokerNs: 9e7, memoryMb: 100, startUpMs: 700, transactions: null, ...more };
}

test("a quantile is a value that came, and the smallest that so many don't exceed", () => {
  assert.equal(quantile([3, 1, 2], 0.5), 2);
  assert.equal(quantile([4, 3, 2, 1], 0.5), 2);
  assert.equal(quantile([1, 2], 0.99), 2);
  assert.deepEqual(spreadOf([5, 1, 3]), { median: 3, minimum: 1, maximum: 5 });
});

test("rates and CPU time are a record's, by the median of the rounds", () => {
  const runs = [run(900_000), run(1_800_000), run(2_700_000)];
  const row = rowOf({ ...DESCRIBED, name: "a", delivery: "at least once" }, runs, runs);
  assert.equal(row.records, 900);
  assert.equal(row.perSecond.median, 1800);
  assert.deepEqual(row.routerNs, { median: 2000, minimum: 1000, maximum: 3000 });
  assert.equal(row.brokerNs.median, 1e5);
  assert.equal(row.brokerBusy, 0.18);
  assert.equal(row.ratio, 1);
});

test("a ratio is the median of the rounds' ratios, a record of the one to a record of the other", () => {
  const reference = [run(900), run(9000), run(90)];
  const half = { records: 450 };
  const row = rowOf({ ...DESCRIBED, name: "b", delivery: "at least once" }, [run(900, half), run(900, half), run(900, half)], reference);
  assert.equal(row.ratio, 2);
});

test("transactions are counted a second, and there are none at least once", () => {
  const transactional = [run(900, { transactions: 7 })];
  assert.equal(rowOf({ ...DESCRIBED, name: "c", delivery: "exactly once" }, transactional, []).transactions, 14);
  assert.equal(rowOf({ ...DESCRIBED, name: "c", delivery: "at least once" }, [run(900)], []).transactions, null);
});

test("the page names the peers that were better in something, and in what, and what was missing", () => {
  const ours = rowOf({ ...DESCRIBED, name: "timestamp-router", delivery: "at least once" }, [run(900)], [run(900)]);
  const peer = rowOf({ ...DESCRIBED, name: "peer", delivery: "at least once" }, [run(450)], [run(900)]);
  const machine = { date: "2026-11-21", command: "node", commit: null, node: "v24", cpu: "cpu", cpuCount: 2, loadAverage: [0] };
  const page = renderPipeline([
    {
      environment: { ...machine, missing: ["Go is not installed: franz-go is left out"] },
      partitions: 4,
      rounds: 1,
      rows: [ours, peer],
      latencies: [{ name: "no router", perSecond: 10_000, records: 100, p50Ms: 1, p99Ms: 2, maximumMs: 3 }],
      trickle: { intervalMs: 5, recordsPerSecond: 1000, transactionsPerSecond: 120 },
    },
  ]);
  assert.match(page, /\| peer \| at least once \| router's CPU \|/);
  assert.match(page, /machine: Go is not installed: franz-go is left out\./);
  assert.match(page, /1000 a second: 120 transactions a second/);
});
