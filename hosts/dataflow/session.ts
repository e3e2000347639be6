/** One life of the router between two failures: a consumer, a producer, and what is between them. */
import type { Router } from "../embed.ts";
import type { BatchConsumer, BatchProducer, Binder, ConsumerOptions, FetchHandler, FetchedBatches, Jump, Reading } from "./binder.ts";
import type { Clock } from "./clock.ts";
import { startCommitter, type Committer } from "./committer.ts";
import { AppError, describeError, protocolType } from "./errors.ts";
import { createInFlight, type InFlight } from "./in-flight.ts";
import type { Logger } from "./log.ts";
import { createPositions } from "./positions.ts";
import type { Target, Targets } from "./provision.ts";
import { routeFetched, type RoutedStretch } from "./route-fetched.ts";
import type { UnroutableRecord } from "./unroutable.ts";

/** What a session works with; the app owns all of it. */
export interface SessionOptions {
  readonly binder: Binder;
  readonly router: Router;
  /** Another instance of the core, for CRCs. */
  readonly checker: Router;
  readonly input: Reading & { readonly destination: string };
  readonly targets: Targets;
  readonly inFlightBytesMax: number;
  readonly commitIntervalMs: number;
  readonly onRouted: (stretch: RoutedStretch) => void;
  readonly onUnroutable: (record: UnroutableRecord) => void;
  readonly onJump: (jump: Jump) => void;
  readonly log: Logger;
  readonly clock: Clock;
}

/** While a handler waits for room it must tell the group that it lives. */
const HEARTBEAT_MS = 1000;
/** Longest wait for acknowledgements before the group is left or joined again: what is not committed by then is routed a second time. */
const SETTLE_TIMEOUT_MS = 5000;
/** The protocol's names of a group that is being assigned anew: no reason for concern. */
const REASSIGNED: ReadonlySet<string> = new Set(["REBALANCE_IN_PROGRESS", "ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID"]);
/** Longest wait for one step when a session is given up. */
const STEP_MS_MAX = 15_000;
const LOGGER = "router.session";

/** Opens a session. Resolves when the consumer has joined its group. */
export async function openSession(options: SessionOptions): Promise<Session> {
  const session = new Session(options, await options.binder.openProducer());
  await session.open();
  return session;
}

/** Routes what is fetched, commits what is acknowledged. */
export class Session {
  /** Rejects when the session can't go on; never resolves by itself. */
  readonly failed: Promise<never>;
  readonly #options: SessionOptions;
  readonly #producer: BatchProducer;
  readonly #positions = createPositions();
  readonly #inFlight: InFlight;
  readonly #fail: (error: unknown) => void;
  #consumer: BatchConsumer | null = null;
  #committer: Committer | null = null;
  #accepting = true;
  /** Counts how often partitions have been assigned. */
  #assignment = 0;
  #committing: Promise<void> = Promise.resolve();
  #hasCommitted = false;
  /** Why the session can't go on, or null. */
  #failure: unknown = null;
  /** Why the group did not take the last commit, or null when it did. */
  #refusal: unknown = null;

