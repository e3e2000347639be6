/** The binder in memory with everything that may go wrong between an app and its brokers. */
import type {
  BatchConsumer,
  Binder,
  ConsumerOptions,
  FetchHandler,
  FetchedBatches,
  PartitionProgress,
  Position,
  Transaction,
} from "../../hosts/dataflow/binder.ts";
import type { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { GroupError } from "../../hosts/dataflow/memory-groups.ts";
import { outage, type Faults, type Point } from "./faults.ts";
import { createFaultyProducer } from "./faulty-producer.ts";
import { openProducerOverNetwork } from "./simulated-producer.ts";
import type { Random } from "./random.ts";
import { Life, type Scheduler } from "./scheduler.ts";

/** What a call waits for its answer before it gives up. */
const REQUEST_TIMEOUT_MS = 10_000;
const NETWORK_MS_MAX = 10;
/** A consumer that ends by itself does so within this time. */
const CRASH_MS_MAX = 8000;

export interface FaultyBinderOptions {
  readonly scheduler: Scheduler;
  readonly random: Random;
  readonly faults: Faults;
  readonly broker: MemoryBroker;
  /** Of the instance that the binder is for. */
  readonly life: Life;
  /** Of the instance's producers, or null for those without transactions. */
  readonly transactionalId: string | null;
  readonly transactionTimeoutMs: number;
  /** Appends a batch to an output. */
  readonly append: (topic: string, partition: number, batch: Uint8Array) => void;
  /** Called with positions when the group has taken them. */
  readonly onCommitted: (positions: readonly Position[]) => void;
}

/** Returns a binder as unreliable as `faults` says. */
export function createFaultyBinder(options: FaultyBinderOptions): Binder {
  const memory = options.broker.binder(options.life.clock);
  return {
    provision: async (topics) => call(options, "provision", async () => memory.provision(topics)),
    openProducer: async () => {
      const { transactionalId } = options;
      if (transactionalId !== null) return openProducerOverNetwork(options, transactionalId);
      return call(options, "open-producer", async () => Promise.resolve(createFaultyProducer(options)));
    },
    openConsumer: async (consumerOptions, handler) => {
      const consumer = new FaultyConsumer(options, handler);
      return consumer.open(consumerOptions);
    },
  };
}

/** Does something that may go wrong in all ways there are. What must happen at once, does. */
async function call<Result>(options: FaultyBinderOptions, point: Point, effect: () => Promise<Result>): Promise<Result> {
  const { faults, random, life } = options;
  switch (faults.strike(point)) {
    case "before":
      await life.clock.delay(NETWORK_MS_MAX);
      throw outage(point);
    case "after":
      await effect();
      await life.clock.delay(NETWORK_MS_MAX);
      throw outage(point);
    case "never":
      if (random.chance(0.5)) await effect();
      await life.clock.delay(REQUEST_TIMEOUT_MS);
      throw outage(point);
    case "twice":
    case "late":
      return answered(life, random.between(1, REQUEST_TIMEOUT_MS), effect);
    default:
      return answered(life, random.between(1, NETWORK_MS_MAX), effect);
  }
}

async function answered<Result>({ clock }: Life, afterMs: number, effect: () => Promise<Result>): Promise<Result> {
  const result = await effect();
  await clock.delay(afterMs);
  return result;
}

class FaultyConsumer implements BatchConsumer {
  readonly ended: Promise<void>;
  readonly #options: FaultyBinderOptions;
  readonly #handler: FetchHandler;
  /** Ends when the consumer is lost without a goodbye. */
  readonly #life: Life;
  readonly #end = Promise.withResolvers<void>();
  #consumer: BatchConsumer | null = null;
  #isOver = false;
  /** Counts how often partitions have been assigned. */
  #assignment = 0;

  constructor(options: FaultyBinderOptions, handler: FetchHandler) {
    this.#options = options;
    this.#handler = handler;
    this.#life = new Life(options.scheduler, options.life);
    this.ended = this.#end.promise;
    this.ended.catch(() => {});
  }

  async open(options: ConsumerOptions): Promise<BatchConsumer> {
    const { broker, scheduler, random, faults } = this.#options;
    const onAssigned: ConsumerOptions["onAssigned"] = (begun) => {
      if (this.#isOver) return;
      scheduler.note("assigned");
      this.#assignment++;
      options.onAssigned?.(begun);
    };
    const handler: FetchHandler = async (...fetch) => this.#handle(...fetch);
    try {
      await call(this.#options, "open-consumer", async () => {
        this.#consumer = await broker.binder(this.#life.clock).openConsumer({ ...options, onAssigned }, handler);
      });
    } catch (error) {
      this.#loseConsumer();
      throw error;
    }
    this.#consumer?.ended.then(this.#end.resolve, this.#end.reject);
    if (faults.strike("crash") !== null) {
      scheduler.after(random.between(0, CRASH_MS_MAX), () => {
        scheduler.note("a consumer crashes");
        this.#loseConsumer();
        this.#end.reject(outage("crash"));
      });
    }
    return this;
  }

  progress(): readonly PartitionProgress[] {
    return this.#consumer?.progress() ?? [];
  }

  async commit(positions: readonly Position[], transaction?: Transaction): Promise<void> {
    if (transaction !== undefined) {
      // All that may go wrong goes wrong in the requests of the transaction.
      if (this.#consumer === null) throw new GroupError("UNKNOWN_MEMBER_ID");
      return this.#consumer.commit(positions, transaction);
    }
    await call(this.#options, "commit", async () => {
      await this.#consumer?.commit(positions);
      this.#options.onCommitted(positions);
    });
  }

  pause(): void {
    this.#consumer?.pause();
  }

  resume(): void {
    this.#consumer?.resume();
  }

  async close(): Promise<void> {
    const { faults, life, random } = this.#options;
    const fault = faults.strike("close");
    if (fault === "before" || fault === "never") {
      this.#isOver = true;
      this.#life.kill();
      await life.clock.delay(random.between(1, fault === "never" ? REQUEST_TIMEOUT_MS : NETWORK_MS_MAX));
      throw outage("close");
    }
    if (fault === "late") await life.clock.delay(random.between(1, REQUEST_TIMEOUT_MS));
    // Of a dead one there is no end to wait for.
    if (this.#life.isAlive) await this.#consumer?.close();
    if (fault !== null) throw outage("close");
  }

  /** As a member it says goodbye, or is only never heard of again. */
  #loseConsumer(): void {
    this.#isOver = true;
    if (this.#options.random.chance(0.5)) this.#consumer?.close().catch(() => {});
    else this.#life.kill();
  }

  async #handle(fetched: FetchedBatches, heartbeat: () => Promise<void>, taken: (nextOffset: bigint) => void): Promise<void> {
    const { faults, random, transactionalId } = this.#options;
    const assignment = this.#assignment;
    await this.#life.clock.delay(random.between(1, NETWORK_MS_MAX));
    // At least once, nothing worse comes of a fetch from before than a record that arrives twice.
    if (transactionalId !== null && assignment !== this.#assignment) return;
    const times = faults.strike("fetch-twice") === null ? 1 : 2;
    for (let time = 0; time < times && !this.#isOver; time++) {
      // Views, as of a client that uses its buffers again.
      const batches = fetched.batches.map((batch) => ({ ...batch, bytes: Uint8Array.from(batch.bytes) }));
      try {
        await this.#handler({ ...fetched, batches }, async () => this.#heartbeat(heartbeat), taken);
      } finally {
        for (const { bytes } of batches) bytes.fill(0xff);
      }
    }
  }

  async #heartbeat(heartbeat: () => Promise<void>): Promise<void> {
    const fault = this.#options.faults.strike("heartbeat");
    if (fault === "late") await this.#life.clock.delay(REQUEST_TIMEOUT_MS);
    else if (fault !== null) throw new GroupError("REBALANCE_IN_PROGRESS");
    await this.#life.clock.delay(1);
    await heartbeat();
  }
}
