/** Tells the group the positions behind acknowledged records: every interval, and sooner when nothing is in flight, one commit at a time. */
import type { BatchConsumer } from "./binder.ts";
import type { Clock } from "./clock.ts";
import { describeError, protocolType } from "./errors.ts";
import type { Logger } from "./log.ts";
import type { RouterMeters } from "./metrics/router-meters.ts";
import type { Positions } from "./positions.ts";

export interface CommitsOptions {
  readonly positions: Positions;
  /** The consumer, as soon as there is one: a handler may want to commit before it has been opened all the way. */
  readonly consumer: () => BatchConsumer | null;
  readonly meters: RouterMeters;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Positions are committed when nothing is in flight, but not more often than this. */
const COMMIT_SPACING_MS = 100;
/** The protocol's names of a group that is being assigned anew: no reason for concern. */
const REASSIGNED: ReadonlySet<string> = new Set(["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"]);
const LOGGER = "router.session";

/** The commits of one session. */
export class Commits {
  readonly #options: CommitsOptions;
  #last: Promise<void> = Promise.resolve();
  #hasSucceeded = false;
  #refusal: unknown = null;

  constructor(options: CommitsOptions) {
    this.#options = options;
  }

  /** Whether the group has taken one. */
  get hasSucceeded(): boolean {
    return this.#hasSucceeded;
  }

  /** Why the group did not take the last one, or null when it did. */
  get refusal(): unknown {
    return this.#refusal;
  }

  /** The partitions have been assigned anew: what was refused before is no concern of this member any more. */
  assigned(): void {
    this.#refusal = null;
  }

  /** Commits what is acknowledged, after the commit that may be under way. */
  async commit(): Promise<void> {
    this.#last = this.#last.then(async () => this.#commitOnce());
    return this.#last;
  }

  async #commitOnce(): Promise<void> {
    const { positions, meters, log, clock } = this.#options;
    // A position is ready a few turns of the event loop after its last acknowledgement.
    await clock.turn();
    const consumer = this.#options.consumer();
    if (consumer === null) return;
    const taken = positions.take();
    if (taken.length === 0) return;
    const startMs = performance.now();
    const seconds = (): number => (performance.now() - startMs) / 1000;
    try {
      await consumer.commit(taken);
      meters.committed(taken, seconds());
      this.#hasSucceeded = true;
      this.#refusal = null;
    } catch (error) {
      // Not lost: the group keeps its older positions, and the next commit has these again.
      positions.putBack(taken);
      meters.commitRefused(seconds());
      const isExpected = this.#refusal !== null || REASSIGNED.has(protocolType(error) ?? "");
      this.#refusal = error;
      const message = `The group did not take a commit (a restart would route records again): ${describeError(error)}`;
      log[isExpected ? "debug" : "warn"](LOGGER, message);
    }
  }
}

/** Commits that are made by themselves, until they are stopped. */
export interface Committer {
  /** Begins no further commit and waits for the one that runs. */
  stop(): Promise<void>;
}

/** Begins to commit every interval, and sooner when nothing is in flight. */
export function startCommitter(commit: () => Promise<void>, isIdle: () => boolean, intervalMs: number, clock: Clock): Committer {
  let running: Promise<void> = Promise.resolve();
  let committedAt = clock.now();
  let busy = false;
  const stopTicking = clock.every(Math.min(COMMIT_SPACING_MS, intervalMs), () => {
    if (busy || (!isIdle() && clock.now() - committedAt < intervalMs)) return;
    busy = true;
    committedAt = clock.now();
    running = commit().finally(() => {
      busy = false;
    });
  });
  return {
    stop: async () => {
      stopTicking();
      await running;
    },
  };
}
