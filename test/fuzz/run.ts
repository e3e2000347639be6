/** Rounds of all targets in turn, until the time is over or something is found. */
import { Random } from "../simulation/random.ts";
import { startBatches } from "./batches.ts";
import { startConfiguration } from "./configuration.ts";
import { Finding, type Tally, type Target } from "./finding.ts";
import { startHttp } from "./http.ts";
import type { FuzzOptions } from "./options.ts";

/** More than this is never needed: a batch of the largest size, inflated and routed by two cores, and all that Node.js holds besides. */
const RESIDENT_BYTES_MAX = 1536 << 20;

const STARTS = { configuration: startConfiguration, http: startHttp, batches: startBatches } as const;

/** The name of a target. */
export type TargetName = keyof typeof STARTS;

/** All targets, in their turn. */
export const TARGET_NAMES = Object.keys(STARTS) as readonly TargetName[];

/** What came of a run. */
export interface FuzzResult {
  readonly rounds: number;
  readonly tallies: ReadonlyMap<TargetName, Tally>;
  readonly residentBytesMax: number;
  /** Null where nothing was found. */
  readonly failure: Failure | null;
}

/** What was found, and the seed of the round that found it. */
export interface Failure {
  readonly target: TargetName;
  readonly seed: number;
  readonly error: unknown;
}

/** Runs the rounds. The first has the seed, the next one the next; each target has one before any has its second. */
export async function fuzz({ seed, seconds, only }: Pick<FuzzOptions, "seed" | "seconds" | "only">): Promise<FuzzResult> {
  const names = TARGET_NAMES.filter((name) => only === null || name === only);
  const tallies = new Map(names.map((name): [TargetName, Tally] => [name, new Map()]));
  await using targets = new AsyncDisposableStack();
  const started = new Map<TargetName, Target>();
  for (const name of names) started.set(name, targets.use(await STARTS[name]()));
  const deadline = performance.now() + 1000 * seconds;
  let rounds = 0;
  let residentBytesMax = 0;
  for (; rounds === 0 || performance.now() < deadline; rounds++) {
    for (const [name, target] of started) {
      const roundSeed = (seed + rounds) >>> 0;
      const tally = tallies.get(name) ?? new Map<string, number>();
      try {
        await target.round(new Random(roundSeed), tally);
        residentBytesMax = Math.max(residentBytesMax, process.memoryUsage.rss());
        if (residentBytesMax > RESIDENT_BYTES_MAX) throw new Finding(`the process has grown to ${residentBytesMax} bytes`, "");
      } catch (error) {
        return { rounds, tallies, residentBytesMax, failure: { target: name, seed: roundSeed, error } };
      }
    }
  }
  return { rounds, tallies, residentBytesMax, failure: null };
}
