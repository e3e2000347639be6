/**
 * The files of the results. Three benchmarks keep their runs, each in a file of its own: `results/<benchmark>/<UTC minute of its start>.json`, as in
 * `results/core/2026-11-21T1728.json`. Of the others the last run is kept: `results/<benchmark>.json`.
 */
import { globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { PipelineReport } from "./pipeline-report.ts";
import type { Report } from "./report.ts";
import type { ScaleReport } from "./scale-report.ts";
import type { StdioReport } from "./stdio-report.ts";

const RESULTS = new URL("results/", import.meta.url);

/** The benchmarks that keep their runs, and what a run of each leaves behind. */
interface KeptReports {
  readonly core: Report;
  readonly pipeline: PipelineReport;
  readonly scale: ScaleReport;
}

/** The benchmarks that keep the last run alone. */
interface LastReports {
  readonly stdio: StdioReport;
  readonly component: Report;
}

/** The reports of one benchmark's runs, newest first. There is one at least. */
export type Runs<T> = readonly [newest: T, ...older: T[]];

/** Returns the name of a run's file; names sort as the dates do. A run takes minutes, so no two begin in the same one. */
function fileName(date: string): string {
  return `${date.slice(0, "2026-11-21T17:28".length).replace(":", "")}.json`;
}

function readJson(file: URL): unknown {
  return JSON.parse(readFileSync(file, "utf8"));
}

function writeJson(file: URL, report: object): void {
  mkdirSync(new URL(".", file), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** Returns the files of a benchmark's runs, newest first. */
export function runFiles(benchmark: keyof KeptReports, results: URL = RESULTS): readonly URL[] {
  const names = globSync(`${benchmark}/*.json`, { cwd: fileURLToPath(results) });
  return names
    .toSorted()
    .toReversed()
    .map((name) => new URL(name, results));
}

/** Returns the reports of a benchmark's runs, newest first. */
export function readRuns<Name extends keyof KeptReports>(benchmark: Name, results: URL = RESULTS): Runs<KeptReports[Name]> {
  const [newest, ...older] = runFiles(benchmark, results).map((file) => readJson(file) as KeptReports[Name]);
  if (newest === undefined) throw new Error(`there is no run of bench:${benchmark} in ${fileURLToPath(results)}`);
  return [newest, ...older];
}

/** Adds a run to those of its benchmark. */
export function writeRun<Name extends keyof KeptReports>(benchmark: Name, report: KeptReports[Name], results: URL = RESULTS): void {
  writeJson(new URL(`${benchmark}/${fileName(report.environment.date)}`, results), report);
}

/** Returns the report of a benchmark's last run. */
export function readLast<Name extends keyof LastReports>(benchmark: Name): LastReports[Name] {
  return readJson(new URL(`${benchmark}.json`, RESULTS)) as LastReports[Name];
}

/** Puts a run in the place of its benchmark's last one. */
export function writeLast<Name extends keyof LastReports>(benchmark: Name, report: LastReports[Name]): void {
  writeJson(new URL(`${benchmark}.json`, RESULTS), report);
}

/** Writes a chart beside the results. */
export function writeChart(name: string, chart: string): void {
  writeFileSync(new URL(name, RESULTS), chart);
}
