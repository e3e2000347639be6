/** Where partitions begin when it is not the group's committed offset that says so. */
import type { Position, Reading } from "../binder.ts";
import { AppError, describeError } from "../errors.ts";
import type { Kafka } from "./kafkajs.ts";

/** First and next offset of a partition's log. */
export interface LogRange {
  readonly startOffset: bigint;
  readonly endOffset: bigint;
}

/** What a group is about to read. */
export interface Subscription extends Pick<Reading, "startOffset" | "resetOffsets"> {
  readonly group: string;
  readonly topics: readonly string[];
}

/** Kept as long as the binder: a partition begins once, however often the consumer has to be opened anew. */
export interface Beginnings {
  /** Looks at the topics and at what the group has committed. To be called before each consumer joins. */
  plan(subscription: Subscription): Promise<Plan>;
  /** Returns what a partition's log has now. */
  range(topic: string, partition: number): Promise<LogRange>;
}

/**
 * The beginnings of one consumer. Whatever is not in it begins where the group has committed, or else at the earliest record: a partition that
 * was added meanwhile has only records that nobody has read.
 */
export interface Plan {
  /** Returns the beginnings among these partitions, as long as they have not been committed. */
  among(assigned: Readonly<Record<string, readonly number[]>>): readonly Position[];
  /** Takes note that the group has positions of its own now. */
  committed(positions: readonly Position[]): void;
}

/** Returns a memory without beginnings; `kafka` is asked. */
export function createBeginnings(kafka: Kafka): Beginnings {
  /** By group, all partitions that were ever seen, by topic and number; null where the group has a position of its own. */
  const groups = new Map<string, Map<string, bigint | null>>();
  return {
    plan: async (subscription) => {
      const begun = groups.get(subscription.group) ?? new Map<string, bigint | null>();
      groups.set(subscription.group, begun);
      // Where groups begin at the earliest, kafkajs does it by itself.
      if (subscription.startOffset === "earliest" && !subscription.resetOffsets) return planOf(begun);
      const isFirst = begun.size === 0;
      for (const { topic, partition, range, committed } of await look(kafka, subscription)) {
        const key = keyOf({ topic, partition });
        if (!begun.has(key)) begun.set(key, isFirst ? firstOffset(subscription, range, committed) : null);
        // Another instance has begun there meanwhile.
        else if (committed !== null && !subscription.resetOffsets) begun.set(key, null);
      }
      return planOf(begun);
    },
    range: async (topic, partition) => {
      const ranges = await asking(kafka, async (admin) => rangesOf(admin, topic));
      const range = ranges.get(partition);
      if (range === undefined) throw new AppError("TOPIC_MISSING", true, `${topic} has no partition ${partition} any more`);
      return range;
    },
  };
}

function firstOffset({ startOffset, resetOffsets }: Subscription, range: LogRange, committed: bigint | null): bigint | null {
  if (committed !== null && !resetOffsets) return null;
  return startOffset === "earliest" ? range.startOffset : range.endOffset;
}

function planOf(begun: Map<string, bigint | null>): Plan {
  return {
    among: (assigned) =>
      Object.entries(assigned).flatMap(([topic, partitions]) =>
        partitions.flatMap((partition) => {
          const offset = begun.get(keyOf({ topic, partition })) ?? null;
          return offset === null ? [] : [{ topic, partition, offset }];
        }),
      ),
    committed: (positions) => {
      for (const position of positions) begun.set(keyOf(position), null);
    },
  };
}

interface PartitionSeen {
  readonly topic: string;
  readonly partition: number;
  readonly range: LogRange;
  /** Null for nothing. */
  readonly committed: bigint | null;
}

async function look(kafka: Kafka, { group, topics }: Subscription): Promise<readonly PartitionSeen[]> {
  return asking(kafka, async (admin) => {
    const offsets = await admin.fetchOffsets({ groupId: group, topics: [...topics] });
    const seen: PartitionSeen[] = [];
    for (const topic of topics) {
      const partitions = offsets.find((answer) => answer.topic === topic)?.partitions ?? [];
      const committed = new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)]));
      for (const [partition, range] of await rangesOf(admin, topic)) {
        const offset = committed.get(partition) ?? -1n;
        seen.push({ topic, partition, range, committed: offset < 0n ? null : offset });
      }
    }
    return seen;
  });
}

type Admin = ReturnType<Kafka["admin"]>;

async function rangesOf(admin: Admin, topic: string): Promise<ReadonlyMap<number, LogRange>> {
  const offsets = await admin.fetchTopicOffsets(topic);
  return new Map(offsets.map(({ partition, low, high }) => [partition, { startOffset: BigInt(low), endOffset: BigInt(high) }]));
}

async function asking<Answer>(kafka: Kafka, ask: (admin: Admin) => Promise<Answer>): Promise<Answer> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await ask(admin);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw new AppError("BROKER_UNAVAILABLE", true, `the offsets can't be asked for: ${describeError(error)}`, error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`;
}
