/** What goes wrong in a simulation, and when. */
import type { Random } from "./random.ts";
import type { Scheduler } from "./scheduler.ts";

/** Where something may go wrong: each await that the app has of its binder, and what a broker does by itself. */
export type Point =
  "provision" | "open-producer" | "produce" | "open-consumer" | "crash" | "fetch-twice" | "heartbeat" | "commit" | "close" | RequestPoint;

/** Each request of a producer with transactions. */
export type RequestPoint =
  | "connect"
  | "find-coordinator"
  | "init-producer"
  | "add-partitions"
  | "produce-in-transaction"
  | "add-offsets"
  | "send-offsets"
  | "end-transaction";

/**
 * How: refused without effect; done, but the answer is an error; done late; no answer until the client gives up, done or not; done twice.
 */
export type Fault = "before" | "after" | "late" | "never" | "twice";

/** Probability of a fault by point; a point that is missing never fails. */
export type Rates = Readonly<Partial<Record<Point, number>>>;

/** Of delivery at least once, where a fetch that is handed over again is nothing worse than others. */
const POINTS: readonly Point[] = [
  "provision",
  "open-producer",
  "produce",
  "open-consumer",
  "crash",
  "fetch-twice",
  "heartbeat",
  "commit",
  "close",
];
const TRANSACTION_POINTS: readonly Point[] = [
  "provision",
  "open-consumer",
  "crash",
  "heartbeat",
  "close",
  "connect",
  "find-coordinator",
  "init-producer",
  "add-partitions",
  "produce-in-transaction",
  "add-offsets",
  "send-offsets",
  "end-transaction",
];
const FAULTS: readonly [Fault, ...Fault[]] = ["before", "after", "late", "never", "twice"];

/** Draws rates: some points never fail in a simulation, so that others are not hidden behind them. */
export function drawRates(random: Random, isExactlyOnce: boolean): Rates {
  const most = random.pick([0.02, 0.1, 0.4]);
  const rates: Partial<Record<Point, number>> = {};
  for (const point of isExactlyOnce ? TRANSACTION_POINTS : POINTS) if (random.chance(0.5)) rates[point] = most * random.next();
  return rates;
}

/** The faults of one simulation. */
export class Faults {
  readonly #random: Random;
  readonly #scheduler: Scheduler;
  readonly #rates: Rates;
  #count = 0;
  #downUntilMs = 0;
  #haveCeased = false;

  constructor(random: Random, scheduler: Scheduler, rates: Rates) {
    this.#random = random;
    this.#scheduler = scheduler;
    this.#rates = rates;
  }

  /** How many there were. */
  get count(): number {
    return this.#count;
  }

  /** Returns what goes wrong at a point this time, or null. */
  strike(point: Point): Fault | null {
    if (this.#haveCeased) return null;
    const isDown = this.#scheduler.nowMs < this.#downUntilMs && point !== "fetch-twice";
    if (!isDown && !this.#random.chance(this.#rates[point] ?? 0)) return null;
    const fault = isDown ? "before" : this.#random.pick(FAULTS);
    this.add(`fault: ${point} ${fault}`);
    return fault;
  }

  /** Notes a fault that somebody else has made. */
  add(line: string): void {
    this.#scheduler.note(line);
    this.#count++;
  }

  /** Has the brokers refuse everything for a while. */
  takeDown(forMs: number): void {
    this.add(`brokers down for ${forMs} ms`);
    this.#downUntilMs = this.#scheduler.nowMs + forMs;
  }

  /** Ends all faults; what they have begun may still come. */
  cease(): void {
    this.#haveCeased = true;
  }
}

/** An error that says nothing: whatever it was for may have happened. */
export function outage(point: Point): Error {
  return new Error(`no connection (${point})`);
}
