/**
 * The whole app, with the real core, in simulated worlds: see `simulation.ts`. Nothing here waits for real time, and a seed always is the same
 * world. `SEED` is the first seed and `SEEDS` how many there are in the largest test; a single one prints what happens in it.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeeds, SEEDS } from "./run-seeds.ts";

test("without faults, every record arrives once and in order, also when one instance takes another's place", async () => {
  const { faults, duplicates } = await runSeeds("calm", 0.3);
  assert.deepEqual({ faults, duplicates }, { faults: 0, duplicates: 0 });
});

test("without faults, every record arrives once and in order, also when an operator pauses, stops and starts the input", async () => {
  const { faults, duplicates } = await runSeeds("operated", 0.3);
  assert.deepEqual({ faults, duplicates }, { faults: 0, duplicates: 0 });
});

test("no record is lost and order is kept, whatever await fails", async () => {
  await runSeeds("faulty", 1);
});

test("no commit goes back when fetches are handed over again", async () => {
  await runSeeds("repeating", 1);
});

test("no record is lost and order is kept when instances come and go", async () => {
  await runSeeds("shared", 0.3);
});

test("no record is lost and order is kept when instances come, go and die, and whatever await fails", async () => {
  await runSeeds("harsh", 1);
});

test("no record is lost and order is kept when an operator has a hand in all of that", async () => {
  await runSeeds("wild", 0.3);
});

test("the same seed is the same world", async () => {
  const traces: (readonly string[])[] = [];
  for (let time = 0; time < 2; time++) traces.push((await runSeeds("harsh", 1 / SEEDS)).trace);
  assert.deepEqual(traces[0], traces[1]);
});
