/** What a run along the axes leaves behind, and the part of bench/RESULTS.md on such runs. */
import { measuredText, roundedText, type Environment } from "./report.ts";
import type { Runs } from "./results-files.ts";
import { likeRows, longestRow, renderScaleRuns } from "./scale-runs.ts";
import { rangeText } from "./runs.ts";
import { tableOf, type Cells } from "./table.ts";

export type Axis = "records" | "partitions" | "value bytes" | "instances";

/** One run. */
export interface ScaleRow {
  readonly axis: Axis;
  readonly records: number;
  readonly partitions: number;
  readonly valueBytes: number;
  readonly instances: number;
  /** Of all instances, from the first record in an output to the last position that is committed. */
  readonly perSecond: number;
  /** Of values. */
  readonly megabytesPerSecond: number;
  /** CPU time a record, of all instances. */
  readonly routerNs: number;
  readonly brokerNs: number;
  /** The most that one instance had. */
  readonly memoryMb: number;
  /** What the first instance had at the end of each tenth of the time. */
  readonly memoryByTenth: readonly number[];
  /** Records in the outputs: more than `records` when some were routed twice. */
  readonly written: number;
}

export interface ScaleReport {
  readonly environment: Environment;
  readonly rows: readonly ScaleRow[];
}

const VALUE_OF: Readonly<Record<Axis, (row: ScaleRow) => number>> = {
  records: ({ records }) => records,
  partitions: ({ partitions }) => partitions,
  "value bytes": ({ valueBytes }) => valueBytes,
  instances: ({ instances }) => instances,
};

function cellsOf(row: ScaleRow, runs: Runs<ScaleReport>): Cells {
  const { axis, records, perSecond, megabytesPerSecond, routerNs, brokerNs, memoryMb, written } = row;
  const like = likeRows(row, runs);
  const overRuns = rangeText(
    like.map((one) => one.routerNs),
    roundedText,
    "ns",
  );
  return [
    VALUE_OF[axis](row).toLocaleString("en"),
    roundedText(perSecond),
    roundedText(megabytesPerSecond),
    `${roundedText(routerNs)} ns`,
    ...(runs.length === 1 ? [] : [`${overRuns}, n = ${like.length}`]),
    `${roundedText(brokerNs)} ns`,
    `${roundedText(memoryMb)} MB`,
    written - records,
  ];
}

function headOf(axis: Axis, runs: Runs<ScaleReport>): Cells {
  return [
    axis,
    "records/s",
    "MB/s of values",
    "router's CPU, a record",
    ...(runs.length === 1 ? [] : ["over the runs"]),
    "broker's CPU, a record",
    "memory, most",
    "routed twice",
  ];
}

/** Returns the part of the page. */
export function renderScale(runs: Runs<ScaleReport>): string {
  const [{ environment, rows }] = runs;
  const axes = [...Map.groupBy(rows, ({ axis }) => axis)].map(([axis, ofAxis]) => {
    const lines = ofAxis.map((row) => cellsOf(row, runs));
    return `### By ${axis}\n\n${tableOf(headOf(axis, runs), lines)}`;
  });
  const longest = longestRow(rows);
  const memory = longest?.memoryByTenth.map((value) => Math.round(value)).join(", ") ?? "";
  return `## Scale

### Runs

${renderScaleRuns(runs)}

### The newest run

${measuredText(environment)} What follows is of this run${runs.length === 1 ? "" : ", but for the column `over the runs`"}.

One broker on one core and all instances of the app on the other one, at least once, with the app's defaults. One axis at a time; the others stay at
${describeMiddle(rows)}. ${repeatedText(runs)}

${axes.join("\n\n")}

Resident memory in MB of the longest run, ${(longest?.records ?? 0).toLocaleString("en")} records, at the end of each tenth of it: ${memory}.
`;
}

/** Each point is measured once in a run. */
function repeatedText(runs: Runs<ScaleReport>): string {
  if (runs.length === 1) return "n = 1 run each, so that small differences mean nothing.";
  return "`over the runs` has the router's CPU time a record in all n runs that had the point, least to most: smaller differences mean nothing.";
}

function describeMiddle(rows: readonly ScaleRow[]): string {
  const middle = rows.find(({ axis }) => axis === "instances");
  if (middle === undefined) return "nothing";
  const { records, partitions, valueBytes } = middle;
  return `${records.toLocaleString("en")} records, ${partitions} partitions, ${valueBytes} bytes a value and one instance`;
}
