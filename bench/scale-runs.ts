/** The runs along the axes beside each other: the same points in all of them, and the one with the most records first of all. */
import { roundedText } from "./report.ts";
import type { Runs } from "./results-files.ts";
import { RUN_HEAD, rangeText, runCells, runsText } from "./runs.ts";
import type { ScaleReport, ScaleRow } from "./scale-report.ts";
import { tableOf, type Cells } from "./table.ts";

/** Returns the row with the most records. */
export function longestRow(rows: readonly ScaleRow[]): ScaleRow | undefined {
  return rows.toSorted((left, right) => right.records - left.records)[0];
}

/** Returns the rows of the same point, of every run that had it. */
export function likeRows(row: ScaleRow, runs: readonly ScaleReport[]): readonly ScaleRow[] {
  const isLike = ({ axis, records, partitions, valueBytes, instances }: ScaleRow): boolean =>
    axis === row.axis &&
    records === row.records &&
    partitions === row.partitions &&
    valueBytes === row.valueBytes &&
    instances === row.instances;
  return runs.flatMap(({ rows }) => rows.find(isLike) ?? []);
}

/** Returns the table with a line for each run. */
export function renderScaleRuns(runs: Runs<ScaleReport>): string {
  const lines = runs.map(({ environment, rows }): Cells => {
    const longest = longestRow(rows);
    if (longest === undefined) return [...runCells(environment), "", "", "", ""];
    const { records, routerNs, memoryMb, perSecond } = longest;
    return [
      ...runCells(environment),
      records.toLocaleString("en"),
      `${roundedText(routerNs)} ns`,
      `${roundedText(memoryMb)} MB`,
      roundedText(perSecond),
    ];
  });
  return tableOf([...RUN_HEAD, "most records", "router's CPU, a record", "memory, most", "records/s"], lines);
}

/** Returns what the runs come to, in a sentence. */
export function scaleConclusion(runs: Runs<ScaleReport>): string {
  const longest = longestRow(runs[0].rows);
  if (longest === undefined) return `${runsText(runs)}: nothing was measured.`;
  const like = likeRows(longest, runs);
  const range = (figure: "perSecond" | "routerNs" | "memoryMb", unit: string): string =>
    rangeText(
      like.map((row) => row[figure]),
      roundedText,
      unit,
    );
  return (
    `${runsText(like)}: the app routes ${longest.records.toLocaleString("en")} records on one core at ${range("perSecond", "records/s")}, ` +
    `with ${range("routerNs", "ns")} of CPU time a record and ${range("memoryMb", "MB")} of memory at its most.`
  );
}
