/** The binder without a broker: topics in this process's memory, carrying the very bytes that Kafka would. */
import { randomUUID } from "node:crypto";
import { AppError } from "./errors.ts";
import type { BatchConsumer, BatchProducer, Binder, ConsumerOptions, FetchHandler, FetchedBatch, FetchedBatches } from "./binder.ts";

/** Header of a RecordBatch, as far as a log looks at it. */
const HEADER_BYTES = 61;
const LAST_OFFSET_DELTA = 23;
/** What one fetch brings at most, unless the first batch alone is longer. */
const FETCH_BYTES_MAX = 1 << 20;

/** What a partition keeps at least of its newest batches. When it holds twice as much, the older half goes, like a broker's old segments. */
const RETENTION_BYTES = 32 << 20;

interface Partition {
  readonly batches: FetchedBatch[];
  bytes: number;
  startOffset: bigint;
  endOffset: bigint;
}

/** Everything that a broker would keep. Binders of the same broker see the same topics. */
export class MemoryBroker {
  readonly #topics = new Map<string, readonly Partition[]>();
  /** By group, then by topic and partition. */
  readonly #committed = new Map<string, Map<string, bigint>>();
  readonly #groups = new Set<string>();
  #waiting: (() => void)[] = [];

  /** Returns a binder over this broker. */
  binder(): Binder {
    const anonymous = `anonymous.${randomUUID()}`;
    return {
      provision: async (topics) => Promise.resolve(new Map(topics.map(({ name, partitions }) => [name, this.#create(name, partitions)]))),
      openProducer: async () => Promise.resolve(this.#openProducer()),
      openConsumer: async (options, handler) => Promise.resolve(this.#openConsumer(options, options.group ?? anonymous, handler)),
    };
  }

  /** Returns the offset behind the last record of each partition of a topic. */
  endOffsets(topic: string): readonly bigint[] {
    return this.#partitionsOf(topic).map(({ endOffset }) => endOffset);
  }

  /** Returns the offset that a group has committed for a partition, or null. */
  committedOffset(group: string, topic: string, partition: number): bigint | null {
    return this.#committed.get(group)?.get(`${topic}/${partition}`) ?? null;
  }

  #create(topic: string, partitions: number): number {
    const present = this.#topics.get(topic);
    if (present !== undefined) return present.length;
    this.#topics.set(
      topic,
      Array.from({ length: partitions }, () => ({ batches: [], bytes: 0, startOffset: 0n, endOffset: 0n })),
    );
    return partitions;
  }

  #partitionsOf(topic: string): readonly Partition[] {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined) throw new AppError("TOPIC_MISSING", true, `there is no topic ${topic}`);
    return partitions;
  }

  #openProducer(): BatchProducer {
    let open = true;
    return {
      produce: async (topic, partition, batch) => {
        if (!open) throw new AppError("BINDER_CLOSED", false, "the producer is closed");
        this.#append(topic, partition, batch);
        return Promise.resolve();
      },
      close: async () => {
        open = false;
        return Promise.resolve();
      },
    };
  }

  /** Appends a copy with the partition's offsets in it, as a broker does: the base offset is not under the CRC. */
  #append(topic: string, partition: number, bytes: Uint8Array): void {
    const log = this.#partitionsOf(topic)[partition];
    if (log === undefined) throw new AppError("TOPIC_MISSING", true, `${topic} has no partition ${partition}`);
    if (bytes.length < HEADER_BYTES) throw new RangeError(`${bytes.length} bytes are no RecordBatch`);
    const copy = Buffer.from(bytes);
    copy.writeBigInt64BE(log.endOffset, 0);
    const lastOffset = log.endOffset + BigInt(copy.readInt32BE(LAST_OFFSET_DELTA));
    log.batches.push({ bytes: copy, lastOffset, visible: true });
    log.endOffset = lastOffset + 1n;
    log.bytes += copy.length;
    if (log.bytes >= 2 * RETENTION_BYTES) dropOlder(log);
    this.#wake();
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  #openConsumer(options: ConsumerOptions, group: string, handler: FetchHandler): BatchConsumer {
    // One process needs no second member: splitting partitions among members is the broker's work.
    if (this.#groups.has(group)) throw new AppError("BROKER_UNAVAILABLE", true, `group ${group} has a member already`);
    this.#groups.add(group);
    const commits = this.#committed.get(group) ?? new Map<string, bigint>();
    this.#committed.set(group, commits);
    options.onAssigned?.();
    let open = true;
    const loop = this.#consume(options, handler, commits, () => open).finally(() => {
      this.#groups.delete(group);
    });
    loop.catch(() => {});
    return {
      commit: async (positions) => {
        for (const { topic, partition, offset } of positions) commits.set(`${topic}/${partition}`, offset);
        return Promise.resolve();
      },
      close: async () => {
        open = false;
        this.#wake();
        // Whoever waits for the end hears of a failure; closing must not fail because of it.
        await loop.catch(() => {});
      },
      ended: loop,
    };
  }

