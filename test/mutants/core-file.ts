/** What mutants of the core's files have in common. */
import type { Mutant } from "./mutant.ts";

type Change = readonly [name: string, find: string, replace: string];

const FILES = {
  values: "test/core/values.test.ts",
  batch: "test/core/record-batch.test.ts",
  unroutable: "test/core/unroutable.test.ts",
  faults: "test/core/record-batch-faults.test.ts",
  room: "test/core/room.test.ts",
  rule: "test/core/rule.test.ts",
  stamp: "test/core/stamp.test.ts",
  memory: "test/core/memory.test.ts",
  timestamps: "test/timestamps/rule.test.ts",
  java: "test/timestamps/java-time.test.ts",
};

/** Mutants of one file, which the tests named here notice as a rule, and any of the core's may. */
export function mutantsOf(file: string, likely: readonly (keyof typeof FILES)[], changes: readonly Change[]): readonly Mutant[] {
  const tests = [...likely.map((name) => FILES[name]), "test/core/*.test.ts"];
  return changes.map(([name, find, replace]) => ({ name, file: `core/${file}.ts`, find, replace, tests }));
}

/** The same for what only the build with SIMD has. */
export function simdMutantsOf(...given: Parameters<typeof mutantsOf>): readonly Mutant[] {
  return mutantsOf(...given).map(({ name, file, find, replace, tests }) => ({ name, file, find, replace, tests, isSimd: true }));
}
