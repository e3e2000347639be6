/**
 * Changes the sources one mutant at a time, in a copy, and demands that a test fails each time: `N of M mutants killed`. Words on the command
 * line choose the mutants that have them in their name.
 */
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { COMPONENT_MUTANTS } from "./component.ts";
import { TIMESTAMP_MUTANTS } from "./core-timestamp.ts";
import { CORE_MUTANTS } from "./core.ts";
import { EMBEDDING_MUTANTS } from "./embedding.ts";
import { ACTUATOR_MUTANTS } from "./host-actuator.ts";
import { BINDING_MUTANTS } from "./host-bindings.ts";
import { CONFIG_MUTANTS } from "./host-config.ts";
import { DEAD_LETTER_MUTANTS } from "./host-dead-letters.ts";
import { DEPLOY_MUTANTS } from "./host-deploy.ts";
import { KAFKA_POSITION_MUTANTS } from "./host-kafka-positions.ts";
import { KAFKA_READING_MUTANTS } from "./host-kafka-reading.ts";
import { METRICS_MUTANTS } from "./host-metrics.ts";
import { SESSION_MUTANTS } from "./host-session.ts";
import { STDIO_MUTANTS } from "./host-stdio.ts";
import { HOST_MUTANTS } from "./host.ts";
import type { Mutant } from "./mutant.ts";
import { PACKAGE_MUTANTS } from "./package.ts";
import { REDPANDA_MUTANTS } from "./redpanda.ts";

const MUTANTS: readonly Mutant[] = [
  ...CORE_MUTANTS,
  ...TIMESTAMP_MUTANTS,
  ...REDPANDA_MUTANTS,
  ...HOST_MUTANTS,
  ...SESSION_MUTANTS,
  ...ACTUATOR_MUTANTS,
  ...BINDING_MUTANTS,
  ...KAFKA_POSITION_MUTANTS,
  ...KAFKA_READING_MUTANTS,
  ...CONFIG_MUTANTS,
  ...DEPLOY_MUTANTS,
  ...DEAD_LETTER_MUTANTS,
  ...METRICS_MUTANTS,
  ...PACKAGE_MUTANTS,
  ...COMPONENT_MUTANTS,
  ...EMBEDDING_MUTANTS,
  ...STDIO_MUTANTS,
];

/** A test file that takes longer than this hangs, and so has noticed. */
const TEST_MS_MAX = 60_000;
const TOP = join(import.meta.dirname, "..", "..");
/** What was built without any mutant. */
const SOUND_BUILD = "sound-build";

/** Copies what mutants may change and tests need; the rest of the repository stays out of their reach. */
function copyTree(): string {
  const copy = mkdtempSync(join(tmpdir(), "mutants-"));
  for (const name of ["Dockerfile", "LICENSE", "asconfig.json", "package.json", "tsconfig.json", "core", "docs", "hosts", "test"]) {
    cpSync(join(TOP, name), join(copy, name), { recursive: true, filter: (path) => !/[\\/]node_modules$/.test(path) });
  }
  symlinkSync(join(TOP, "node_modules"), join(copy, "node_modules"));
  return copy;
}

const ASC = join(TOP, "node_modules", "assemblyscript", "bin", "asc.js");

const EXPORT_NAMES = ["--transform", "./hosts/component/export-names.ts"];

interface Binary {
  /** A mutant of a file below one of these means that it is built anew, */
  readonly sources: readonly string[];
  /** if some of the mutant's tests are below this. */
  readonly tests: string;
  /** The scripts that build it. */
  readonly commands: readonly (readonly string[])[];
}

/** What is compiled; of two that have a source in common, the first one whose tests notice the mutant is built anew. */
const BINARIES: readonly Binary[] = [
  {
    sources: ["hosts/component/", "core/"],
    tests: "test/component/",
    commands: [
      [ASC, "hosts/component/guest/main.ts", "--target", "component", ...EXPORT_NAMES, "-o", "build/component-core.wasm"],
      ["hosts/component/build.ts"],
    ],
  },
  { sources: ["core/"], tests: "test/", commands: [[ASC, "core/index.ts", "--target", "core", "-o", "build/core.wasm"]] },
  {
    sources: ["hosts/stdio/guest/"],
    tests: "test/stdio/",
    commands: [[ASC, "hosts/stdio/guest/main.ts", "--target", "stdio", "-o", "build/stdio.wasm"]],
  },
  {
    sources: ["hosts/redpanda/guest/"],
    tests: "test/redpanda/",
    commands: [
      [ASC, "hosts/redpanda/guest/main.ts", "--target", "redpanda", "-o", "build/redpanda.wasm"],
      [ASC, "hosts/redpanda/guest/main-timestamp.ts", "--target", "redpanda", "-o", "build/redpanda-timestamp.wasm"],
    ],
  },
];

/** Builds a binary of a copy; throws when it does not compile. */
function build(copy: string, { sources, commands }: Binary): void {
  for (const command of commands) {
    const built = spawnSync(process.execPath, command, { cwd: copy });
    if (built.status !== 0) throw new Error(`${sources[0]} does not compile:\n${String(built.stderr)}`);
  }
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
    REDPANDA_TIMESTAMP_WASM: join(copy, "build", "redpanda-timestamp.wasm"),
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
  const compiled = BINARIES.find(
    ({ sources, tests }) => sources.some((start) => mutant.file.startsWith(start)) && mutant.tests.some((test) => test.startsWith(tests)),
  );
  writeFileSync(
    path,
    source.replace(mutant.find, () => mutant.replace),
  );
  try {
    if (compiled !== undefined) build(copy, compiled);
    return failingTest(copy, mutant.tests);
  } finally {
    writeFileSync(path, source);
    if (compiled !== undefined) cpSync(join(copy, SOUND_BUILD), join(copy, "build"), { recursive: true });
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
    cpSync(join(copy, "build"), join(copy, SOUND_BUILD), { recursive: true });
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

/** Fewer than this are not worth a process of their own, which builds everything first. */
const PART_MUTANTS_MIN = 20;
/** Tells a process which part of the mutants is its own: `--part=1/2`. */
const PART = /^--part=(\d+)\/(\d+)$/u;

/** Runs the mutants in as many processes as there are processors, each in a copy of its own; returns whether all were killed. */
async function runInParts(words: readonly string[], parts: number): Promise<boolean> {
  const ends = Array.from({ length: parts }, async (_, part) => {
    const child = spawn(process.execPath, [import.meta.filename, `--part=${part}/${parts}`, ...words], { stdio: "inherit" });
    const [status] = (await once(child, "exit")) as [number | null];
    return status === 0;
  });
  return (await Promise.all(ends)).every(Boolean);
}

const args = process.argv.slice(2);
const words = args.filter((word) => !PART.test(word));
const [, part, parts] = args.map((word) => PART.exec(word)).find((match) => match !== null) ?? [];
demandPlaces(MUTANTS);
const chosen = MUTANTS.filter(({ name }) => words.every((word) => name.includes(word)));
const partsWanted = Math.min(availableParallelism(), Math.ceil(chosen.length / PART_MUTANTS_MIN));
const own = chosen.filter((_, index) => parts === undefined || index % Number(parts) === Number(part));
const allKilled = parts === undefined && partsWanted > 1 ? await runInParts(words, partsWanted) : run(own);
if (!allKilled) process.exitCode = 1;