  constructor(options: SessionOptions, producer: BatchProducer) {
    this.#options = options;
    this.#producer = producer;
    this.#inFlight = createInFlight(options.inFlightBytesMax, options.clock);
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => {});
    this.failed = promise;
    this.#fail = (error) => {
      this.#failure ??= error;
      reject(error);
    };
  }

  /** Joins the group and begins to commit. Lets go of the producer when it can't. */
  async open(): Promise<void> {
    const { binder, input, commitIntervalMs, clock } = this.#options;
    const { destination, ...reading } = input;
    const consumerOptions: ConsumerOptions = {
      ...reading,
      topics: [destination],
      onAssigned: (begun) => {
        this.#assignment++;
        this.#positions.clear();
        this.#refusal = null;
        // What comes now is not taken, so the consumer may be further than the records that were routed.
        if (!this.#accepting) return;
        for (const { topic, partition, offset } of begun) this.#positions.begin(topic, partition, offset);
      },
      onBegun: ({ topic, partition, offset }) => {
        if (this.#accepting) this.#positions.begin(topic, partition, offset);
      },
      onJump: (jump) => {
        this.#options.onJump(jump);
        this.#positions.begin(jump.topic, jump.partition, jump.to);
      },
    };
    try {
      const handler: FetchHandler = async (fetched, heartbeat, taken) => this.#handle(fetched, heartbeat, taken);
      this.#consumer = await binder.openConsumer(consumerOptions, handler);
    } catch (error) {
      await this.#closeQuietly(this.#producer);
      throw error;
    }
    this.#consumer.ended.catch(this.#fail);
    const isIdle = (): boolean => this.#inFlight.bytes === 0;
    this.#committer = startCommitter(async () => this.#commit(), isIdle, commitIntervalMs, clock);
  }

  /** Whether the broker has been heard of lately. */
  isHeard(): boolean {
    return this.#consumer?.isHeard?.() ?? true;
  }

  /** Whether the group has taken a commit: only then has the session brought the records any further. */
  hasCommitted(): boolean {
    return this.#hasCommitted;
  }

  /**
   * Takes no more records, waits until all that were taken are acknowledged, commits, and leaves the group. Rejects when a record was not
   * acknowledged, or the group did not take the last positions; then, too, it has let go of everything.
   */
  async drain(): Promise<void> {
    this.#accepting = false;
    await this.#inFlight.drained();
    await this.#committer?.stop();
    await this.#commit();
    // Failures have had their turns by now.
    const failure = this.#failure ?? this.#refusal;
    if (failure !== null) {
      await this.#letGo();
      throw failure;
    }
    await this.#consumer?.close();
    await this.#producer.close();
  }

  /** Commits what it can and lets go of everything, within some seconds a step; what is not committed will be read again. */
  async abandon(): Promise<void> {
    this.#accepting = false;
    await this.#atMost(this.#committer?.stop());
    await this.#atMost(this.#commit());
    await this.#letGo();
  }

  async #letGo(): Promise<void> {
    if (this.#consumer !== null) await this.#atMost(this.#closeQuietly(this.#consumer));
    await this.#atMost(this.#closeQuietly(this.#producer));
  }

  /** Waits for a step of the end, but not for one that never comes: the next session waits behind it. */
  async #atMost(step: Promise<void> | undefined): Promise<void> {
    const deadline = new AbortController();
    await Promise.race([step, this.#options.clock.delay(STEP_MS_MAX, deadline.signal)]);
    deadline.abort();
  }

  async #handle(fetched: FetchedBatches, heartbeat: () => Promise<void>, taken: (nextOffset: bigint) => void): Promise<void> {
    if (!this.#accepting) return;
    const assignment = this.#assignment;
    const { router, checker, targets, clock } = this.#options;
    let fromOffset = fetched.fetchOffset;
    const deadLetterTime = targets.deadLetters === null ? null : (): number => clock.now();
    const places = placesOf(targets, fetched.partition);
    try {
      for (const stretch of routeFetched(router, checker, fetched, targets.batchBytesMax, deadLetterTime)) {
        // What is left of an assignment that is over is read again, by whoever has the partition now.
        if (!this.#accepting || assignment !== this.#assignment) return;
        this.#take(fetched, fromOffset, stretch);
        fromOffset = stretch.nextOffset;
        taken(stretch.nextOffset);
        // The generator stands still here, with the router's outputs empty, so that handlers of other partitions may use it.
        // Whoever closes the consumer waits for this handler, so it must not wait for acknowledgements that may never come.
        while (this.#accepting && !(await this.#inFlight.room(places, HEARTBEAT_MS))) await heartbeat();
      }
      await heartbeat();
    } catch (error) {
      // The group may be lost with this error, so what was done until now is committed before it.
      await this.#settle();
      throw error;
    }
  }

  /** Accounts for a stretch, sends its batches on, and notes what its position waits for. */
  #take({ topic, partition }: FetchedBatches, fromOffset: bigint, stretch: RoutedStretch): void {
    const { targets, onRouted, onUnroutable } = this.#options;
    for (const record of stretch.unroutable) onUnroutable({ topic, partition, ...record });
    onRouted(stretch);
    const acknowledgements = [
      ...stretch.batches.map(async ({ output, bytes }) => this.#produce(targets.outputs[output], partition, bytes)),
      ...stretch.deadLetters.map(async ({ bytes }) => this.#produce(targets.deadLetters, partition, bytes)),
    ];
    for (const acknowledged of acknowledgements) {
      acknowledged.catch((error: unknown) => {
        this.#fail(withOrigin(error, `${topic}-${partition}, offsets from ${fromOffset} on, below ${stretch.nextOffset}`));
      });
    }
    this.#positions.add(topic, partition, stretch.nextOffset, acknowledgements);
  }

  /** Sends one batch on; resolves when it is acknowledged. */
  async #produce(target: Target | null | undefined, inputPartition: number, bytes: Uint8Array): Promise<void> {
    if (target === null || target === undefined) throw new RangeError("a batch was routed to where there is no topic");
    const outputPartition = inputPartition % target.partitions;
    const acknowledged = this.#producer.produce(target.destination, outputPartition, bytes);
    this.#inFlight.add(bytes.length, placeOf(target, outputPartition), acknowledged);
    return acknowledged;
  }

  /** Commits what is acknowledged, after the commit that may be under way. */
  async #commit(): Promise<void> {
    this.#committing = this.#committing.then(async () => this.#commitOnce());
    return this.#committing;
  }

  async #commitOnce(): Promise<void> {
    // A position is ready a few turns of the event loop after its last acknowledgement.
    await this.#options.clock.turn();
    if (this.#consumer === null) return;
    const positions = this.#positions.take();
    if (positions.length === 0) return;
    try {
      await this.#consumer.commit(positions);
      this.#hasCommitted = true;
      this.#refusal = null;
    } catch (error) {
      // Not lost: the group keeps its older positions, and the next commit has these again.
      this.#positions.putBack(positions);
      const isExpected = this.#refusal !== null || REASSIGNED.has(protocolType(error) ?? "");
      this.#refusal = error;
      const message = `The group did not take a commit (a restart would route records again): ${describeError(error)}`;
      this.#options.log[isExpected ? "debug" : "warn"](LOGGER, message);
    }
  }

  async #settle(): Promise<void> {
    const deadline = new AbortController();
    const timeout = this.#options.clock.delay(SETTLE_TIMEOUT_MS, deadline.signal);
    await Promise.race([this.#inFlight.drained(), this.failed.catch(() => {}), timeout]);
    deadline.abort();
    await this.#commit();
  }

  async #closeQuietly(closable: BatchConsumer | BatchProducer): Promise<void> {
    try {
      await closable.close();
    } catch (error) {
      this.#options.log.debug(LOGGER, `Did not close cleanly: ${describeError(error)}`);
    }
  }
}

/** Where the batches of an input partition go. */
function placesOf({ outputs, deadLetters }: Targets, inputPartition: number): readonly string[] {
  return [...outputs, ...(deadLetters === null ? [] : [deadLetters])].map((target) => placeOf(target, inputPartition % target.partitions));
}

function placeOf({ destination }: Target, partition: number): string {
  return `${destination}/${partition}`;
}

/** Adds to a refusal where its records come from, which the producer does not know and the operator has to. */
function withOrigin(error: unknown, origin: string): unknown {
  if (!(error instanceof AppError) || error.code !== "PRODUCE_REFUSED") return error;
  return new AppError(error.code, error.retriable, `${error.message}; the records come from ${origin}`, error.cause);
}
