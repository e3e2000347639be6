/** The table of docs/sizing.md: what a rate takes, by the CPU times that were measured for each size of a value. */
import type { ScaleReport, ScaleRow } from "./scale-report.ts";
import { tableOf, type Cells } from "./table.ts";

const RATES = [100_000, 1_000_000] as const;
/** A thread that has more to do has nothing left for what it missed while it was away. */
const UTILIZATION = 0.6;
const REPLICAS = 3;
/** Of a record in a RecordBatch without key and headers: its length, attributes, two deltas, three lengths. */
const RECORD_BYTES = 9;
/** `Even timestamp: ` and `Odd timestamp:`, on average. */
const PREFIX_BYTES = 15;

function rounded(value: number): string {
  return Number(value.toPrecision(2)).toLocaleString("en");
}

function cellsOf({ valueBytes, routerNs, brokerNs }: ScaleRow, perSecond: number): Cells {
  const readBytes = valueBytes + RECORD_BYTES;
  const writtenBytes = readBytes + PREFIX_BYTES;
  return [
    valueBytes.toLocaleString("en"),
    perSecond.toLocaleString("en"),
    Math.ceil((perSecond * routerNs) / 1e9 / UTILIZATION),
    rounded((perSecond * brokerNs * REPLICAS) / 1e9),
    rounded((perSecond * readBytes) / 1e6),
    rounded((perSecond * writtenBytes * REPLICAS) / 1e6),
  ];
}

/** Returns the table. */
export function sizingTable({ rows }: ScaleReport): string {
  const sizes = rows.filter(({ axis, valueBytes }) => axis === "value bytes" && valueBytes <= 10_000);
  const head: Cells = [
    "value, bytes",
    "records/s",
    `threads at ${100 * UTILIZATION} %`,
    "brokers' cores",
    "read from brokers, MB/s",
    "written to brokers, MB/s",
  ];
  return tableOf(
    head,
    sizes.flatMap((row) => RATES.map((perSecond) => cellsOf(row, perSecond))),
  );
}
