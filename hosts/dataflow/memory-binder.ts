/** The binder without a broker: topics in this process's memory, carrying the very bytes that Kafka would. */
import type { BatchConsumer, BatchProducer, Binder, ConsumerOptions, FetchHandler, TopicFound, TopicWanted } from "./binder.ts";
import type { Clock } from "./clock.ts";
import { AppError } from "./errors.ts";
import { openMemoryConsumer } from "./memory-consumer.ts";
import { MemoryGroup } from "./memory-groups.ts";
import { MemoryLog } from "./memory-log.ts";

/** Everything that a broker would keep. Binders of the same broker see the same topics and groups. */
export class MemoryBroker {
  readonly #topics = new Map<string, readonly MemoryLog[]>();
  readonly #groups = new Map<string, MemoryGroup>();
  readonly #waiting = new Set<AbortController>();
  #binderCount = 0;
  #memberCount = 0;

  /** Returns a binder over this broker, which lives in the time of `clock`. */
  binder(clock: Clock): Binder {
    const anonymous = `anonymous.${++this.#binderCount}`;
    const begun = new Set<string>();
    return {
      provision: async (topics) => Promise.resolve(new Map(topics.map((topic) => [topic.name, this.#provision(topic)]))),
      openProducer: async () => Promise.resolve(this.#openProducer()),
      openConsumer: async (options, handler) => this.#openConsumer(options, handler, options.group ?? anonymous, begun, clock),
    };
  }

  /** Returns a topic's partitions. */
  logs(topic: string): readonly MemoryLog[] {
    const logs = this.#topics.get(topic);
    if (logs === undefined) throw new AppError("TOPIC_MISSING", true, `there is no topic ${topic}`);
    return logs;
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

  #openProducer(): BatchProducer {
    let isOpen = true;
    return {
      produce: async (topic, partition, batch) => {
        if (!isOpen) throw new AppError("BINDER_CLOSED", false, "the producer is closed");
        this.append(topic, partition, batch);
        return Promise.resolve();
      },
      close: async () => {
        isOpen = false;
        return Promise.resolve();
      },
    };
  }

  /** Appends a batch, as a producer does. */
  append(topic: string, partition: number, batch: Uint8Array): void {
    const log = this.logs(topic)[partition];
    if (log === undefined) throw new AppError("TOPIC_MISSING", true, `${topic} has no partition ${partition}`);
    log.append(batch);
    for (const waiting of this.#waiting) waiting.abort("records");
  }

  async #openConsumer(
    options: ConsumerOptions,
    handler: FetchHandler,
    groupName: string,
    begun: Set<string>,
    clock: Clock,
  ): Promise<BatchConsumer> {
    const group = this.#groups.get(groupName) ?? new MemoryGroup();
    this.#groups.set(groupName, group);
    const logs = options.topics.flatMap((topic) => this.logs(topic).map((log, partition) => ({ topic, partition, log })));
    const id = ++this.#memberCount;
    return openMemoryConsumer({ group, id, logs, begun, waiting: this.#waiting, clock }, options, handler);
  }
}
