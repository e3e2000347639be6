/** Several runs of one benchmark: what each of them belongs to, and from where to where their figures go. */
import { commitText, loadText, type Environment } from "./report.ts";
import type { Cells } from "./table.ts";

/** The first columns of a table with a line for each run. */
export const RUN_HEAD: Cells = ["begun, UTC", "commit", "load average then"];

/** Returns the first cells of a run's line. */
export function runCells({ date, commit, loadAverage }: Environment): Cells {
  return [date.slice(0, "2026-11-21T17:28".length).replace("T", " "), commitText(commit), loadText(loadAverage)];
}

/** Returns the least and the most of a figure over the runs, or the figure alone where they read alike, with its unit. */
export function rangeText(values: readonly number[], textOf: (value: number) => string, unit: string): string {
  if (values.length === 0) return "not measured";
  const [least, most] = [textOf(Math.min(...values)), textOf(Math.max(...values))];
  return `${least === most ? least : `${least} to ${most}`} ${unit}`;
}

/** Returns what a sentence about all runs begins with. */
export function runsText({ length }: readonly unknown[]): string {
  return length === 1 ? "one run" : `${length} runs`;
}
