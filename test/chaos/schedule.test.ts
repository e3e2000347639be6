/** A seed that failed can be run again: the faults of a run follow from it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { readOptions } from "./options.ts";
import { randomOf, rounds } from "./schedule.ts";

const FAULTS = ["killed", "paused", "slow", "refused", "dropped"];

/** Returns the first fifteen faults of a seed: three rounds. */
function firstOf(seed: number): string[] {
  const order = rounds(FAULTS, randomOf(seed));
  return Array.from({ length: 15 }, () => order.next().value);
}

test("the same seed gives the same order of faults, and another seed another one", () => {
  assert.deepEqual(firstOf(7), firstOf(7));
  assert.notDeepEqual(firstOf(7), firstOf(8));
});

test("each round has every fault once, in an order of its own", () => {
  for (let seed = 0; seed < 100; seed += 1) {
    const order = firstOf(seed);
    for (const start of [0, 5, 10]) assert.deepEqual(order.slice(start, start + 5).toSorted(compare), FAULTS.toSorted(compare));
  }
  assert.notDeepEqual(firstOf(7).slice(0, 5), firstOf(7).slice(5, 10));
});

test("a random whole number is between its bounds and takes each value", () => {
  const random = randomOf(1);
  const drawn = new Set(Array.from({ length: 1000 }, () => random.integer(3, 9)));
  assert.deepEqual(
    [...drawn].toSorted((left, right) => left - right),
    [3, 4, 5, 6, 7, 8, 9],
  );
});

test("the command line names one seed or a range of them, and the time names one where it does not", () => {
  assert.deepEqual(readOptions(["--seed", "7"], 0)?.seeds, [7]);
  assert.deepEqual(readOptions(["--seeds", "3..6"], 0)?.seeds, [3, 4, 5, 6]);
  assert.deepEqual(readOptions([], 12_345_678)?.seeds, [345_678]);
});

test("the command line is refused where it makes no sense", () => {
  for (const args of [["--seed", "x"], ["--seeds", "6..3"], ["--seconds", "0"], ["--records", "-1"], ["--nonsense"]]) {
    assert.throws(() => readOptions(args, 0), TypeError, args.join(" "));
  }
});

function compare(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
