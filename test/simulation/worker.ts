/**
 * Runs seeds in a thread of its own: beside `node:test`, which follows every promise that is made, a simulation takes several times as long.
 */
import { parentPort, workerData } from "node:worker_threads";
import { simulate, type Outcome } from "./simulation.ts";
import { WORLDS, type WorldName } from "./worlds.ts";

/** The seeds that a worker is to run. */
export interface Assignment {
  readonly world: WorldName;
  readonly firstSeed: number;
  readonly count: number;
}

/** What came of them: all of it, or the first in which a promise was broken. */
export interface Report {
  readonly broken: (Outcome & { readonly seed: number }) | null;
  readonly faults: number;
  readonly duplicates: number;
  readonly records: number;
  /** What happened in the last one. */
  readonly trace: readonly string[];
}

async function run({ world, firstSeed, count }: Assignment): Promise<Report> {
  const sums = { faults: 0, duplicates: 0, records: 0 };
  let trace: readonly string[] = [];
  for (let seed = firstSeed; seed < firstSeed + count; seed++) {
    const outcome = await simulate(seed, WORLDS[world]);
    sums.faults += outcome.faults;
    sums.duplicates += outcome.duplicates;
    sums.records += outcome.records;
    ({ trace } = outcome);
    if (outcome.broken !== null) return { ...sums, trace, broken: { ...outcome, seed } };
  }
  return { ...sums, trace, broken: null };
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- of a window, not of a thread
parentPort?.postMessage(await run(workerData as Assignment));
