/** The arithmetic over several runs of a benchmark, and their files; how fast anything is, no test decides. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import test, { type TestContext } from "node:test";
import { pathToFileURL } from "node:url";
import { coreConclusion, coreFigures, renderCoreRuns } from "../../bench/core-runs.ts";
import type { Row } from "../../bench/measure.ts";
import { renderPipeline } from "../../bench/pipeline-page.ts";
import { spreadOf, type PipelineReport, type PipelineRow } from "../../bench/pipeline-report.ts";
import { bestPeer, overRuns, pipelineConclusion, renderPipelineRuns } from "../../bench/pipeline-runs.ts";
import type { Delivery } from "../../bench/pipeline-router.ts";
import { roundedText, type Environment, type Report } from "../../bench/report.ts";
import { readRuns, runFiles, writeRun } from "../../bench/results-files.ts";
import { rangeText } from "../../bench/runs.ts";
import { renderScale, type ScaleReport, type ScaleRow } from "../../bench/scale-report.ts";
import { likeRows, scaleConclusion } from "../../bench/scale-runs.ts";

function environmentAt(date: string): Environment {
  return { date, command: "node", commit: "0123456789abcdef+", node: "v24", cpu: "cpu", cpuCount: 2, loadAverage: [0.25, 1, 2] };
}

const FIRST = environmentAt("2026-11-20T23:59:59.000Z");
const SECOND = environmentAt("2026-11-21T08:05:00.000Z");
const THIRD = environmentAt("2026-11-21T21:56:52.576Z");

test("a run adds a file named after the UTC minute of its start, and runs are read newest first", (context: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), "timestamp-router-results-"));
  context.after(() => rmSync(folder, { recursive: true }));
  const results = pathToFileURL(`${folder}/`);
  for (const environment of [SECOND, THIRD, FIRST]) writeRun("scale", { environment, rows: [] }, results);
  assert.deepEqual(
    runFiles("scale", results).map(({ pathname }) => basename(pathname)),
    ["2026-11-21T2156.json", "2026-11-21T0805.json", "2026-11-20T2359.json"],
  );
  assert.deepEqual(
    readRuns("scale", results).map(({ environment }) => environment),
    [THIRD, SECOND, FIRST],
  );
  assert.throws(() => readRuns("core", results), /there is no run of bench:core/);
});

test("each file of the repository's runs is named after the start of the run in it, and is a full one", () => {
  for (const benchmark of ["core", "pipeline", "scale"] as const) {
    const names = runFiles(benchmark).map(({ pathname }) => basename(pathname, ".json"));
    const runs = readRuns(benchmark);
    assert.deepEqual(
      names,
      runs.map(({ environment: { date } }) => date.slice(0, 16).replace(":", "")),
    );
    for (const { environment } of runs) assert.equal(environment.command, `node bench/${benchmark}.ts`);
  }
});

test("a range is the least to the most, one value where they read alike, and says when there is none", () => {
  assert.equal(rangeText([3, 1, 2], roundedText, "ns"), "1 to 3 ns");
  assert.equal(rangeText([1.001, 1.002], roundedText, "ns"), "1 ns");
  assert.equal(rangeText([7], roundedText, "times"), "7 times");
  assert.equal(rangeText([], roundedText, "times"), "not measured");
});

function coreRow(job: string, candidate: string, medianNs: number, ratio: number): Row {
  return { job, candidate, unit: "record", medianNs, minimumNs: medianNs, p90Ns: medianNs, ratio, outputHash: "same" };
}

function coreRun(environment: Environment, valueNs: number, peers: readonly Row[]): Report {
  const rows = [
    coreRow("values, 17 B x 1000", "core", valueNs, 1),
    coreRow("RecordBatch, null keys x 1000", "core, copied in and out", 40, 1),
    coreRow("RecordBatch, null keys x 1000", "core, in place", 20, 0.5),
    ...peers,
  ];
  return { environment, effort: { rounds: 1, sampleNs: 1, allocatingSampleNs: 1, warmUpNs: 0 }, moduleBytes: {}, gates: [], rows };
}

const CORE_PEERS = [
  coreRow("values, 17 B x 1000", "C, native, as the core", 4, 0.8),
  coreRow("RecordBatch, null keys x 1000", "C, native, as the core", 15, 0.375),
  coreRow("RecordBatch, null keys x 1000", "kafkajs decode, concat, encode", 4000, 100),
];

test("the core's figures compare native C with the core in place, and have none of a peer that was not there", () => {
  assert.deepEqual(coreFigures(coreRun(FIRST, 5, CORE_PEERS)), {
    valueNs: 5,
    valueOfC: 0.8,
    recordNs: 40,
    recordOfC: 0.75,
    recordOfKafkajs: 100,
  });
  const alone = coreFigures(coreRun(FIRST, 5, []));
  assert.deepEqual([alone.valueOfC, alone.recordOfC, alone.recordOfKafkajs], [null, null, null]);
});

test("each run of the core has a line, and a peer counts where it was", () => {
  const runs = [coreRun(SECOND, 6, []), coreRun(FIRST, 5, CORE_PEERS)] as const;
  const lines = renderCoreRuns(runs).split("\n").slice(2, 4);
  assert.equal(lines[0], "| 2026-11-21 08:05 | 0123456789 with changes | 0.3 1.0 2.0 | 6 ns |  | 40 ns |  |  |");
  assert.equal(lines[1], "| 2026-11-20 23:59 | 0123456789 with changes | 0.3 1.0 2.0 | 5 ns | 0.800 | 40 ns | 0.750 | 100 |");
  assert.match(
    coreConclusion(runs),
    /^2 runs: CPU time for a value of 17 bytes 5 to 6 ns, .* native C of the same algorithm 0\.800 times for a value/,
  );
});

const AT_LEAST_ONCE: Delivery = "at least once";

function routerRow(name: string, ns: number, more: Partial<PipelineRow> = {}): PipelineRow {
  return {
    name,
    delivery: AT_LEAST_ONCE,
    version: "1",
    settings: "defaults",
    records: 900,
    perSecond: spreadOf([1e9 / ns]),
    routerNs: spreadOf([ns]),
    brokerNs: spreadOf([100]),
    brokerBusy: 0.5,
    memoryMb: 200,
    startUpMs: 700,
    transactions: null,
    ratio: ns / 200,
    isOrderCompared: true,
    ...more,
  };
}

function pipelineRun(environment: Environment, ...rows: readonly PipelineRow[]): PipelineReport {
  const trickle = { intervalMs: 5, recordsPerSecond: 1000, transactionsPerSecond: 120 };
  return { environment, partitions: 4, rounds: 3, rows, latencies: [], trickle };
}

const APP = routerRow("timestamp-router", 200);
const THREE_RUNS = [
  pipelineRun(THIRD, APP, routerRow("peer", 600, { memoryMb: 100 })),
  pipelineRun(SECOND, APP, routerRow("peer", 150, { memoryMb: 100, startUpMs: 300 }), routerRow("other", 700)),
  pipelineRun(FIRST, APP, routerRow("peer", 800)),
] as const;

test("a router's runs are the least, the median and the most of the runs' medians, and how often it was better than the app", () => {
  const [app, peer, other] = overRuns(THREE_RUNS);
  assert.deepEqual([app?.name, app?.runs, app?.better], ["timestamp-router", 3, null]);
  assert.deepEqual(peer?.routerNs, { minimum: 150, median: 600, maximum: 800 });
  assert.deepEqual(peer.ratio, { minimum: 0.75, median: 3, maximum: 4 });
  assert.deepEqual(peer.better, { "router's CPU": 1, "records/s": 1, "broker's CPU": 0, memory: 2, "start-up": 1 });
  assert.deepEqual([other?.name, other?.runs], ["other", 1]);
});

test("a router with two deliveries is two, each beside the app with the same delivery", () => {
  const delivery: Delivery = "exactly once";
  const ours = routerRow("timestamp-router", 400, { delivery, ratio: 1, memoryMb: 90 });
  const peer = routerRow("peer", 500, { delivery, ratio: 1.25, memoryMb: 100 });
  const rows = overRuns([pipelineRun(FIRST, APP, ours, routerRow("peer", 600, { memoryMb: 100 }), peer)]);
  assert.deepEqual(
    rows.map(({ name, delivery: of, better }) => [name, of, better?.memory]),
    [
      ["timestamp-router", AT_LEAST_ONCE, undefined],
      ["timestamp-router", delivery, undefined],
      ["peer", AT_LEAST_ONCE, 1],
      ["peer", delivery, 0],
    ],
  );
});

test("the best peer takes least CPU time, and the app with other settings is no peer", () => {
  const rows = [APP, routerRow("timestamp-router, 500 ms", 100), routerRow("slow", 900), routerRow("fast", 300)];
  assert.equal(bestPeer(rows, AT_LEAST_ONCE)?.name, "fast");
  assert.equal(bestPeer(rows, "exactly once"), undefined);
});

test("each run of whole routers has a line with its figures and the best peers; what it did not measure is left empty", () => {
  const line = renderPipelineRuns(THREE_RUNS).split("\n")[2] ?? "";
  assert.match(line, /\| 200 ns \|  \| 5,000,000 \| peer, 3\.00 times \|  \|$/);
  assert.equal(
    pipelineConclusion(THREE_RUNS),
    "3 runs: CPU time of the app for a record 200 ns at least once and not measured exactly once; " +
      "the best peer at least once, peer, takes 0.750 to 4.00 times as much, no peer was measured exactly once.",
  );
});

test("the table over all runs comes before that of the newest run, and one run has none", () => {
  const page = renderPipeline(THREE_RUNS);
  const overAll = page.indexOf(
    "| peer | at least once | 3 | 150 ns | 600 ns | 800 ns | 0.750 to 4.00 times | 1 of 3 | 1 of 3 | 2 of 3 | 1 of 3 |",
  );
  const newest = page.indexOf("### The newest run");
  assert.ok(overAll >= 0 && overAll < newest);
  assert.equal(page.includes("| other | at least once | 1 | 700 ns"), true);
  assert.doesNotMatch(page.slice(newest), /\| other \|/);
  assert.doesNotMatch(renderPipeline([THREE_RUNS[0]]), /better than ours in/);
});

function scaleRow(records: number, routerNs: number, more: Partial<ScaleRow> = {}): ScaleRow {
  const point = { axis: "records", records, partitions: 4, valueBytes: 17, instances: 1 } as const;
  const measured = { perSecond: 2e6, megabytesPerSecond: 34, routerNs, brokerNs: 100, memoryMb: 200, memoryByTenth: [150] };
  return { ...point, ...measured, written: records, ...more };
}

function scaleRun(environment: Environment, ...rows: readonly ScaleRow[]): ScaleReport {
  return { environment, rows };
}

test("a point of an axis is the same in two runs when axis, records, partitions, value bytes and instances are", () => {
  const row = scaleRow(1000, 150);
  const others = [
    scaleRow(1000, 1, { axis: "instances" }),
    scaleRow(2000, 2),
    scaleRow(1000, 3, { partitions: 1 }),
    scaleRow(1000, 4, { valueBytes: 10 }),
    scaleRow(1000, 5, { instances: 2 }),
  ];
  const runs = [scaleRun(THIRD, row), scaleRun(SECOND, ...others), scaleRun(FIRST, ...others, scaleRow(1000, 160))];
  assert.deepEqual(
    likeRows(row, runs).map(({ routerNs }) => routerNs),
    [150, 160],
  );
});

test("the page of the scale has the newest run's figures and the CPU time over the runs that had the point", () => {
  const runs = [
    scaleRun(THIRD, scaleRow(1000, 150), scaleRow(5000, 140)),
    scaleRun(SECOND, scaleRow(1000, 170), scaleRow(9000, 1)),
    scaleRun(FIRST, scaleRow(1000, 130), scaleRow(5000, 120, { perSecond: 1e6 })),
  ] as const;
  const page = renderScale(runs);
  assert.match(page, /^\| 1,000 \| 2,000,000 \| 34 \| 150 ns \| 130 to 170 ns, n = 3 \| 100 ns \| 200 MB \| 0 \|$/m);
  assert.match(page, /^\| 5,000 \| .* \| 140 ns \| 120 to 140 ns, n = 2 \|/m);
  assert.doesNotMatch(page, /n = 1 run each/);
  assert.equal(
    scaleConclusion(runs),
    "2 runs: the app routes 5,000 records on one core at 1,000,000 to 2,000,000 records/s, with 120 to 140 ns of CPU time a record and 200 MB of memory at its most.",
  );
});

test("the page of the scale after one run has no column over the runs", () => {
  const page = renderScale([scaleRun(FIRST, scaleRow(1000, 150))]);
  assert.match(page, /^\| 1,000 \| 2,000,000 \| 34 \| 150 ns \| 100 ns \| 200 MB \| 0 \|$/m);
  assert.match(page, /n = 1 run each/);
  assert.doesNotMatch(page, /over the runs/);
});
