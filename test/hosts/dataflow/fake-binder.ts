/** A binder whose acknowledgements, fetches and failures are a test's to give, in any order. */
import type {
  BatchConsumer,
  BatchProducer,
  Binder,
  ConsumerOptions,
  FetchHandler,
  FetchedBatches,
  PartitionProgress,
  Position,
  TopicFound,
  TopicWanted,
  Transaction,
} from "../../../hosts/dataflow/binder.ts";
import type { Codec } from "../../../hosts/dataflow/codecs.ts";

/** Far more than anything here takes: a test that waits in vain is to fail, not to hang. */
const WAIT_MAX_MS = 5000;

/** A batch that was produced and waits for its acknowledgement. */
export interface SentBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Uint8Array;
  readonly codec: Codec;
  readonly acknowledge: () => void;
  readonly refuse: (error: Error) => void;
}

/** Lets everything run that is ready to. */
export async function turn(): Promise<void> {
  await new Promise(setImmediate);
}

export class FakeBinder implements Binder {
  /** Partitions by topic. Missing ones are created when they are asked for. */
  readonly topics = new Map<string, number>();
  readonly producers: FakeProducer[] = [];
  readonly consumers: FakeConsumer[] = [];
  /** What happened, in order, in a word or two each. */
  readonly events: string[] = [];
  /** Thrown, one after the other, by the next calls that connect. */
  readonly connectErrors: Error[] = [];
  readonly #waiting = new Set<{ readonly holds: () => boolean; readonly resolve: () => void }>();

  /** The topics that were asked for, in order. */
  readonly wanted: TopicWanted[] = [];
  /** What topics tell of the largest batch that they take. */
  batchBytesMax: number | null = null;
  /** Whether the producers that are opened from now on have transactions. */
  hasTransactions = false;

  async provision(topics: readonly TopicWanted[]): Promise<ReadonlyMap<string, TopicFound>> {
    this.#connect();
    this.wanted.push(...topics);
    for (const { name, partitions } of topics) if (!this.topics.has(name)) this.topics.set(name, partitions);
    const { batchBytesMax } = this;
    return Promise.resolve(new Map(topics.map(({ name }) => [name, { partitions: this.topics.get(name) ?? 0, batchBytesMax }])));
  }

  async openProducer(): Promise<BatchProducer> {
    this.#connect();
    const producer = new FakeProducer(this);
    this.producers.push(producer);
    this.happened("producer opened");
    return Promise.resolve(producer);
  }

  async openConsumer(options: ConsumerOptions, handler: FetchHandler): Promise<BatchConsumer> {
    this.#connect();
    const consumer = new FakeConsumer(this, options, handler);
    this.consumers.push(consumer);
    this.happened("consumer opened");
    return Promise.resolve(consumer);
  }

  /** Resolves as soon as the condition holds; it is looked at after everything that happens here. Rejects when that takes too long. */
  async until(holds: () => boolean): Promise<void> {
    if (holds()) return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const timer = setTimeout(() => {
      reject(new Error(`what the test waits for has not happened; what has: ${this.events.join(", ")}`));
    }, WAIT_MAX_MS);
    this.#waiting.add({ holds, resolve });
    await promise.finally(() => {
      clearTimeout(timer);
    });
  }

  /** For the fakes: notes what happened and wakes whoever waits for it. */
  happened(event: string): void {
    this.events.push(event);
    for (const waiter of this.#waiting) {
      if (!waiter.holds()) continue;
      this.#waiting.delete(waiter);
      waiter.resolve();
    }
  }

  #connect(): void {
    const error = this.connectErrors.shift();
    if (error !== undefined) throw error;
  }
}

export class FakeProducer implements BatchProducer {
  readonly transaction?: Transaction;
  readonly sent: SentBatch[] = [];
  acknowledgesAtOnce = false;
  readonly #binder: FakeBinder;
  #isEmpty = true;

