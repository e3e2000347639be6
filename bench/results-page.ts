/** The part of bench/RESULTS.md on the core: what the newest run has measured, what it belongs to, where the core is not the fastest, and all runs. */
import { inPlaceShare, renderCoreRuns } from "./core-runs.ts";
import { recordFuel, type FuelRow } from "./fuel.ts";
import type { Row } from "./measure.ts";
import type { Report } from "./report.ts";
import { measuredText, rateText, timeText } from "./report.ts";
import type { Runs } from "./results-files.ts";
import { tableOf, type Cells } from "./table.ts";

/** Returns how far the slow end of the rounds is from their median, in percent. */
function spreadText({ medianNs, p90Ns }: Row): string {
  return `+${Math.round(100 * (p90Ns / medianNs - 1))} %`;
}

function jobTable(rows: readonly Row[]): string {
  const cells = rows.map((row): Cells => {
    const { candidate, medianNs, minimumNs, ratio } = row;
    return [candidate, timeText(medianNs), timeText(minimumNs), spreadText(row), rateText(row), ratio.toPrecision(3)];
  });
  return tableOf(["candidate", "median", "minimum", "90th percentile", "rate", "ratio"], cells);
}

/** A limit does less than the job, and steps are parts of it. */
function isRival({ job, candidate, outputHash }: Row): boolean {
  return /^(?:values|CRC)/.test(job) && !candidate.startsWith("core") && outputHash !== "limit";
}

/** Candidates that are faster than the core's first build at the same job. */
function lostRows(rows: readonly Row[]): readonly Row[] {
  return rows.filter((row) => row.ratio < 1 && isRival(row));
}

/** RecordBatches are compared in place with what works in place. */
function lostBatches(rows: readonly Row[]): readonly (readonly [Row, number])[] {
  return rows.flatMap((row) => {
    const share = inPlaceShare(row, rows);
    return row.job.startsWith("RecordBatch") && row.candidate.startsWith("C") && share < 1 ? [[row, share] as const] : [];
  });
}

function lostTable(rows: readonly Row[]): string {
  const lost = [...lostRows(rows).map((row) => [row, row.ratio] as const), ...lostBatches(rows)];
  if (lost.length === 0) return "Nothing in this run.";
  return tableOf(
    ["job", "candidate", "its CPU time over the core's"],
    lost.map(([{ job, candidate }, ratio]) => [job, candidate, ratio.toPrecision(3)]),
  );
}

function fuelTable(fuel: readonly FuelRow[]): string {
  if (fuel.length === 0) return "Not counted: wasmtime was not there.";
  const cells = fuel.map((row): Cells => {
    const { file, rule, value, record } = row;
    const steps = [value, recordFuel(row), record.inputCrc, record.routing, record.outputs];
    return [`\`${file}\``, rule, ...steps.map((count) => count.toFixed(1))];
  });
  const head = [
    "build",
    "rule",
    "a value",
    "a record, both CRCs",
    "of it the input's CRC",
    "parsing, deciding, copying",
    "the outputs' headers and CRCs",
  ];
  return tableOf(head, cells);
}

/** Returns the part of the page. */
export function renderResults(runs: Runs<Report>): string {
  const [{ environment, effort, moduleBytes, gates, rows, fuel = [] }] = runs;
  const jobs = [...Map.groupBy(rows, ({ job }) => job)].map(([job, ofJob]) => `#### ${job}\n\n${jobTable(ofJob)}`);
  const { peers = [], missing = [] } = environment;
  return `## The core

![Records a second, one core](results/core.svg)

### Runs

${renderCoreRuns(runs)}

### The newest run

${measuredText(environment)} The chart and what follows of the core are of this run.

- Peers: ${peers.join("; ")}.
- Missing on that machine: ${missing.length === 0 ? "nothing" : missing.join("; ")}.
- n = ${effort.rounds} rounds a candidate, interleaved. Times are CPU time for one record, byte or call; a ratio is the median of the rounds' ratios to the
  job's first row, and carries over to other machines better than a time. All candidates of a job made the same bytes, but for \`memcpy\`, which is a
  limit: it only copies.

### Where others are faster

${lostTable(rows)}

### Sizes

${tableOf(
  ["module", "bytes"],
  Object.entries(moduleBytes).map(([file, bytes]) => [`\`${file}\``, bytes]),
)}

### Gates

${tableOf(
  ["gate", "measured", "limit", ""],
  gates.map(({ name, measured, limit, passed }) => [name, Number(measured.toPrecision(5)), limit, passed ? "held" : "**missed**"]),
)}

### Fuel

Operators that run, counted by wasmtime: the same on every machine, and no time.

${fuelTable(fuel)}

### Jobs

${jobs.join("\n\n")}
`;
}
