/** A consumer of topics in this process's memory, which behaves to its handler as one of a broker's does. */
import type { BatchConsumer, ConsumerOptions, FetchHandler, PartitionProgress, Position, Transaction } from "./binder.ts";
import type { Clock } from "./clock.ts";
import { AppError } from "./errors.ts";
import { GroupError, type MemoryGroup, type TopicPartition } from "./memory-groups.ts";
import type { MemoryLog } from "./memory-log.ts";

/** Longest silence of a member that has nothing to fetch. */
const HEARTBEAT_MS = 3000;
/** A member whose partitions are in a transaction that is open asks again after this time. */
const UNSTABLE_MS = 100;

/** What a consumer needs of its broker. */
export interface MemorySource {
  readonly group: MemoryGroup;
  readonly groupName: string;
  /** Names the member. */
  readonly id: number;
  readonly logs: readonly (TopicPartition & { readonly log: MemoryLog })[];
  /** What has begun at the start offset, over all consumers of the binder. */
  readonly begun: Set<string>;
  /** Those that wait for records are to be aborted when there are some. */
  readonly waiting: Set<AbortController>;
  readonly clock: Clock;
}

/** A partition that is assigned, and how far it is read. */
interface Reader extends TopicPartition {
  readonly log: MemoryLog;
  position: bigint;
}

/** Opens a consumer. Resolves when it has joined its group. */
export async function openMemoryConsumer(source: MemorySource, options: ConsumerOptions, handler: FetchHandler): Promise<BatchConsumer> {
  const consumer = new MemoryConsumer(source, options, handler);
  await consumer.joined;
  return consumer;
}

class MemoryConsumer implements BatchConsumer {
  readonly joined: Promise<void>;
  readonly ended: Promise<void>;
  readonly #source: MemorySource;
  readonly #options: ConsumerOptions;
  readonly #handler: FetchHandler;
  /** By partition, the handler that runs: one may outlast the generation that it began in. */
  readonly #running = new Map<MemoryLog, Promise<void>>();
  #wake = new AbortController();
  /** What is assigned now. */
  #readers = new Map<MemoryLog, Reader>();
  #generation = 0;
  #isOpen = true;
  #isPaused: boolean;

  constructor(source: MemorySource, options: ConsumerOptions, handler: FetchHandler) {
    this.#source = source;
    this.#options = options;
    this.#handler = handler;
    this.#isPaused = options.isPaused ?? false;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.joined = promise;
    this.ended = this.#run(resolve);
    // Whoever waits for the end hears of a failure, and whoever waits for the beginning.
    this.ended.catch(reject);
  }

