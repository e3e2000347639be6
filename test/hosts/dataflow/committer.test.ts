/** When commits are due, in a time that the test makes pass. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, type Clock } from "../../../hosts/dataflow/clock.ts";
import { startCommitter, type Committer } from "../../../hosts/dataflow/commits.ts";

/** A committer, and the milliseconds at which it commits. */
class Run {
  readonly committedAt: number[] = [];
  isIdle = false;
  /** How long a commit takes. */
  tookMs = 0;
  readonly committer: Committer;
  #nowMs = 0;
  #timer: { readonly everyMs: number; readonly run: () => void } | null = null;
  readonly #ends: [atMs: number, end: () => void][] = [];

  constructor(intervalMs: number) {
    const clock: Clock = {
      ...systemClock,
      now: () => this.#nowMs,
      every: (everyMs, run) => {
        this.#timer = { everyMs, run };
        return () => {
          this.#timer = null;
        };
      },
    };
    const commit = async (): Promise<void> => {
      this.committedAt.push(this.#nowMs);
      await new Promise<void>((resolve) => this.#ends.push([this.#nowMs + this.tookMs, resolve]));
    };
    this.committer = startCommitter(commit, () => this.isIdle, intervalMs, clock);
  }

  /** Whether the timer runs. */
  get runs(): boolean {
    return this.#timer !== null;
  }

  async pass(ms: number): Promise<void> {
    for (const endMs = this.#nowMs + ms; this.#nowMs < endMs;) {
      this.#nowMs++;
      while ((this.#ends[0]?.[0] ?? Infinity) <= this.#nowMs) this.#ends.shift()?.[1]();
      await new Promise(setImmediate);
      if (this.#timer !== null && this.#nowMs % this.#timer.everyMs === 0) this.#timer.run();
    }
  }
}

test("what is in flight is committed every interval", async () => {
  const run = new Run(1000);
  await run.pass(3000);
  assert.deepEqual(run.committedAt, [1000, 2000, 3000]);
});

test("when nothing is in flight, what there is is committed sooner, ten times a second at most", async () => {
  const run = new Run(1000);
  await run.pass(340);
  run.isIdle = true;
  await run.pass(260);
  assert.deepEqual(run.committedAt, [340 + 20, 460, 560]);
});

test("an interval below a tenth of a second is kept, idle or not", async () => {
  for (const isIdle of [false, true]) {
    const run = new Run(5);
    run.isIdle = isIdle;
    await run.pass(20);
    assert.deepEqual(run.committedAt, [5, 10, 15, 20]);
  }
});

test("a commit that takes longer than the interval is followed by the next one at once, and never by two", async () => {
  const run = new Run(5);
  run.tookMs = 7;
  await run.pass(30);
  assert.deepEqual(run.committedAt, [5, 12, 19, 26]);
});

test("to stop is to begin no further commit, and to wait for the one that runs", async () => {
  const run = new Run(10);
  run.tookMs = 4;
  await run.pass(10);
  let hasStopped = false;
  const stopped = run.committer.stop().then(() => (hasStopped = true));
  assert.equal(run.runs, false);
  await run.pass(3);
  assert.equal(hasStopped, false);
  await run.pass(1);
  await stopped;
  await run.pass(50);
  assert.deepEqual(run.committedAt, [10]);
});