  async #consume(options: ConsumerOptions, handler: FetchHandler, commits: Map<string, bigint>, isOpen: () => boolean): Promise<void> {
    const assigned = options.topics.flatMap((topic) =>
      this.#partitionsOf(topic).map((log, partition) => {
        const start = options.startOffset === "earliest" ? log.startOffset : log.endOffset;
        return { topic, partition, log, position: commits.get(`${topic}/${partition}`) ?? start };
      }),
    );
    while (isOpen()) {
      let fetchedAny = false;
      for (const entry of assigned) {
        const fetched = fetchFrom(entry);
        if (fetched === null || !isOpen()) continue;
        fetchedAny = true;
        const taken = (nextOffset: bigint): void => {
          entry.position = nextOffset;
        };
        await handler(fetched, async () => Promise.resolve(), taken);
        taken(fetched.nextOffset);
      }
      if (fetchedAny || assigned.some(({ log, position }) => log.endOffset > position)) {
        // Producers and timers get their turn between two rounds.
        await new Promise(setImmediate);
        continue;
      }
      if (isOpen()) {
        await new Promise<void>((resolve) => {
          this.#waiting.push(resolve);
        });
      }
    }
  }
}

function dropOlder(log: Partition): void {
  let count = 0;
  for (const { bytes, lastOffset } of log.batches) {
    if (log.bytes <= RETENTION_BYTES) break;
    log.bytes -= bytes.length;
    log.startOffset = lastOffset + 1n;
    count++;
  }
  log.batches.splice(0, count);
}

/** Returns the next batches of a partition from its position on, or null when there are none. */
function fetchFrom(entry: {
  readonly topic: string;
  readonly partition: number;
  readonly log: Partition;
  readonly position: bigint;
}): FetchedBatches | null {
  const { topic, partition, log, position } = entry;
  if (position < log.startOffset) {
    const problem = `${topic}-${partition} begins at offset ${log.startOffset}, behind the consumer's position ${position}`;
    throw new AppError("OFFSET_OUT_OF_RANGE", false, `${problem}: the records between are gone`);
  }
  if (log.endOffset <= position) return null;
  const first = firstFrom(log.batches, position);
  const batches: FetchedBatch[] = [];
  let bytes = 0;
  for (let index = first; index < log.batches.length; index++) {
    const batch = log.batches[index];
    if (batch === undefined || (batches.length > 0 && bytes + batch.bytes.length > FETCH_BYTES_MAX)) break;
    batches.push(batch);
    bytes += batch.bytes.length;
  }
  const last = batches.at(-1);
  return last === undefined ? null : { topic, partition, fetchOffset: position, batches, nextOffset: last.lastOffset + 1n };
}

/** Returns the index of the first batch that reaches `offset`: they are in order, so by halving. */
function firstFrom(batches: readonly FetchedBatch[], offset: bigint): number {
  let low = 0;
  let high = batches.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((batches[middle]?.lastOffset ?? 0n) < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
