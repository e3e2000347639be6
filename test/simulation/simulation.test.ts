/**
 * The whole app, with the real core, in simulated worlds: see `simulation.ts`. Nothing here waits for real time, and a seed always is the same
 * world. `SEED` is the first seed and `SEEDS` how many there are in the largest test; a single one prints what happens in it.
 */
import assert from "node:assert/strict";
import { once } from "node:events";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { Assignment, Report } from "./worker.ts";
import type { WorldName } from "./worlds.ts";

const SEED = Number(process.env["SEED"] ?? 1);
const SEEDS = Number(process.env["SEEDS"] ?? 800);
/** Of a world in which a promise was broken, the end. */
const TRACE_LINES_MAX = 60;

/** Runs a share of the seeds in a world; fails at the first promise that is broken. */
async function runSeeds(world: WorldName, share: number): Promise<Report> {
  const count = Math.ceil(SEEDS * share);
  const assignment: Assignment = { world, firstSeed: SEED, count };
  const worker = new Worker(new URL("worker.ts", import.meta.url), { workerData: assignment });
  const [report] = (await once(worker, "message")) as [Report];
  const { broken, trace } = report;
  if (SEEDS === 1) process.stdout.write(`${trace.join("\n")}\n`);
  if (broken !== null) {
    assert.fail(
      `${broken.broken}\nSEEDS=1 SEED=${broken.seed} shows it in the world "${world}":\n${trace.slice(-TRACE_LINES_MAX).join("\n")}`,
    );
  }
  process.stdout.write(`${world}: seeds ${SEED} to ${SEED + count - 1}, ${report.records} records, ${report.faults} faults\n`);
  return report;
}

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
