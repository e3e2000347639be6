import type { Position } from "./binder.ts";

/** Keeps, for each partition, the offset up to which every output record is acknowledged. */
export interface Positions {
  /** Adds the stretch that ends before `nextOffset`; it counts once its own acknowledgements and those of all stretches before it are in. */
  add(topic: string, partition: number, nextOffset: bigint, acknowledgements: readonly Promise<unknown>[]): void;
  /** Returns what can be committed and has not been taken yet. */
  take(): Position[];
  /** Puts back what `take` gave, unless there is something newer. */
  putBack(positions: readonly Position[]): void;
  /** Forgets everything: the partitions have been assigned anew. */
  clear(): void;
}

interface Partition {
  readonly topic: string;
  readonly partition: number;
  /** Resolves when all stretches so far are acknowledged; rejects when one never will be. */
  complete: Promise<unknown>;
  ready: bigint | null;
}

async function complete(
  entry: Partition,
  nextOffset: bigint,
  before: Promise<unknown>,
  acknowledgements: readonly Promise<unknown>[],
): Promise<void> {
  await Promise.all([before, ...acknowledgements]);
  entry.ready = nextOffset;
}

/** Returns an empty record of positions. A rejected acknowledgement stops its partition for good; the producer's owner hears of it elsewhere. */
export function createPositions(): Positions {
  let partitions = new Map<string, Partition>();
  return {
    add(topic, partition, nextOffset, acknowledgements) {
      const key = `${topic}/${partition}`;
      const entry = partitions.get(key) ?? { topic, partition, complete: Promise.resolve(), ready: null };
      partitions.set(key, entry);
      entry.complete = complete(entry, nextOffset, entry.complete, acknowledgements);
      entry.complete.catch(() => {});
    },
    take() {
      const taken: Position[] = [];
      for (const entry of partitions.values()) {
        if (entry.ready === null) continue;
        taken.push({ topic: entry.topic, partition: entry.partition, offset: entry.ready });
        entry.ready = null;
      }
      return taken;
    },
    putBack(positions) {
      for (const { topic, partition, offset } of positions) {
        const entry = partitions.get(`${topic}/${partition}`);
        if (entry !== undefined) entry.ready ??= offset;
      }
    },
    clear() {
      partitions = new Map();
    },
  };
}
