/** What a run of whole routers leaves behind, and its arithmetic. */
import type { Environment } from "./report.ts";
import type { Delivery } from "./pipeline-router.ts";

/** One router, once through the input. */
export interface Run {
  readonly records: number;
  readonly seconds: number;
  /** CPU time of the router, and of the broker meanwhile. */
  readonly routerNs: number;
  readonly brokerNs: number;
  readonly memoryMb: number;
  /** From the start of the process to the first record in an output. */
  readonly startUpMs: number;
  /** Null where there are none. */
  readonly transactions: number | null;
}

/** A number over the rounds. */
export interface Spread {
  readonly median: number;
  readonly minimum: number;
  readonly maximum: number;
}

/** What came of one router. */
export interface PipelineRow {
  readonly name: string;
  readonly delivery: Delivery;
  readonly version: string;
  readonly settings: string;
  /** Of a round. */
  readonly records: number;
  readonly perSecond: Spread;
  /** CPU time a record. */
  readonly routerNs: Spread;
  readonly brokerNs: Spread;
  /** Share of its core that the broker had to do. */
  readonly brokerBusy: number;
  readonly memoryMb: number;
  readonly startUpMs: number;
  /** A second; null where there are none. */
  readonly transactions: number | null;
  /** CPU time a record over that of the first router of the same delivery: the median of the rounds' ratios. */
  readonly ratio: number;
  /** Whether the order within partitions was compared, besides the records. */
  readonly isOrderCompared: boolean;
}

/** How long a record takes through a router, in milliseconds, at a steady rate. */
export interface LatencyRow {
  readonly name: string;
  readonly perSecond: number;
  readonly records: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maximumMs: number;
}

/** Records one after the other, and the shortest interval that the documentation promises something of. */
export interface Trickle {
  readonly intervalMs: number;
  readonly recordsPerSecond: number;
  readonly transactionsPerSecond: number;
}

/** The results file. */
export interface PipelineReport {
  readonly environment: Environment;
  readonly partitions: number;
  readonly rounds: number;
  readonly rows: readonly PipelineRow[];
  readonly latencies: readonly LatencyRow[];
  readonly trickle: Trickle;
}

export function spreadOf(values: readonly number[]): Spread {
  return { median: quantile(values, 0.5), minimum: Math.min(...values), maximum: Math.max(...values) };
}

/** Returns the smallest value that at least a share of the values doesn't exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}

function nsARecord({ routerNs, records }: Run): number {
  return routerNs / records;
}

/** What a row says besides what was measured. */
export type Described = Pick<PipelineRow, "name" | "delivery" | "version" | "settings" | "isOrderCompared">;

/** Returns the row of a router; `reference` are the runs, round by round, of the one that it is compared with. */
export function rowOf(described: Described, runs: readonly Run[], reference: readonly Run[]): PipelineRow {
  const ratios = runs.flatMap((run, round) => {
    const other = reference[round];
    return other === undefined ? [] : [nsARecord(run) / nsARecord(other)];
  });
  const transactions = runs.flatMap((run) => (run.transactions === null ? [] : [run.transactions / run.seconds]));
  return {
    ...described,
    records: runs[0]?.records ?? 0,
    perSecond: spreadOf(runs.map(({ records, seconds }) => records / seconds)),
    routerNs: spreadOf(runs.map(nsARecord)),
    brokerNs: spreadOf(runs.map(({ brokerNs, records }) => brokerNs / records)),
    brokerBusy: quantile(
      runs.map(({ brokerNs, seconds }) => brokerNs / 1e9 / seconds),
      0.5,
    ),
    memoryMb: Math.max(...runs.map(({ memoryMb }) => memoryMb)),
    startUpMs: quantile(
      runs.map(({ startUpMs }) => startUpMs),
      0.5,
    ),
    transactions: transactions.length === 0 ? null : quantile(transactions, 0.5),
    ratio: quantile(ratios, 0.5),
  };
}

function rateText(value: number): string {
  return Math.round(value).toLocaleString("en");
}

/** Prints a row. */
export function printPipelineRow(row: PipelineRow): void {
  const { name, delivery, perSecond, routerNs, brokerNs, brokerBusy, memoryMb, startUpMs, transactions, ratio } = row;
  const cells = [
    `${rateText(perSecond.median)}/s [${rateText(perSecond.minimum)}..${rateText(perSecond.maximum)}]`.padStart(36),
    `${Math.round(routerNs.median)} ns`.padStart(9),
    `x${ratio.toPrecision(3)}`.padStart(7),
    `broker ${Math.round(brokerNs.median)} ns, ${Math.round(100 * brokerBusy)} % busy`,
    `${Math.round(memoryMb)} MB`,
    `starts in ${(startUpMs / 1000).toFixed(1)} s`,
    transactions === null ? "" : `${transactions.toFixed(1)} transactions/s`,
  ];
  console.log(`${`${name}, ${delivery}`.padEnd(52)} ${cells.join("  ")}`);
}

/** Prints what else was measured. */
export function printLatency({ latencies, trickle }: PipelineReport): void {
  for (const { name, perSecond, p50Ms, p99Ms, maximumMs } of latencies) {
    console.log(
      `latency at ${perSecond}/s, ${name}: p50 ${p50Ms.toFixed(1)} ms, p99 ${p99Ms.toFixed(1)} ms, at most ${maximumMs.toFixed(1)} ms`,
    );
  }
  const { intervalMs, recordsPerSecond, transactionsPerSecond } = trickle;
  console.log(
    `router.commit-interval ${intervalMs} ms, ${recordsPerSecond.toFixed(0)} records/s: ${transactionsPerSecond.toFixed(0)} transactions/s`,
  );
}
