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
  /** Looks at the topics, the first time for a group. To be called before each consumer joins. */
  plan(subscription: Subscription): Promise<Plan>;
  /** Returns what a partition's log has now. */
  range(topic: string, partition: number): Promise<LogRange>;
}

/** The beginnings of one group. */
export interface Plan {
  /**
   * Returns where a partition begins that the group has committed nothing of, or null for its earliest record: so begins one that was added
   * later, which has only records that nobody has read.
   */
  ofUncommitted(topic: string, partition: number): bigint | null;
  /** Returns which of the assigned partitions begin anew, whatever is committed: those of the first assignment, until they are committed. */
  resets(assigned: Readonly<Record<string, readonly number[]>>): readonly Position[];
  /** Takes note that the group has taken these positions. */
  committed(positions: readonly Position[]): void;
}

/** What is planned for a group, by topic and partition. */
interface Planned {
  readonly uncommitted: Map<string, bigint>;
  readonly resets: Map<string, bigint>;
  isAssigned: boolean;
}

/** Returns a memory without beginnings; `kafka` is asked. */
export function createBeginnings(kafka: Kafka): Beginnings {
  const groups = new Map<string, Planned>();
  return {
    plan: async (subscription) => {
      const planned = groups.get(subscription.group) ?? (await planFor(kafka, subscription));
      groups.set(subscription.group, planned);
      return planOf(planned);
    },
    range: async (topic, partition) => {
      const ranges = await rangesOf(kafka, topic);
      const range = ranges.get(partition);
      if (range === undefined) throw new AppError("TOPIC_MISSING", true, `${topic} has no partition ${partition} any more`);
      return range;
    },
  };
}

async function planFor(kafka: Kafka, { topics, startOffset, resetOffsets }: Subscription): Promise<Planned> {
  const planned = { uncommitted: new Map<string, bigint>(), resets: new Map<string, bigint>(), isAssigned: false };
  // To begin at the earliest record is what kafkajs does by itself.
  if (startOffset === "earliest" && !resetOffsets) return planned;
  for (const topic of topics) {
    for (const [partition, range] of await rangesOf(kafka, topic)) {
      const key = keyOf({ topic, partition });
      const offset = startOffset === "earliest" ? range.startOffset : range.endOffset;
      planned.uncommitted.set(key, offset);
      if (resetOffsets) planned.resets.set(key, offset);
    }
  }
  return planned;
}

function planOf(planned: Planned): Plan {
  return {
    ofUncommitted: (topic, partition) => planned.uncommitted.get(keyOf({ topic, partition })) ?? null,
    resets: (assigned) => {
      const positions = Object.entries(assigned).flatMap(([topic, partitions]) =>
        partitions.flatMap((partition) => {
          const offset = planned.resets.get(keyOf({ topic, partition }));
          return offset === undefined ? [] : [{ topic, partition, offset }];
        }),
      );
      if (!planned.isAssigned) {
        // Another instance has the others. When they come here one day, the group is far behind their beginning.
        planned.resets.clear();
        for (const position of positions) planned.resets.set(keyOf(position), position.offset);
        planned.isAssigned = true;
      }
      return positions;
    },
    committed: (positions) => {
      for (const position of positions) planned.resets.delete(keyOf(position));
    },
  };
}

async function rangesOf(kafka: Kafka, topic: string): Promise<ReadonlyMap<number, LogRange>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const offsets = await admin.fetchTopicOffsets(topic);
    return new Map(offsets.map(({ partition, low, high }) => [partition, { startOffset: BigInt(low), endOffset: BigInt(high) }]));
  } catch (error) {
    throw new AppError("BROKER_UNAVAILABLE", true, `the offsets of ${topic} can't be asked for: ${describeError(error)}`, error);
  } finally {
    await admin.disconnect().catch(() => {});
  }
}

function keyOf({ topic, partition }: { readonly topic: string; readonly partition: number }): string {
  return `${topic}/${partition}`;
}
