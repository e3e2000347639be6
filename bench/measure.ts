/**
 * CPU time of candidates that do the same job. They run in one process, interleaved, each round beginning with another one, so that what
 * the machine does meanwhile falls on all of them; what counts is the ratio within a round.
 */
import { createHash } from "node:crypto";

/** One way to do a job. */
export interface Candidate {
  readonly name: string;
  /** `thread` counts the thread that runs; `process` all of them: for what allocates, since the collector works on threads of its own. */
  readonly clock: "thread" | "process";
  /** Does the work once, on batch `batch` of the rotation. */
  run(batch: number): Promise<void> | void;
  /** Returns what the last run made. */
  outputs(): readonly Uint8Array[];
  /** Whether this does less than the job: a limit that no candidate gets below. Its outputs are its own. */
  readonly isLimit?: true;
  /** Returns the nanoseconds of CPU that `runs` runs took, for what runs in another process and takes its own time. */
  time?(runs: number): Promise<number>;
  /** Ends what the candidate has running. */
  close?(): void;
}

export interface Job {
  readonly name: string;
  /** What a run is counted in. */
  readonly unit: "record" | "byte" | "call";
  /** Units that one run handles. */
  readonly unitsPerRun: number;
  /** Batches that the runs rotate through. */
  readonly batchCount: number;
  /** The first is what the others are compared with. All of them must make the same bytes. */
  readonly candidates: readonly Candidate[];
}

/** How long to measure. */
export interface Effort {
  readonly rounds: number;
  /** For a candidate on the thread's clock. */
  readonly sampleNs: number;
  /** For one on the process's: long enough that each sample has its share of garbage collection. */
  readonly allocatingSampleNs: number;
  readonly warmUpNs: number;
}

/** What came of one candidate; times are nanoseconds of CPU a unit. */
export interface Row {
  readonly job: string;
  readonly candidate: string;
  readonly unit: Job["unit"];
  readonly medianNs: number;
  readonly minimumNs: number;
  readonly p90Ns: number;
  /** Time over that of the job's first candidate: the median of the rounds' ratios. */
  readonly ratio: number;
  readonly outputHash: string;
}

/** The candidates of a job do not agree on its result. */
export class DisagreementError extends Error {
  override readonly name = "DisagreementError";
}

/** Runs one candidate through the rotation, on and on. */
export class Runner {
  readonly #candidate: Candidate;
  readonly #batchCount: number;
  #batch = 0;

  constructor(candidate: Candidate, batchCount: number) {
    this.#candidate = candidate;
    this.#batchCount = batchCount;
  }

  /** Returns the nanoseconds of CPU that `runs` runs took. */
  async time(runs: number): Promise<number> {
    const candidate = this.#candidate;
    if (candidate.time !== undefined) return candidate.time(runs);
    const start = cpuNs(candidate.clock);
    for (let left = runs; left !== 0; left--) {
      const pending = candidate.run(this.#batch);
      // Only what is asynchronous pays for an await.
      if (pending !== undefined) await pending;
      if (++this.#batch === this.#batchCount) this.#batch = 0;
    }
    return cpuNs(candidate.clock) - start;
  }

  /** Warms up, and returns how many runs make a sample. Counts from the fastest try: an interrupted one would make samples too short. */
  async calibrate(effort: Effort): Promise<number> {
    const sampleNs = this.#candidate.clock === "thread" ? effort.sampleNs : effort.allocatingSampleNs;
    let runs = 1;
    let spentNs = 0;
    let fastestNs = Infinity;
    while (spentNs < effort.warmUpNs) {
      const ns = await this.time(runs);
      spentNs += ns;
      // What the clock can't resolve says nothing.
      if (ns > sampleNs / 20) fastestNs = Math.min(fastestNs, ns / runs);
      if (ns < sampleNs / 4) runs *= 2;
    }
    return Math.max(1, Math.round(sampleNs / fastestNs));
  }
}

function cpuNs(clock: Candidate["clock"]): number {
  // Linux brings the running thread's time up to date only when asked for the process's; the thread's alone is that of the last tick.
  const all = process.cpuUsage();
  const { user, system } = clock === "thread" ? process.threadCpuUsage() : all;
  return (user + system) * 1000;
}

/** Ends what the candidates of a job have running. */
export function closeAll(job: Job): void {
  for (const candidate of job.candidates) candidate.close?.();
}

/** Returns a row for each candidate. Throws `DisagreementError` before it measures anything when their outputs differ. */
export async function measure(job: Job, effort: Effort): Promise<readonly Row[]> {
  try {
    return await measured(job, effort);
  } finally {
    closeAll(job);
  }
}

async function measured(job: Job, effort: Effort): Promise<readonly Row[]> {
  const hashes: string[] = [];
  for (const candidate of job.candidates) hashes.push(candidate.isLimit ? "limit" : await outputHash(candidate, job.batchCount));
  if (new Set(hashes.filter((hash) => hash !== "limit")).size > 1) {
    const list = job.candidates.map(({ name }, index) => `${name} ${hashes[index]}`).join(", ");
    throw new DisagreementError(`${job.name}: the outputs differ: ${list}`);
  }
  const runners = job.candidates.map((candidate) => new Runner(candidate, job.batchCount));
  const runs: number[] = [];
  for (const runner of runners) runs.push(await runner.calibrate(effort));
  const samples: number[][] = runners.map(() => []);
  for (let round = 0; round < effort.rounds; round++) {
    for (let turn = 0; turn < runners.length; turn++) {
      const index = (turn + round) % runners.length;
      const ns = await runners[index]?.time(runs[index] ?? 1);
      samples[index]?.push((ns ?? Number.NaN) / (runs[index] ?? 1) / job.unitsPerRun);
    }
  }
  const reference = samples[0] ?? [];
  return job.candidates.map(({ name }, index) => {
    const own = samples[index] ?? [];
    return {
      job: job.name,
      candidate: name,
      unit: job.unit,
      medianNs: quantile(own, 0.5),
      minimumNs: Math.min(...own),
      p90Ns: quantile(own, 0.9),
      ratio: quantile(
        own.map((ns, round) => ns / (reference[round] ?? Number.NaN)),
        0.5,
      ),
      outputHash: hashes[index] ?? "",
    };
  });
}

/** Returns a short hash of what a candidate makes of the whole rotation. */
async function outputHash(candidate: Candidate, batchCount: number): Promise<string> {
  const hash = createHash("sha256");
  for (let batch = 0; batch < batchCount; batch++) {
    await candidate.run(batch);
    for (const output of candidate.outputs()) hash.update(`${output.length}:`).update(output);
  }
  return hash.digest("hex").slice(0, 12);
}

function quantile(numbers: readonly number[], share: number): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
