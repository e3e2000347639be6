/**
 * Changes the sources one mutant at a time, in copies, and demands that a test fails each time: `N of M mutants killed`. Words on the command
 * line choose the mutants that have them in their name.
 */
import { readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { BINARIES } from "./binaries.ts";
import type { Mutant } from "./mutant.ts";
import { MUTANTS } from "./mutants.ts";
import { SourceCopy, TOP } from "./source-copy.ts";

/** A test file may take this long without any mutant. */
const SOUND_MS_MAX = 300_000;
/** With one it hangs, and so has noticed, when it takes longer than this, and this many times longer than without. */
const MUTANT_MS_MIN = 10_000;
const MUTANT_TIMES_MAX = 5;
/** Fewer mutants than this are not worth a copy of their own, where everything is built first. */
const COPY_MUTANTS_MIN = 10;

/** How long each test file takes without any mutant. */
type SoundTimes = ReadonlyMap<string, number>;

/** What became of a mutant. */
interface Fate {
  readonly isKilled: boolean;
  readonly reason: string;
}

/** Demands that each mutant's place is still there, and is one: else what it was meant for may have gone untested for long. */
function demandPlaces(mutants: readonly Mutant[]): void {
  const stale = mutants.flatMap(({ name, file, find }) => {
    const places = readFileSync(join(TOP, file), "utf8").split(find).length - 1;
    return places === 1 ? [] : [`${file}, "${name}": ${places} places like ${JSON.stringify(find)}`];
  });
  if (stale.length > 0) throw new Error(`mutants to be mended:\n${stale.join("\n")}`);
}

/** Returns the test files that globs stand for, which has to be some each. */
function filesOf(copy: SourceCopy, globs: readonly string[]): readonly string[] {
  const files = globs.map((glob) => ({ glob, found: copy.filesOf(glob) }));
  for (const { glob, found } of files) if (found.length === 0) throw new Error(`no tests: ${glob}`);
  return [...new Set(files.flatMap(({ found }) => found))];
}

/** Gives each item to the next copy that is free. */
async function share<Item>(copies: readonly SourceCopy[], items: readonly Item[], work: (copy: SourceCopy, item: Item) => Promise<void>) {
  const waiting = items.values();
  const workOff = async (copy: SourceCopy): Promise<void> => {
    for (const item of waiting) await work(copy, item);
  };
  await Promise.all(copies.map(workOff));
}

/** Runs test files without any mutant: all have to pass. */
async function soundTimes(copies: readonly SourceCopy[], files: readonly string[]): Promise<SoundTimes> {
  const times = new Map<string, number>();
  await share(copies, files, async (copy, file) => {
    const { end, ms } = await copy.test(file, SOUND_MS_MAX);
    if (end !== "passed") throw new Error(`${file} ${end} without any mutant:\n${copy.output()}`);
    times.set(file, ms);
  });
  return times;
}

/** Runs the tests of a mutant in its copy, the quickest first, until one fails. */
async function fateInTests(copy: SourceCopy, mutant: Mutant, times: SoundTimes): Promise<Fate> {
  const msOf = (file: string): number => times.get(file) ?? 0;
  for (const file of filesOf(copy, mutant.tests).toSorted((one, other) => msOf(one) - msOf(other))) {
    const { end } = await copy.test(file, MUTANT_MS_MIN + MUTANT_TIMES_MAX * msOf(file), mutant.isSimd ? "core.simd.wasm" : "core.wasm");
    if (end !== "passed") return { isKilled: true, reason: `${file} ${end}` };
  }
  return { isKilled: false, reason: "all tests passed" };
}

async function fateOf(copy: SourceCopy, mutant: Mutant, times: SoundTimes): Promise<Fate> {
  const { file, find, replace, tests, isSimd } = mutant;
  const text = readFileSync(join(TOP, file), "utf8").replace(find, () => replace);
  const binary = BINARIES.find(
    (one) =>
      one.isSimd === isSimd && one.sources.some((source) => file.startsWith(source)) && tests.some((test) => test.startsWith(one.tests)),
  );
  const fate = await copy.with(file, text, binary, () => fateInTests(copy, mutant, times));
  return fate ?? { isKilled: false, reason: "does not compile" };
}

/** Returns a line about each mutant that was not killed. */
async function survivors(copies: readonly SourceCopy[], mutants: readonly Mutant[]): Promise<readonly string[]> {
  const [first] = copies;
  if (first === undefined) return [];
  const times = await soundTimes(copies, filesOf(first, [...new Set(mutants.flatMap(({ tests }) => tests))]));
  const lines: string[] = [];
  await share(copies, mutants, async (copy, mutant) => {
    const start = performance.now();
    const { isKilled, reason } = await fateOf(copy, mutant, times);
    const seconds = ((performance.now() - start) / 1000).toFixed(1);
    const line = `${isKilled ? "killed  " : "SURVIVED"} ${seconds} s  ${mutant.name} (${reason})\n`;
    process.stdout.write(line);
    if (!isKilled) lines.push(line);
  });
  return lines;
}

demandPlaces(MUTANTS);
const words = process.argv.slice(2);
const mutants = MUTANTS.filter(({ name }) => words.every((word) => name.includes(word)));
using stack = new DisposableStack();
for (const signal of ["SIGINT", "SIGTERM"]) {
  // It may come twice, from the terminal and from npm.
  process.on(signal, () => {
    stack.dispose();
    process.exit(1);
  });
}
const copyCount = Math.min(availableParallelism(), Math.ceil(mutants.length / COPY_MUTANTS_MIN));
const copies = Array.from({ length: copyCount }, () => stack.use(new SourceCopy()));
await Promise.all(copies.map(async (copy) => copy.buildAll()));
const survived = await survivors(copies, mutants);
// Once more at the end, where they are seen.
process.stdout.write(survived.join(""));
process.stdout.write(`${mutants.length - survived.length} of ${mutants.length} mutants killed\n`);
if (survived.length > 0) process.exitCode = 1;
