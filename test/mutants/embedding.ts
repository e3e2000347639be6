import type { Mutant } from "./mutant.ts";

const RUNTIMES = ["test/package/runtimes.test.ts"];

/** Mistakes that the documentation's router could have made; whoever copies it would have them too. */
export const EMBEDDING_MUTANTS: readonly Mutant[] = [
  {
    name: "embedding: JavaScript takes a tombstone for an empty value",
    file: "docs/embedding/javascript/router.js",
    find: "value?.length ?? 0xffffffff",
    replace: "value?.length ?? 0",
    tests: RUNTIMES,
  },
  {
    name: "embedding: JavaScript has each value of an output begin at the first",
    file: "docs/embedding/javascript/router.js",
    find: "ends[value - 1] ?? 0",
    replace: "0",
    tests: RUNTIMES,
  },
  {
    name: "embedding: JavaScript reserves no room for prefixes",
    file: "docs/embedding/javascript/router.js",
    find: "length + 255 * values.length",
    replace: "length",
    tests: RUNTIMES,
  },
];
