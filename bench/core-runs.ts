/** The runs of the core in isolation beside each other, by the figures that a reader asks for first. */
import type { Row } from "./measure.ts";
import { roundedText, type Report } from "./report.ts";
import type { Runs } from "./results-files.ts";
import { RUN_HEAD, rangeText, runCells, runsText } from "./runs.ts";
import { tableOf } from "./table.ts";

const VALUES = "values, 17 B x 1000";
const BATCH = "RecordBatch, null keys x 1000";
const NATIVE_C = "C, native, as the core";

/** The figures of one run; those of a peer are null where the machine didn't have it. */
export interface CoreFigures {
  /** CPU time a value of 17 bytes, and that of native C over it. */
  readonly valueNs: number | null;
  readonly valueOfC: number | null;
  /** CPU time a record of a RecordBatch, copied in and out; that of native C over the core's, both in place; and that of kafkajs over the core's. */
  readonly recordNs: number | null;
  readonly recordOfC: number | null;
  readonly recordOfKafkajs: number | null;
}

/** Returns the CPU time of a candidate that works in place over that of the core in place. */
export function inPlaceShare(row: Row, rows: readonly Row[]): number {
  const own = rows.find(({ job, candidate }) => job === row.job && candidate === "core, in place");
  return row.medianNs / (own?.medianNs ?? Number.NaN);
}

/** Returns the figures of a run. */
export function coreFigures({ rows }: Report): CoreFigures {
  const find = (job: string, candidate: string): Row | undefined => rows.find((row) => row.job === job && row.candidate === candidate);
  const batchC = find(BATCH, NATIVE_C);
  return {
    valueNs: find(VALUES, "core")?.medianNs ?? null,
    valueOfC: find(VALUES, NATIVE_C)?.ratio ?? null,
    recordNs: find(BATCH, "core, copied in and out")?.medianNs ?? null,
    recordOfC: batchC === undefined ? null : inPlaceShare(batchC, rows),
    recordOfKafkajs: find(BATCH, "kafkajs decode, concat, encode")?.ratio ?? null,
  };
}

function nsText(ns: number | null): string {
  return ns === null ? "" : `${roundedText(ns)} ns`;
}

function ratioText(ratio: number | null): string {
  return ratio === null ? "" : ratio.toPrecision(3);
}

/** Returns the table with a line for each run. */
export function renderCoreRuns(runs: Runs<Report>): string {
  const head = [
    ...RUN_HEAD,
    "a value of 17 B",
    "native C over it",
    "a record of a RecordBatch, copied in and out",
    "native C over the core, in place",
    "kafkajs over it",
  ];
  const lines = runs.map((run) => {
    const { valueNs, valueOfC, recordNs, recordOfC, recordOfKafkajs } = coreFigures(run);
    return [
      ...runCells(run.environment),
      nsText(valueNs),
      ratioText(valueOfC),
      nsText(recordNs),
      ratioText(recordOfC),
      ratioText(recordOfKafkajs),
    ];
  });
  return `${tableOf(head, lines)}

Medians of CPU time, 1000 values or records in a call; the RecordBatch has null keys. Native C has the core's algorithm.`;
}

/** Returns what the runs come to, in a few sentences. */
export function coreConclusion(runs: Runs<Report>): string {
  const figures = runs.map(coreFigures);
  const range = (figure: keyof CoreFigures, textOf: (value: number) => string, unit: string): string => {
    const values = figures.map((ofRun) => ofRun[figure]).filter((value) => value !== null);
    return rangeText(values, textOf, unit);
  };
  return (
    `${runsText(runs)}: CPU time for a value of 17 bytes ${range("valueNs", roundedText, "ns")}, for a record of a RecordBatch ` +
    `${range("recordNs", roundedText, "ns")}. Against that of the core: native C of the same algorithm ${range("valueOfC", ratioText, "times")} for a value ` +
    `and ${range("recordOfC", ratioText, "times")} for a record, kafkajs's codec ${range("recordOfKafkajs", ratioText, "times")}.`
  );
}
