/**
 * Changes the sources one mutant at a time, in a copy, and demands that a test fails each time: `N of M mutants killed`. Words on the command
 * line choose the mutants that have them in their name.
 */
import { spawnSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CORE_MUTANTS } from "./core.ts";
import { DEAD_LETTER_MUTANTS } from "./host-dead-letters.ts";
import { KAFKA_POSITION_MUTANTS } from "./host-kafka-positions.ts";
import { KAFKA_READING_MUTANTS } from "./host-kafka-reading.ts";
import { HOST_MUTANTS } from "./host.ts";
import type { Mutant } from "./mutant.ts";
import { PACKAGE_MUTANTS } from "./package.ts";
import { REDPANDA_MUTANTS } from "./redpanda.ts";

const MUTANTS: readonly Mutant[] = [
  ...CORE_MUTANTS,
  ...REDPANDA_MUTANTS,
  ...HOST_MUTANTS,
  ...KAFKA_POSITION_MUTANTS,
  ...KAFKA_READING_MUTANTS,
  ...DEAD_LETTER_MUTANTS,
  ...PACKAGE_MUTANTS,
];

/** A test file that takes longer than this hangs, and so has noticed. */
const TEST_MS_MAX = 60_000;
const TOP = join(import.meta.dirname, "..", "..");

/** Copies what mutants may change and tests need; the rest of the repository stays out of their reach. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), "mutants-"));
  for (const name of ["LICENSE", "asconfig.json", "package.json", "tsconfig.json", "core", "docs", "hosts", "test"]) {
    cpSync(join(TOP, name), join(copy, name), { recursive: true, filter: (path) => !/[\\/]node_modules$/.test(path) });
  }
  symlinkSync(join(TOP, "node_modules"), join(copy, "node_modules"));
  return copy;
}

/** What is compiled: each from its folder's sources, where a mutant means that it is built anew. */
const BINARIES = [
  { folder: "core/", entry: "core/index.ts", target: "core", binary: "build/core.wasm" },
  { folder: "hosts/redpanda/guest/", entry: "hosts/redpanda/guest/main.ts", target: "redpanda", binary: "build/redpanda.wasm" },
] as const;

/** Builds a binary of a copy; throws when it does not compile. */
function build(copy: string, { entry, target, binary }: (typeof BINARIES)[number]): void {
  const asc = join(TOP, "node_modules", "assemblyscript", "bin", "asc.js");
  const built = spawnSync(process.execPath, [asc, entry, "--target", target, "-o", binary], { cwd: copy });
  if (built.status !== 0) throw new Error(`${entry} does not compile:\n${String(built.stderr)}`);
}

/** Returns the first of some test files that fails, or null. */
function failingTest(copy: string, globs: readonly string[]): string | null {
  const files = new Set(globs.flatMap((glob) => globSync(glob, { cwd: copy }).toSorted()));
  if (files.size === 0) throw new Error(`no tests: ${globs.join(" ")}`);
  // The properties take the same way each time, so that a mutant that lives today was not just lucky.
  const env = {
    ...process.env,
    CORE_WASM: join(copy, "build", "core.wasm"),
    REDPANDA_WASM: join(copy, "build", "redpanda.wasm"),
    SEED: "1",
  };
  for (const file of files) {
    const { status } = spawnSync(process.execPath, [file], {
      cwd: copy,
      env,
      timeout: TEST_MS_MAX,
      killSignal: "SIGKILL",
      stdio: "ignore",
    });
    if (status !== 0) return file;
  }
  return null;
}

/** Returns the test file that a mutant fails, or null when it survives. */
function fateOf(copy: string, mutant: Mutant): string | null {
  const path = join(copy, mutant.file);
  const source = readFileSync(path, "utf8");
  const compiled = BINARIES.find(({ folder }) => mutant.file.startsWith(folder));
  const binary = compiled === undefined ? null : join(copy, compiled.binary);
  const built = binary === null ? null : readFileSync(binary);
  writeFileSync(
    path,
    source.replace(mutant.find, () => mutant.replace),
  );
  try {
    if (compiled !== undefined) build(copy, compiled);
    return failingTest(copy, mutant.tests);
  } finally {
    writeFileSync(path, source);
    if (binary !== null && built !== null) writeFileSync(binary, built);
  }
}

/** Demands that each mutant's place is still there, and is one: else what it was meant for may have gone untested for long. */
function demandPlaces(mutants: readonly Mutant[]): void {
  const stale = mutants.flatMap(({ name, file, find }) => {
    const places = readFileSync(join(TOP, file), "utf8").split(find).length - 1;
    return places === 1 ? [] : [`${file}, "${name}": ${places} places like ${JSON.stringify(find)}`];
  });
  if (stale.length > 0) throw new Error(`mutants to be mended:\n${stale.join("\n")}`);
}

function run(mutants: readonly Mutant[]): boolean {
  const copy = copyTree();
  try {
    for (const binary of BINARIES) build(copy, binary);
    const broken = failingTest(copy, [...new Set(mutants.flatMap(({ tests }) => tests))]);
    if (broken !== null) throw new Error(`${broken} fails without any mutant`);
    let killed = 0;
    for (const mutant of mutants) {
      const start = performance.now();
      const killer = fateOf(copy, mutant);
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      process.stdout.write(
        `${killer === null ? "SURVIVED" : "killed  "} ${seconds} s  ${mutant.name}${killer === null ? "" : ` (${killer})`}\n`,
      );
      if (killer !== null) killed++;
    }
    process.stdout.write(`${killed} of ${mutants.length} mutants killed\n`);
    return killed === mutants.length;
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}

const words = process.argv.slice(2);
demandPlaces(MUTANTS);
const chosen = MUTANTS.filter(({ name }) => words.every((word) => name.includes(word)));
if (!run(chosen)) process.exitCode = 1;
