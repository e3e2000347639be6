/** What the runs along one axis leave behind, and their part of bench/RESULTS.md. */
import { measuredText, type Environment } from "./report.ts";
import { tableOf, type Cells } from "./results-page.ts";

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

function rounded(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}

function cellsOf(row: ScaleRow): Cells {
  const { axis, records, perSecond, megabytesPerSecond, routerNs, brokerNs, memoryMb, written } = row;
  return [
    VALUE_OF[axis](row).toLocaleString("en"),
    rounded(perSecond),
    rounded(megabytesPerSecond),
    `${rounded(routerNs)} ns`,
    `${rounded(brokerNs)} ns`,
    `${rounded(memoryMb)} MB`,
    written - records,
  ];
}

/** Returns the part of the page. */
export function renderScale({ environment, rows }: ScaleReport): string {
  const axes = [...Map.groupBy(rows, ({ axis }) => axis)].map(([axis, ofAxis]) => {
    const head: Cells = [
      axis,
      "records/s",
      "MB/s of values",
      "router's CPU, a record",
      "broker's CPU, a record",
      "memory, most",
      "routed twice",
    ];
    return `### By ${axis}\n\n${tableOf(head, ofAxis.map(cellsOf))}`;
  });
  const longest = rows.toSorted((left, right) => right.records - left.records)[0];
  const memory = longest?.memoryByTenth.map((value) => Math.round(value)).join(", ") ?? "";
  return `## Scale

${measuredText(environment)}

One broker on one core and all instances of the app on the other one, at least once, with the app's defaults. One axis at a time; the others stay at
${describeMiddle(rows)}. n = 1 run each, so that small differences mean nothing.

${axes.join("\n\n")}

Resident memory in MB of the longest run, ${(longest?.records ?? 0).toLocaleString("en")} records, at the end of each tenth of it: ${memory}.
`;
}

function describeMiddle(rows: readonly ScaleRow[]): string {
  const middle = rows.find(({ axis }) => axis === "instances");
  if (middle === undefined) return "nothing";
  const { records, partitions, valueBytes } = middle;
  return `${records.toLocaleString("en")} records, ${partitions} partitions, ${valueBytes} bytes a value and one instance`;
}
