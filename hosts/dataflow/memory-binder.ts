/** The binder without a broker: topics in this process's memory, carrying the very bytes that Kafka would. */
import type { ProducerStamp } from "../routed.ts";
import type { BatchConsumer, Binder, ConsumerOptions, FetchHandler, GroupMember, Position, TopicFound, TopicWanted } from "./binder.ts";
import { systemClock, type Clock } from "./clock.ts";
import { AppError } from "./errors.ts";
import { openMemoryConsumer } from "./memory-consumer.ts";
import { MemoryGroup } from "./memory-groups.ts";
import { MemoryLog } from "./memory-log.ts";
import { openMemoryProducer, openMemoryTransactions } from "./memory-producer.ts";
import { MemoryTransactions, type ProducerIdentity } from "./memory-transactions.ts";

export interface MemoryBrokerOptions {
  /** The broker's own time. */
  readonly clock: Clock;
  /** How long it takes until a partition or a group hears that a transaction has ended. */
  readonly markerMs: () => number;
}

/** Everything that a broker would keep. Binders of the same broker see the same topics and groups. */
export class MemoryBroker {
  readonly transactions: MemoryTransactions;
  readonly #topics = new Map<string, readonly MemoryLog[]>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #waiting = new Set<AbortController>();
  #binderCount = 0;
  #memberCount = 0;

  constructor({ clock, markerMs }: MemoryBrokerOptions = { clock: systemClock, markerMs: () => 0 }) {
    this.transactions = new MemoryTransactions({
      clock,
      markerMs,
      onMarker: () => {
        this.#wake();
      },
    });
  }

  /** Returns a binder over this broker, which lives in the time of `clock`. With a transactional id its producers have transactions. */
  binder(clock: Clock, transactionalId: string | null = null): Binder {
    const anonymous = `anonymous.${++this.#binderCount}`;
    const begun = new Set<string>();
    return {
      provision: async (topics) => Promise.resolve(new Map(topics.map((topic) => [topic.name, this.#provision(topic)]))),
      openProducer: async () =>
        transactionalId === null ? openMemoryProducer(this) : openMemoryTransactions(this, transactionalId, clock),
      openConsumer: async (options, handler) => this.#openConsumer(options, handler, options.group ?? anonymous, begun, clock),
    };
  }

  /** Returns a topic's partitions. */
  logs(topic: string): readonly MemoryLog[] {
    const logs = this.#topics.get(topic);
    if (logs === undefined) throw new AppError("TOPIC_MISSING", true, `there is no topic ${topic}`);
    return logs;
  }

  /** Returns a partition. */
  log(topic: string, partition: number): MemoryLog {
    const log = this.logs(topic)[partition];
    if (log === undefined) throw new AppError("TOPIC_MISSING", true, `${topic} has no partition ${partition}`);
    return log;
  }

  /** Returns a group, which may be without any member. */
  group(name: string): MemoryGroup {
    const group = this.#groups.get(name) ?? new MemoryGroup();
    this.#groups.set(name, group);
    return group;
  }

  /** Returns the offset behind the last record of each partition of a topic. */
  endOffsets(topic: string): readonly bigint[] {
    return this.logs(topic).map(({ endOffset }) => endOffset);
  }

  /** Returns the offset that a group has committed for a partition, or null. */
  committedOffset(group: string, topic: string, partition: number): bigint | null {
    return this.#groups.get(group)?.committed({ topic, partition }) ?? null;
  }

  /** A topic that is there keeps what it has: nobody configures this broker. */
  #provision({ name, partitions }: TopicWanted): TopicFound {
    const logs = this.#topics.get(name) ?? Array.from({ length: partitions }, () => new MemoryLog());
    this.#topics.set(name, logs);
    return { partitions: logs.length, batchBytesMax: null };
  }

  /** Appends a batch, as a producer without a name does. */
  append(topic: string, partition: number, batch: Uint8Array): void {
    this.log(topic, partition).append(batch);
    this.#wake();
  }

  /** Appends a batch in a producer's transaction. */
  appendInTransaction(producer: ProducerIdentity, topic: string, partition: number, batch: Uint8Array, baseSequence: number): void {
    const { producerId, producerEpoch } = producer;
    const log = this.log(topic, partition);
    if (!log.hasOpen(producerId, producerEpoch)) this.transactions.verify(producer, log);
    const stamp: ProducerStamp = { producerId, producerEpoch, baseSequence, transactional: true };
    log.append(batch, stamp);
    this.#wake();
  }

  /** Takes a group's positions in a producer's transaction. */
  commitInTransaction(producer: ProducerIdentity, member: GroupMember, positions: readonly Position[]): void {
    const group = this.group(member.group);
    if (!group.hasOpen(producer.producerId, producer.producerEpoch)) this.transactions.verify(producer, group);
    group.commitInTransaction(producer, member, positions);
  }

  #wake(): void {
    for (const waiting of this.#waiting) waiting.abort("records");
  }

  async #openConsumer(
    options: ConsumerOptions,
    handler: FetchHandler,
    groupName: string,
    begun: Set<string>,
    clock: Clock,
  ): Promise<BatchConsumer> {
    const group = this.group(groupName);
    const logs = options.topics.flatMap((topic) => this.logs(topic).map((log, partition) => ({ topic, partition, log })));
    const id = ++this.#memberCount;
    return openMemoryConsumer({ group, groupName, id, logs, begun, waiting: this.#waiting, clock }, options, handler);
  }
}
