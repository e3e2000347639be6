import assert from "node:assert/strict";
import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Assignment, Report } from "./worker.ts";
import type { WorldName } from "./worlds.ts";

const SEED = Number(process.env["SEED"] ?? 1);
/** How many seeds the largest test has. */
export const SEEDS = Number(process.env["SEEDS"] ?? 800);
/** Of a world in which a promise was broken, the end. */
const TRACE_LINES_MAX = 60;

/** Runs a share of the seeds in a world; fails at the first promise that is broken. */
export async function runSeeds(world: WorldName, share: number): Promise<Report> {
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
