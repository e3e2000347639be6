/** What a run of the core leaves behind, what any run belongs to, and how numbers are told. */
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import type { FuelRow } from "./fuel.ts";
import type { Gate } from "./gates.ts";
import type { Effort, Row } from "./measure.ts";

/** Everything that a number depends on. */
export interface Environment {
  readonly date: string;
  readonly command: string;
  /** The commit, with `+` when files differ from it; null outside a repository or before its first commit. */
  readonly commit: string | null;
  readonly node: string;
  readonly cpu: string;
  readonly cpuCount: number;
  readonly loadAverage: readonly number[];
  /** What compiled and ran the peers. */
  readonly peers?: readonly string[];
  /** What could not be measured on this machine, and why. */
  readonly missing?: readonly string[];
}

/** A results file. */
export interface Report {
  readonly environment: Environment;
  readonly effort: Effort;
  /** By the name of its file. */
  readonly moduleBytes: Readonly<Record<string, number>>;
  readonly gates: readonly Gate[];
  readonly rows: readonly Row[];
  /** Of each of the core's rules; empty where it could not be counted. */
  readonly fuel?: readonly FuelRow[];
}

export function environmentOf(script: string): Environment {
  return {
    date: new Date().toISOString(),
    command: ["node", script, ...process.argv.slice(2)].join(" "),
    commit: commit(),
    node: process.version,
    cpu: cpus()[0]?.model ?? "unknown",
    cpuCount: cpus().length,
    loadAverage: loadavg(),
  };
}

function git(...words: readonly string[]): string {
  return execFileSync("git", words, { cwd: import.meta.dirname, encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }).trim();
}

function commit(): string | null {
  try {
    const head = git("rev-parse", "--verify", "HEAD");
    return git("status", "--porcelain") === "" ? head : `${head}+`;
  } catch {
    // A tree without git, or without a commit, can be measured all the same.
    return null;
  }
}

/** Returns what the numbers of a run belong to, as a sentence. */
export function measuredText({ date, command, commit: head, node, cpu, cpuCount, loadAverage }: Environment): string {
  const at = `at commit ${commitText(head)}`;
  return `Measured ${date.slice(0, 10)} by \`${command}\` ${at}, Node.js ${node}, ${cpu}, ${cpuCount} shared cores, load average ${loadText(loadAverage)}.`;
}

/** Returns a commit as a reader looks it up, and whether files differed from it. */
export function commitText(head: string | null): string {
  return `${head?.slice(0, 10) ?? "unknown"}${head?.endsWith("+") === true ? " with changes" : ""}`;
}

/** Returns load averages with the digits that mean something. */
export function loadText(loadAverage: readonly number[]): string {
  return loadAverage.map((value) => value.toFixed(1)).join(" ");
}

/** Returns a number with the three digits that mean something. */
export function roundedText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}

/** Returns a time with the digits that mean something. */
export function timeText(ns: number): string {
  if (ns >= 1e6) return `${(ns / 1e6).toPrecision(3)} ms`;
  if (ns >= 1e3) return `${(ns / 1e3).toPrecision(3)} us`;
  return `${ns.toPrecision(3)} ns`;
}

export function rateText({ unit, medianNs }: Row): string {
  if (unit === "byte") return `${(1 / medianNs).toPrecision(3)} GB/s`;
  return unit === "record" ? `${(1e3 / medianNs).toPrecision(3)} M/s` : "";
}

function cells(row: Row): readonly string[] {
  const { candidate, unit, medianNs, minimumNs, p90Ns, ratio, outputHash } = row;
  return [candidate, unit, ...[medianNs, minimumNs, p90Ns].map(timeText), rateText(row), ratio.toPrecision(3), outputHash];
}

function line(texts: readonly string[]): string {
  const widths = [50, 6, 9, 9, 9, 10, 7, 12];
  return texts.map((text, column) => (column === 0 ? text.padEnd(widths[0] ?? 0) : text.padStart(widths[column] ?? 0))).join("  ");
}

/** Prints the rows of one job. Ratio: CPU time over that of the job's first row. */
export function printRows(rows: readonly Row[]): void {
  console.log(`\n${line([rows[0]?.job ?? "", "per", "median", "minimum", "p90", "rate", "ratio", "outputs"])}`);
  for (const row of rows) console.log(line(cells(row)));
}

export function printGates(gates: readonly Gate[]): void {
  console.log("");
  for (const { name, measured, limit, passed } of gates) {
    // Counts are exact; of ratios, no more digits mean anything.
    const shown = Number.isInteger(measured) ? measured : Number(measured.toPrecision(3));
    console.log(`${passed ? "pass" : "MISS"}  ${name}: ${shown} (limit ${limit})`);
  }
}
