/** The command beside awk doing the same to the same file; `README.md` has what is measured. Fails when outputs differ or a gate is missed. */
import { execFileSync, spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { closeSync, mkdtempSync, openSync, realpathSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { pack } from "../hosts/package/pack.ts";
import type { Gate } from "./gates.ts";
import { atLeast } from "./gates.ts";
import { environmentOf, printGates } from "./report.ts";
import { writeLast } from "./results-files.ts";
import type { StdioReport, StdioRow } from "./stdio-report.ts";
import { printStdioRows } from "./stdio-report.ts";

const FULL = { bytesWanted: 1e9, rounds: 5 } as const;
const QUICK = { bytesWanted: 100e6, rounds: 3 } as const;

/** What the command does by default, without its word for each line that ends in no digit. */
const AWK_PROGRAM = String.raw`/[02468]$/ { print "even\tEven timestamp: " $0; next } /[13579]$/ { print "odd\tOdd timestamp:" $0 }`;

/** A program that routes lines of a file to standard output. */
interface Candidate {
  readonly name: string;
  /** What it calls itself. */
  readonly version: string;
  readonly words: readonly string[];
}

/** Seconds of one run. */
interface Run {
  readonly wall: number;
  readonly cpu: number;
}

/** Returns the awks that are installed: mawk, gawk, and whatever `awk` is if it is neither. */
function awks(): readonly Candidate[] {
  const found = new Map<string, Candidate>();
  for (const name of ["mawk", "gawk", "awk"]) {
    const { stdout } = spawnSync("sh", ["-c", 'command -v "$0"', name], { encoding: "utf8" });
    if (stdout === "") {
      console.log(`${name} is not installed, and left out`);
      continue;
    }
    const path = realpathSync(stdout.trim());
    if (name === "awk") console.log(`awk is ${path} here`);
    if (!found.has(path)) found.set(path, { name, version: versionOf(path), words: [path, AWK_PROGRAM] });
  }
  return [...found.values()];
}

function versionOf(path: string): string {
  for (const option of ["--version", "-W version", "-version"]) {
    const { status, stdout } = spawnSync(path, option.split(" "), { encoding: "utf8", input: "" });
    const [line = ""] = stdout.split("\n");
    if (status === 0 && line !== "") return line.split(",")[0] ?? line;
  }
  return path;
}

/** Writes a file of timestamps, a line each, of at least some bytes. The seconds are random, with a seed, so that no branch predictor learns them. */
function writeTimestamps(path: string, bytes: number): void {
  let state = 7;
  const random = (below: number): string => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return String(Math.floor((state / 2 ** 32) * below)).padStart(2, "0");
  };
  const lines = Array.from({ length: 500_000 }, () => `11/21/26 ${random(24)}:${random(60)}:${random(60)}\n`);
  const block = Buffer.from(lines.join(""));
  const file = openSync(path, "w");
  for (let written = 0; written < bytes;) written += writeSync(file, block);
  closeSync(file);
}

/** Runs a candidate to the null device. */
function timed({ words }: Candidate, path: string): Run {
  const script = `TIMEFORMAT='%R %U %S'; time "$@" > /dev/null`;
  const env = { ...process.env, LC_ALL: "C" };
  const { status, stderr } = spawnSync("bash", ["-c", script, "bash", ...words, path], { env, encoding: "utf8" });
  const [wall = 0, user = 0, system = 0] = stderr.trim().split("\n").at(-1)?.split(" ").map(Number) ?? [];
  if (status !== 0) throw new Error(`${words[0]} failed: ${stderr}`);
  return { wall, cpu: user + system };
}

/** Returns a hash of all that a candidate writes. */
async function outputHash({ words: [program = "", ...words] }: Candidate, path: string): Promise<string> {
  const child = spawn(program, [...words, path], { stdio: ["ignore", "pipe", "inherit"], env: { ...process.env, LC_ALL: "C" } });
  const hash = createHash("sha256");
  for await (const chunk of child.stdout) hash.update(chunk as Buffer);
  return hash.digest("hex").slice(0, 12);
}

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[values.length >> 1] ?? Number.NaN;
}

/** Runs every candidate once a round, each round beginning with another one, so that what else the machine does falls on all of them. */
function measured(candidates: readonly Candidate[], path: string, rounds: number): readonly (readonly Run[])[] {
  const runs: Run[][] = candidates.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < candidates.length; turn++) {
      const index = (round + turn) % candidates.length;
      const candidate = candidates[index];
      if (candidate !== undefined) runs[index]?.push(timed(candidate, path));
    }
  }
  return runs;
}

function rowsOf(candidates: readonly Candidate[], hashes: readonly string[], runs: readonly (readonly Run[])[]): readonly StdioRow[] {
  return candidates.map(({ name, version }, index) => {
    const own = runs[index] ?? [];
    const ratio = (part: keyof Run): number => median(own.map((run, round) => run[part] / (runs[0]?.[round]?.[part] ?? Number.NaN)));
    return {
      name,
      version,
      wallSeconds: median(own.map(({ wall }) => wall)),
      cpuSeconds: median(own.map(({ cpu }) => cpu)),
      wallRatio: ratio("wall"),
      cpuRatio: ratio("cpu"),
      outputHash: hashes[index] ?? "",
    };
  });
}

async function compare(quick: boolean): Promise<boolean> {
  const { bytesWanted, rounds } = quick ? QUICK : FULL;
  const environment = environmentOf("bench/stdio.ts");
  const folder = mkdtempSync(join(tmpdir(), "timestamp-router-bench-"));
  try {
    const dist = join(folder, "dist");
    pack(dist, folder);
    const words = [process.execPath, join(dist, "stdio", "main.js")];
    const candidates = [{ name: "timestamp-router", version: `Node.js ${process.version}`, words }, ...awks()];
    const path = join(folder, "timestamps");
    writeTimestamps(path, bytesWanted);
    const hashes: string[] = [];
    for (const candidate of candidates) hashes.push(await outputHash(candidate, path));
    const bytes = Number(execFileSync("wc", ["-c", path], { encoding: "utf8" }).split(" ")[0]);
    const rows = rowsOf(candidates, hashes, measured(candidates, path, rounds));
    printStdioRows(rows, bytes);
    const same = new Set(hashes).size === 1;
    if (!same) console.log("MISS  the outputs are not the same");
    const gates: readonly Gate[] = rows
      .slice(1)
      .map(({ name, wallRatio, cpuRatio }) =>
        atLeast(`time and CPU time of ${name} over those of the command`, Math.min(wallRatio, cpuRatio), 3),
      );
    printGates(gates);
    const report: StdioReport = { environment, bytes, rounds, program: AWK_PROGRAM, gates, rows };
    if (!quick) writeLast("stdio", report);
    return same && gates.every(({ passed }) => passed);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
if (!(await compare(options.quick))) process.exitCode = 1;
