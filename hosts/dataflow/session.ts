/** One life of the router between two failures: a consumer, a producer, and what is between them. */
import type { Router } from "../embed.ts";
import type {
  BatchConsumer,
  BatchProducer,
  Binder,
  ConsumerOptions,
  FetchHandler,
  FetchedBatches,
  Jump,
  PartitionProgress,
  Reading,
} from "./binder.ts";
import type { Clock } from "./clock.ts";
import { Commits, startCommitter, type Committer } from "./commits.ts";
import { describeError, withOrigin } from "./errors.ts";
import { createInFlight, type InFlight } from "./in-flight.ts";
import type { Logger } from "./log.ts";
import type { RouterMeters, SentBatch } from "./metrics/router-meters.ts";
import { createPositions } from "./positions.ts";
import { placeOf, placesOf, type Target, type Targets } from "./provision.ts";
import { withoutHeaders } from "./record-batch.ts";
import { routeFetched, type RoutedStretch } from "./route-fetched.ts";
import type { UnroutableRecord } from "./unroutable.ts";

/** What a session works with; the app owns all of it. */
export interface SessionOptions {
  readonly binder: Binder;
  readonly router: Router;
  /** Another instance of the core, for CRCs. */
  readonly checker: Router;
  readonly input: Reading & { readonly destinations: readonly string[] };
  readonly targets: Targets;
  /** Whether the session joins the group and waits to be resumed. */
  readonly isPaused?: boolean;
  readonly inFlightBytesMax: number;
  readonly commitIntervalMs: number;
  readonly meters: RouterMeters;
  readonly onUnroutable: (record: UnroutableRecord) => void;
  readonly onJump: (jump: Jump) => void;
  readonly log: Logger;
  readonly clock: Clock;
}

