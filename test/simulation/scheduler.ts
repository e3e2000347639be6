/** Time that passes only when all that is ready has run, and in which a seed decides what comes first. */
import type { Clock } from "../../hosts/dataflow/clock.ts";
import type { Random } from "./random.ts";

interface Event {
  readonly timeMs: number;
  /** Decides between events of the same time. */
  readonly tie: number;
  readonly run: () => void;
  isCancelled: boolean;
}

/** Longest that an event comes later than it was to. */
export const JITTER_MS_MAX = 3;

/** The events of one simulation. No timer of the system is involved. */
export class Scheduler {
  /** What happened, a line each. */
  readonly trace: string[] = [];
  readonly #random: Random;
  /** A binary heap: none of the two below an event comes before it. */
  readonly #events: Event[] = [];
  #nowMs = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  note(line: string): void {
    this.trace.push(`${this.#nowMs} ${line}`);
  }

  /** Runs something in `delayMs`, or a little later. The answer takes it back. */
  after(delayMs: number, run: () => void): () => void {
    const event = {
      timeMs: this.#nowMs + Math.max(delayMs, 0) + this.#random.between(0, JITTER_MS_MAX),
      tie: this.#random.next(),
      run,
      isCancelled: false,
    };
    this.#push(event);
    return () => {
      event.isCancelled = true;
    };
  }

  /** Lets time pass until the condition holds; returns whether it did by `untilMs`. */
  async run(untilMs: number, holds: () => boolean): Promise<boolean> {
    // What has been begun outside of any event gets as far as it can, first.
    await new Promise(setImmediate);
    while (!holds()) {
      const event = this.#events[0];
      if (event === undefined || event.timeMs > untilMs) {
        this.#nowMs = untilMs;
        return holds();
      }
      this.#pop();
      if (event.isCancelled) continue;
      this.#nowMs = event.timeMs;
      event.run();
      // All promises that this event has settled go as far as they get.
      await new Promise(setImmediate);
    }
    return true;
  }

  #push(event: Event): void {
    const events = this.#events;
    let at = events.push(event) - 1;
    while (at > 0) {
      const above = (at - 1) >> 1;
      if (!comesBefore(event, events[above])) break;
      this.#swap(at, above);
      at = above;
    }
  }

  #pop(): void {
    const events = this.#events;
    const last = events.pop();
    if (last === undefined || events.length === 0) return;
    events[0] = last;
    for (let at = 0; ;) {
      const left = 2 * at + 1;
      const least = comesBefore(events[left + 1], events[left]) ? left + 1 : left;
      if (!comesBefore(events[least], last)) break;
      this.#swap(at, least);
      at = least;
    }
  }

  #swap(left: number, right: number): void {
    const [one, other] = [this.#events[left], this.#events[right]];
    if (one === undefined || other === undefined) throw new RangeError(`no event ${left} or ${right}`);
    this.#events[left] = other;
    this.#events[right] = one;
  }
}

function comesBefore(left: Event | undefined, right: Event | undefined): boolean {
  if (left === undefined || right === undefined) return left !== undefined;
  return left.timeMs < right.timeMs || (left.timeMs === right.timeMs && left.tie < right.tie);
}

/** Something that may die: whatever of it waits for its clock then never goes on. Or it stands still for a time: all of that goes on late. */
export class Life {
  readonly clock: Clock;
  readonly #scheduler: Scheduler;
  readonly #parent: Life | null;
  #isKilled = false;
  #frozenUntilMs = 0;

  constructor(scheduler: Scheduler, parent: Life | null = null) {
    this.#scheduler = scheduler;
    this.#parent = parent;
    this.clock = {
      now: () => scheduler.nowMs,
      delay: async (ms, signal) => this.#delay(ms, signal),
      turn: async () => this.#delay(0),
      every: (ms, run) => this.#every(ms, run),
    };
  }

  get isAlive(): boolean {
    return !this.#isKilled && this.#parent?.isAlive !== false;
  }

  kill(): void {
    this.#isKilled = true;
  }

  /** Stands still, like a process that gets no processor. */
  freeze(forMs: number): void {
    this.#frozenUntilMs = this.#scheduler.nowMs + forMs;
  }

  /** For how long it still stands still, or 0. */
  get frozenMs(): number {
    return Math.max(this.#frozenUntilMs - this.#scheduler.nowMs, this.#parent?.frozenMs ?? 0, 0);
  }

  async #delay(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const end = (): void => {
      cancel();
      signal?.removeEventListener("abort", end);
      if (this.frozenMs > 0) this.#scheduler.after(this.frozenMs, end);
      else if (this.isAlive) resolve();
    };
    const cancel = this.#scheduler.after(ms, end);
    signal?.addEventListener("abort", end);
    await promise;
  }

  #every(ms: number, run: () => void): () => void {
    let isStopped = false;
    const next = (): void => {
      this.#scheduler.after(ms, () => {
        if (isStopped || !this.isAlive) return;
        next();
        if (this.frozenMs === 0) run();
      });
    };
    next();
    return () => {
      isStopped = true;
    };
  }
}
