/**
 * The whole app with transactions, in simulated worlds: kafkajs's own producer, over a network that loses, delays and doubts what it sends, to a
 * broker in memory that `test/exactly-once/coordinator.e2e.ts` holds to a real one. See `simulation.test.ts` for the rest.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { runSeeds, SEEDS } from "./run-seeds.ts";

test("without faults, every record is committed once and in order, also when one instance takes another's place", async () => {
  const { faults } = await runSeeds("exactly-once calm", 0.2);
  assert.equal(faults, 0);
});

test("every record is committed once and in order, whatever request fails", async () => {
  await runSeeds("exactly-once faulty", 0.5);
});

test("every record is committed once and in order, however often it is not known whether a transaction was", async () => {
  await runSeeds("exactly-once doubtful", 0.5);
});

test("every record is committed once and in order when instances come and go", async () => {
  await runSeeds("exactly-once shared", 0.3);
});

test("every record is committed once and in order when instances come, go, stand still and die, and whatever request fails", async () => {
  await runSeeds("exactly-once harsh", 0.8);
});

test("every record is committed once and in order when an operator has a hand in all of that", async () => {
  await runSeeds("exactly-once wild", 0.3);
});

test("the same seed is the same world, also for code that takes its time from the system", async () => {
  const traces: (readonly string[])[] = [];
  for (let time = 0; time < 2; time++) traces.push((await runSeeds("exactly-once harsh", 1 / SEEDS)).trace);
  assert.deepEqual(traces[0], traces[1]);
});