/** While a handler waits for room it must tell the group that it lives. */
const HEARTBEAT_MS = 1000;
/** Longest wait for acknowledgements before the group is left or joined again: what is not committed by then is routed a second time. */
const SETTLE_TIMEOUT_MS = 5000;
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
  readonly #commits: Commits;
  readonly #inFlight: InFlight;
  readonly #fail: (error: unknown) => void;
  readonly #copy: (batch: Uint8Array) => Uint8Array;
  #consumer: BatchConsumer | null = null;
  #committer: Committer | null = null;
  #accepting = true;
  /** Counts how often partitions have been assigned. */
  #assignment = 0;
  /** Why the session can't go on, or null. */
  #failure: unknown = null;

  constructor(options: SessionOptions, producer: BatchProducer) {
    this.#options = options;
    this.#producer = producer;
    this.#copy = producer.copy?.bind(producer) ?? ((batch) => Buffer.from(batch));
    this.#inFlight = createInFlight(options.inFlightBytesMax, options.clock);
    this.#commits = new Commits({
      ...options,
      positions: this.#positions,
      consumer: () => this.#consumer,
      transaction: producer.transaction,
      inFlight: this.#inFlight,
      onTransactionLost: (error) => {
        this.#fail(error);
      },
    });
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
    const { binder, input, isPaused = false, commitIntervalMs, clock } = this.#options;
    const { destinations, ...reading } = input;
    const consumerOptions: ConsumerOptions = {
      ...reading,
      topics: destinations,
      isPaused,
      onAssigned: (begun) => {
        this.#assignment++;
        this.#options.meters.assigned();
        this.#positions.clear();
        this.#commits.assigned(begun.length > 0);
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
      ...(this.#producer.transaction === undefined ? {} : { beginsAtCommitted: true, onRevoking: async () => this.#commits.revoke() }),
    };
    try {
      const handler: FetchHandler = async (fetched, heartbeat, taken) => this.#handle(fetched, heartbeat, taken);
      this.#consumer = await binder.openConsumer(consumerOptions, handler);
    } catch (error) {
      this.#accepting = false;
      await this.#closeQuietly(this.#producer);
      throw error;
    }
    this.#consumer.ended.catch(this.#fail);
    await this.#commits.begin();
    const isIdle = (): boolean => this.#inFlight.bytes === 0;
    this.#committer = startCommitter(async () => this.#commits.commit(), isIdle, commitIntervalMs, clock);
  }

  /** Takes no more records, but keeps the partitions; what has been fetched is still taken. */
  pause(): void {
    this.#consumer?.pause();
  }

  /** Takes records again. */
  resume(): void {
    this.#consumer?.resume();
  }

  /** Whether the broker has been heard of lately. */
  isHeard(): boolean {
    return this.#consumer?.isHeard?.() ?? true;
  }

  /** Bytes that are written and not acknowledged. */
  get inFlightBytes(): number {
    return this.#inFlight.bytes;
  }

  /** How far the consumer is, of the partitions that it has. */
  progress(): readonly PartitionProgress[] {
    return this.#consumer?.progress() ?? [];
  }

  /** Whether the group has taken a commit: only then has the session brought the records any further. */
  hasCommitted(): boolean {
    return this.#commits.hasSucceeded;
  }

  /**
   * Takes no more records, waits until all that were taken are acknowledged, commits, and leaves the group. Rejects when a record was not
   * acknowledged, or the group did not take the last positions; then, too, it has let go of everything.
   */
  async drain(): Promise<void> {
    this.#accepting = false;
    await this.#inFlight.drained();
    await this.#committer?.stop();
    await this.#commits.commit();
    // Failures have had their turns by now.
    const failure = this.#failure ?? this.#commits.refusal;
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
    await this.#atMost(this.#commits.commit());
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
    const { router, checker, targets, clock, meters } = this.#options;
    meters.fetched(fetched);
    let fromOffset = fetched.fetchOffset;
    const deadLetterTime = targets.deadLetters === null ? null : (): number => clock.now();
    const places = placesOf(targets, fetched);
    try {
      const stretches = routeFetched(router, checker, fetched, targets.batchBytesMax, { deadLetterTime, copy: this.#copy });
      for (;;) {
        // Not a turn of the event loop may pass between this and the stretch's being in flight. The generator stands still here, with the router's outputs
        // empty, so that handlers of other partitions may use it. And whoever closes the consumer waits for this handler, so it must not wait for
        // acknowledgements that may never come. What was fetched last is waited for as well: the next fetch is to find room.
        while (this.#accepting && !this.#inFlight.hasRoom(places)) await this.#waitForRoom(places, heartbeat);
        // What is left of an assignment that is over is read again, by whoever has the partition now.
        if (!this.#accepting || assignment !== this.#assignment) return;
        const next = stretches.next();
        if (next.done === true) break;
        const stretch = next.value;
        this.#take(fetched, fromOffset, stretch);
        fromOffset = stretch.nextOffset;
        taken(stretch.nextOffset);
      }
      await heartbeat();
    } catch (error) {
      // The group may be lost with this error, so what was done until now is committed before it.
      await this.#settle();
      throw error;
    }
  }

  /** Waits until there is room for more in flight; the group hears meanwhile that the member lives. */
  async #waitForRoom(places: readonly string[], heartbeat: () => Promise<void>): Promise<void> {
    const startMs = performance.now();
    while (this.#accepting && !(await this.#inFlight.room(places, HEARTBEAT_MS))) await heartbeat();
    this.#options.meters.heldBack((performance.now() - startMs) / 1000);
  }

  /** Accounts for a stretch, sends its batches on, and notes what its position waits for. */
  #take({ topic, partition }: FetchedBatches, fromOffset: bigint, stretch: RoutedStretch): void {
    const { targets, meters, onUnroutable } = this.#options;
    for (const record of stretch.unroutable) onUnroutable({ topic, partition, ...record });
    meters.routed(stretch);
    const acknowledgements = [
      ...stretch.batches.map(async (batch) => this.#produce(targets.outputs[batch.output], partition, batch)),
      ...stretch.deadLetters.map(async (batch) => {
        return this.#produce(targets.deadLetters?.get(topic), partition, { output: "dead-letters", ...batch });
      }),
    ];
    for (const acknowledged of acknowledgements) {
      acknowledged.catch((error: unknown) => {
        this.#commits.batchFailed(error);
        this.#fail(withOrigin(error, `${topic}-${partition}, offsets from ${fromOffset} on, below ${stretch.nextOffset}`));
      });
    }
    this.#positions.add(topic, partition, stretch.nextOffset, acknowledgements);
  }

  /** Sends one batch on; resolves when it is acknowledged. */
  async #produce(target: Target | undefined, inputPartition: number, batch: SentBatch): Promise<void> {
    if (target === undefined) throw new RangeError("a batch was routed to where there is no topic");
    const { destination, partitions, codec, keepsHeaders } = target;
    const bytes = keepsHeaders ? batch.bytes : withoutHeaders(batch.bytes, (part) => this.#options.checker.crc32c(part));
    const partition = inputPartition % partitions;
    const acknowledged = this.#producer.produce(destination, partition, bytes, codec);
    this.#inFlight.add(bytes.length, placeOf(destination, partition), acknowledged);
    this.#options.meters.sent({ ...batch, bytes }, acknowledged);
    return acknowledged;
  }

  async #settle(): Promise<void> {
    const deadline = new AbortController();
    const timeout = this.#options.clock.delay(SETTLE_TIMEOUT_MS, deadline.signal);
    await Promise.race([this.#inFlight.drained(), this.failed.catch(() => {}), timeout]);
    deadline.abort();
    await this.#commits.commit();
  }

  async #closeQuietly(closable: BatchConsumer | BatchProducer): Promise<void> {
    try {
      await closable.close();
    } catch (error) {
      this.#options.log.debug(LOGGER, `Did not close cleanly: ${describeError(error)}`);
    }
  }
}
