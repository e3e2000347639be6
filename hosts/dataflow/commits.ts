/**
 * Tells the group the positions behind acknowledged records: every interval, and sooner when nothing is in flight, one commit at a time. With
 * transactions each commit ends one, and what is taken next goes into another.
 */
import type { BatchConsumer, Position, Transaction } from "./binder.ts";
import type { Clock } from "./clock.ts";
import { AppError, describeError, protocolType } from "./errors.ts";
import type { InFlight } from "./in-flight.ts";
import type { Logger } from "./log.ts";
import type { RouterMeters } from "./metrics/router-meters.ts";
import type { Positions } from "./positions.ts";

export interface CommitsOptions {
  readonly positions: Positions;
  /** The consumer, as soon as there is one: a handler may want to commit before it has been opened all the way. */
  readonly consumer: () => BatchConsumer | null;
  /** Of the producer, if it has transactions. */
  readonly transaction: Transaction | undefined;
  readonly inFlight: InFlight;
  /** Called when a transaction was not committed, or perhaps: the session can't go on. */
  readonly onTransactionLost: (error: AppError) => void;
  readonly meters: RouterMeters;
  readonly log: Logger;
  readonly clock: Clock;
}

/** Positions are committed when nothing is in flight, but not more often than this. */
const COMMIT_SPACING_MS = 100;
/** How often it is looked whether a commit is due: a commit takes a while, and the next one would be late by up to this part of its time. */
const LOOKS_A_SPACING = 5;
/** The protocol's names of a group that is being assigned anew: no reason for concern. */
const REASSIGNED: ReadonlySet<string> = new Set(["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"]);
const LOGGER = "router.session";

/** The commits of one session. */
export class Commits {
  readonly #options: CommitsOptions;
  #last: Promise<void> = Promise.resolve();
  #hasSucceeded = false;
  #refusal: unknown = null;
  /** Whether the partitions are about to be assigned anew, and nothing more of them may be taken. */
  #isRevoking = false;
  /** Whether positions of the consumer's choice are to be committed first. */
  #isBeginning = false;
  /** Whether a transaction is being ended, */
  #isEnding = false;
  /** and its positions are on their way to the group. */
  #isSent = false;

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

  /**
   * The partitions have been assigned anew: what was refused before is no concern of this member any more. `hasBegun` says that some begin at the
   * consumer's choice: these positions are committed at once, so that whoever gets such a partition next begins there, too. With transactions they
   * have one of their own, before anything is taken, for when it is not known what became of one with batches, the partitions would begin there once
   * more, and the batches be made again.
   */
  assigned(hasBegun: boolean): void {
    const { transaction, inFlight } = this.#options;
    if (transaction === undefined) {
      this.#refusal = null;
      this.#isBeginning = hasBegun;
      void this.begin();
      return;
    }
    this.#isRevoking = false;
    // Whoever has the partitions now reads those records again.
    if (!transaction.isEmpty && !this.#isSent) this.#lose(new Error("its partitions were assigned anew before it was committed"));
    if (hasBegun) {
      inFlight.hold();
      this.#isBeginning = true;
      void this.begin();
    } else if (!this.#isEnding) {
      this.#release();
    }
  }

  /** Commits where partitions begin, as soon as there is a consumer to do it. */
  async begin(): Promise<void> {
    if (!this.#isBeginning || this.#options.consumer() === null) return;
    this.#isBeginning = false;
    await this.commit();
  }

  /** What has been made of a stretch of records is not all there: neither may the rest of it be committed. */
  batchFailed(error: unknown): void {
    if (this.#options.transaction !== undefined) this.#refusal ??= error;
  }

  /**
   * Commits the transaction before the partitions are assigned anew, while its positions are still this member's to commit; nothing is taken
   * until they are assigned. Whoever has them next begins behind what is committed here.
   */
  async revoke(): Promise<void> {
    if (this.#options.transaction === undefined) return;
    this.#isRevoking = true;
    await this.commit();
  }

  /** Commits what is acknowledged, after the commit that may be under way. */
  async commit(): Promise<void> {
    this.#last = this.#last.then(async () => (this.#options.transaction === undefined ? this.#commitPositions() : this.#endTransaction()));
    return this.#last;
  }

  async #commitPositions(): Promise<void> {
    const { positions, meters, log, clock } = this.#options;
    // A position is ready a few turns of the event loop after its last acknowledgement.
    await clock.turn();
    const consumer = this.#options.consumer();
    if (consumer === null) return;
    const taken = positions.take();
    if (taken.length === 0) return;
    const startMs = performance.now();
    try {
      await consumer.commit(taken);
      this.#succeeded(taken, startMs);
    } catch (error) {
      // Not lost: the group keeps its older positions, and the next commit has these again.
      positions.putBack(taken);
      meters.commitRefused(secondsSince(startMs));
      const isExpected = this.#refusal !== null || REASSIGNED.has(protocolType(error) ?? "");
      this.#refusal = error;
      const message = `The group did not take a commit (a restart would route records again): ${describeError(error)}`;
      log[isExpected ? "debug" : "warn"](LOGGER, message);
    }
  }

  /** Nothing is taken from here to its end: what a transaction has is all that its positions stand for, and nothing else. */
  async #endTransaction(): Promise<void> {
    const { inFlight, positions, transaction, clock } = this.#options;
    this.#isEnding = true;
    inFlight.hold();
    await inFlight.drained();
    await clock.turn();
    const consumer = this.#options.consumer();
    const taken = consumer === null || this.#refusal !== null ? [] : positions.take();
    if (taken.length > 0) {
      this.#isSent = true;
      const startMs = performance.now();
      try {
        await consumer?.commit(taken, transaction);
        this.#succeeded(taken, startMs);
      } catch (error) {
        this.#options.meters.commitRefused(secondsSince(startMs));
        this.#lose(error);
      }
      this.#isSent = false;
    }
    this.#isEnding = false;
    this.#release();
  }

  /** Lets handlers take again, unless there is a reason that outlasts a single commit. */
  #release(): void {
    if (this.#refusal === null && !this.#isRevoking && !this.#isBeginning) this.#options.inFlight.release();
  }

  /** The group's positions tell what became of the transaction, but only when another producer has ended it for certain. */
  #lose(cause: unknown): void {
    this.#refusal ??= cause;
    const isFinal = cause instanceof AppError && cause.code === "TRANSACTIONS_REFUSED";
    const lost = "a transaction was not committed, or it is not known whether it was";
    this.#options.onTransactionLost(isFinal ? cause : new AppError("TRANSACTION_LOST", true, lost, cause));
  }

  #succeeded(taken: readonly Position[], startMs: number): void {
    this.#options.meters.committed(taken, secondsSince(startMs));
    this.#hasSucceeded = true;
    this.#refusal = null;
  }
}

function secondsSince(startMs: number): number {
  return (performance.now() - startMs) / 1000;
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
  const spacingMs = Math.min(COMMIT_SPACING_MS, intervalMs);
  const stopTicking = clock.every(Math.ceil(spacingMs / LOOKS_A_SPACING), () => {
    if (busy || clock.now() - committedAt < (isIdle() ? spacingMs : intervalMs)) return;
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