  progress(): readonly PartitionProgress[] {
    return [...this.#readers.values()].map(({ topic, partition, position, log }) => ({
      topic,
      partition,
      position,
      endOffset: log.endOffset,
    }));
  }

  async commit(positions: readonly Position[], transaction?: Transaction): Promise<void> {
    const { group, groupName, id } = this.#source;
    if (transaction !== undefined) {
      return transaction.commit(positions, { group: groupName, memberId: String(id), generation: this.#generation });
    }
    // Of the others another member knows more by now.
    const own = positions.filter(({ topic, partition }) => this.#readers.has(this.#logOf(topic, partition)));
    group.commit(id, this.#generation, own);
    return Promise.resolve();
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#wake.abort("go on");
  }

  async close(): Promise<void> {
    this.#isOpen = false;
    this.#wake.abort("go on");
    // Closing must not fail because of what has failed before it.
    await this.ended.catch(() => {});
    await Promise.allSettled(this.#running.values());
  }

  async #run(onJoined: () => void): Promise<void> {
    const { group, id, clock } = this.#source;
    try {
      while (this.#isOpen) {
        try {
          await this.#join();
          onJoined();
          await this.#readUntilReassigned();
        } catch (error) {
          if (!(error instanceof GroupError)) throw error;
        }
      }
      // The group's next member is to begin behind what still runs here.
      await Promise.all(this.#running.values());
    } finally {
      group.leave(id, clock.now());
    }
  }

  async #join(): Promise<void> {
    const { group, id, logs, clock } = this.#source;
    const { instance, onAssigned, onRevoking, beginsAtCommitted = false } = this.#options;
    if (this.#generation > 0) await onRevoking?.();
    const { generation, partitions } = await group.join(id, { partitions: logs, instance }, clock);
    // What has been this member's in the generation before, nobody else has read meanwhile.
    const before = generation === this.#generation + 1 && !beginsAtCommitted ? this.#readers : null;
    await this.#waitUntilStable(generation, partitions);
    this.#generation = generation;
    this.#readers = new Map();
    const begun: Position[] = [];
    for (const { topic, partition } of partitions) {
      const log = this.#logOf(topic, partition);
      const chosen = before?.get(log)?.position ?? this.#startOf(topic, partition, log);
      if (chosen !== null) begun.push({ topic, partition, offset: chosen });
      const position = chosen ?? group.committed({ topic, partition }) ?? log.startOffset;
      this.#readers.set(log, { topic, partition, log, position });
    }
    onAssigned?.(begun);
  }

  /** As a consumer that asks for stable offsets only. */
  async #waitUntilStable(generation: number, partitions: readonly TopicPartition[]): Promise<void> {
    const { group, id, clock } = this.#source;
    while (this.#isOpen && !partitions.every((one) => group.isStable(one))) {
      await clock.delay(UNSTABLE_MS);
      group.heartbeat(id, generation, clock.now());
    }
  }

  /** Returns where a partition begins that the group has committed nothing of, or that is to begin anew; null for any other. */
  #startOf(topic: string, partition: number, log: MemoryLog): bigint | null {
    const { group, begun } = this.#source;
    const { startOffset, resetOffsets, isolationLevel } = this.#options;
    const key = `${topic}/${partition}`;
    if (group.committed({ topic, partition }) !== null && (!resetOffsets || begun.has(key))) return null;
    begun.add(key);
    return startOffset === "earliest" ? log.startOffset : log.endFor(isolationLevel);
  }

  #logOf(topic: string, partition: number): MemoryLog {
    const found = this.#source.logs.find((entry) => entry.topic === topic && entry.partition === partition);
    if (found === undefined) throw new AppError("TOPIC_MISSING", true, `${topic} has no partition ${partition}`);
    return found.log;
  }

  /** Throws a `GroupError` when the partitions are to be assigned anew. */
  async #readUntilReassigned(): Promise<void> {
    const { clock } = this.#source;
    const { isolationLevel } = this.#options;
    const readers = [...this.#readers.values()];
    while (this.#isOpen) {
      this.#heartbeat();
      const active = this.#isPaused ? [] : readers;
      await Promise.all(active.map(async (reader) => this.#readOnce(reader)));
      const hasAll = ({ log, position }: Reader): boolean => position >= log.endFor(isolationLevel) || this.#running.has(log);
      if (active.every(hasAll)) await this.#waitForRecords();
      // Producers and timers get their turn between two rounds.
      await clock.turn();
    }
  }

  #heartbeat(): void {
    const { group, id, clock } = this.#source;
    group.heartbeat(id, this.#generation, clock.now());
  }

  /** Hands on the next fetch of a partition, if there is one and no handler has the partition already. */
  async #readOnce(reader: Reader): Promise<void> {
    const { topic, partition, log } = reader;
    if (this.#running.has(log)) return;
    this.#mendPosition(reader);
    const batches = log.read(reader.position, this.#options.isolationLevel);
    const last = batches.at(-1);
    if (last === undefined) return;
    const fetched = { topic, partition, fetchOffset: reader.position, batches, nextOffset: last.lastOffset + 1n };
    const heartbeat = async (): Promise<void> => {
      this.#heartbeat();
      return Promise.resolve();
    };
    const taken = (nextOffset: bigint): void => {
      // Of no use when the partitions have been assigned anew: what is read then has been decided.
      if (nextOffset > reader.position) reader.position = nextOffset;
    };
    const running = this.#handler(fetched, heartbeat, taken);
    this.#running.set(log, running);
    try {
      await running;
      taken(fetched.nextOffset);
    } finally {
      this.#running.delete(log);
      // In a later generation this consumer may be waiting for the partition.
      this.#wake.abort("go on");
    }
  }

  /** Goes on at the earliest record when the log does not have the position, or ends the consumer, as it is configured. */
  #mendPosition(reader: Reader): void {
    const { topic, partition, log, position: from } = reader;
    const { startOffset: to, endOffset } = log;
    if (from >= to && from <= endOffset) return;
    const symptom =
      from < to ? `begins at offset ${to}, behind the position ${from}` : `ends at offset ${endOffset}, before the position ${from}`;
    if (this.#options.offsetOutOfRange === "stop") {
      throw new AppError("OFFSET_OUT_OF_RANGE", false, `${topic}-${partition} ${symptom}: the records between are gone`);
    }
    reader.position = to;
    this.#options.onJump?.({ topic, partition, from, to, endOffset, symptom });
  }

  async #waitForRecords(): Promise<void> {
    const { waiting, clock } = this.#source;
    if (!this.#isOpen) return;
    this.#wake = new AbortController();
    waiting.add(this.#wake);
    await clock.delay(HEARTBEAT_MS, this.#wake.signal);
    waiting.delete(this.#wake);
  }
}