  constructor(binder: FakeBinder) {
    this.#binder = binder;
    if (!binder.hasTransactions) return;
    const isEmpty = (): boolean => this.#isEmpty;
    this.transaction = {
      get isEmpty() {
        return isEmpty();
      },
      commit: async () => {
        this.#isEmpty = true;
        return Promise.resolve();
      },
    };
  }

  async produce(topic: string, partition: number, bytes: Uint8Array, codec: Codec = "none"): Promise<void> {
    this.#isEmpty = false;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.sent.push({ topic, partition, bytes, codec, acknowledge: resolve, refuse: reject });
    if (this.acknowledgesAtOnce) resolve();
    this.#binder.happened(`produced to ${topic}-${partition}`);
    return promise;
  }

  /** Acknowledges all that was sent so far. */
  acknowledgeAll(): void {
    for (const { acknowledge } of this.sent) acknowledge();
  }

  async close(): Promise<void> {
    this.#binder.happened("producer closed");
    return Promise.resolve();
  }
}

export class FakeConsumer implements BatchConsumer {
  readonly options: ConsumerOptions;
  readonly ended: Promise<void>;
  readonly commits: (readonly Position[])[] = [];
  /** What the handler has declared taken. */
  readonly taken: bigint[] = [];
  heartbeats = 0;
  isPaused: boolean;
  /** Thrown by the next commit, or the next heartbeat. */
  commitError: Error | null = null;
  heartbeatError: Error | null = null;
  /** Called, and awaited, before a commit is taken. */
  onCommit: () => Promise<void> = async () => Promise.resolve();
  /** What it says of how far it is. */
  reached: readonly PartitionProgress[] = [];
  readonly #binder: FakeBinder;
  readonly #handler: FetchHandler;
  readonly #running = new Set<Promise<void>>();
  readonly #end = Promise.withResolvers<void>();

  constructor(binder: FakeBinder, options: ConsumerOptions, handler: FetchHandler) {
    this.#binder = binder;
    this.options = options;
    this.isPaused = options.isPaused ?? false;
    this.#handler = handler;
    this.ended = this.#end.promise;
    this.ended.catch(() => {});
  }

  /** Hands over what a fetch brought, and returns the handler's promise. As the contract says, its rejection ends the consumer. */
  deliver(fetched: FetchedBatches): Promise<void> {
    const running = this.#handler(
      fetched,
      async () => this.#heartbeat(),
      (nextOffset) => this.taken.push(nextOffset),
    );
    this.#running.add(running);
    running.then(
      () => this.#running.delete(running),
      (error: Error) => {
        this.#running.delete(running);
        this.fail(error);
      },
    );
    return running;
  }

  /** Ends the consumer as if it could not go on. */
  fail(error: Error): void {
    this.#end.reject(error);
  }

  progress(): readonly PartitionProgress[] {
    return this.reached;
  }

  async commit(positions: readonly Position[], transaction?: Transaction): Promise<void> {
    const error = this.commitError;
    this.commitError = null;
    if (error !== null) {
      this.#binder.happened("commit refused");
      throw error;
    }
    await this.onCommit();
    await transaction?.commit(positions, { group: "group", memberId: "member", generation: 1 });
    this.commits.push(positions);
    this.#binder.happened(`committed ${positions.map(({ topic, partition, offset }) => `${topic}-${partition}@${offset}`).join(" ")}`);
  }

  pause(): void {
    this.isPaused = true;
    this.#binder.happened("consumer paused");
  }

  resume(): void {
    this.isPaused = false;
    this.#binder.happened("consumer resumed");
  }

  async close(): Promise<void> {
    this.#binder.happened("consumer closing");
    await Promise.allSettled(this.#running);
    this.#end.resolve();
    this.#binder.happened("consumer closed");
  }

  async #heartbeat(): Promise<void> {
    const error = this.heartbeatError;
    this.heartbeatError = null;
    this.heartbeats++;
    this.#binder.happened("heartbeat");
    if (error !== null) throw error;
    return Promise.resolve();
  }
}
