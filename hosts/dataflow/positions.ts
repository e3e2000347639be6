import type { Position } from "./binder.ts";

/** Keeps, for each partition, the offset up to which every output record is acknowledged. */
export interface Positions {
  /** Adds the stretch that ends before `nextOffset`; it counts once its own acknowledgements and those of all stretches before it are in. */
  add(topic: string, partition: number, nextOffset: bigint, acknowledgements: readonly Promise<unknown>[]): void;
  /** Begins a partition at an offset, behind what is on its way: positions of before count no more, and this one can be committed. */
  begin(topic: string, partition: number, offset: bigint): void;
  /** Returns what can be committed and has not been taken yet. */
  take(): Position[];
  /** Puts back what `take` gave, unless there is something newer or a new assignment. */
  putBack(positions: readonly Position[]): void;
  /** Forgets what could be committed, for the partitions have been assigned anew; not what later positions still have to wait for. */
  clear(): void;
}

interface Partition {
  readonly topic: string;
  readonly partition: number;
  /** Resolves when all stretches so far are acknowledged; rejects when one never will be. */
  complete: Promise<unknown>;
  ready: bigint | null;
  /** Highest that was ready since the partition began: a fetch that is handed over twice must not take the group back. */
  reached: bigint;
}

async function afterAll(
  entry: Partition,
  nextOffset: bigint,
  before: Promise<unknown>,
  acknowledgements: readonly Promise<unknown>[],
): Promise<void> {
  await Promise.all([before, ...acknowledgements]);
  if (nextOffset <= entry.reached) return;
  entry.reached = nextOffset;
  entry.ready = nextOffset;
}

/** What is on its way stays on its way: kafkajs may go on behind it after an assignment, and no position may overtake it. */
function begunAnew({ topic, partition, complete }: Partition): Partition {
  return { topic, partition, complete, ready: null, reached: -1n };
}

/** Returns an empty record of positions. A rejected acknowledgement stops its partition for good; the producer's owner hears of it elsewhere. */
export function createPositions(): Positions {
  let partitions = new Map<string, Partition>();
  /** What `take` gave since the last assignment. */
  let valid = new WeakSet<readonly Position[]>();
  const entryOf = (topic: string, partition: number): Partition => {
    const key = `${topic}/${partition}`;
    const entry = partitions.get(key) ?? { topic, partition, complete: Promise.resolve(), ready: null, reached: -1n };
    partitions.set(key, entry);
    return entry;
  };
  return {
    add(topic, partition, nextOffset, acknowledgements) {
      const entry = entryOf(topic, partition);
      entry.complete = afterAll(entry, nextOffset, entry.complete, acknowledgements);
      entry.complete.catch(() => {});
    },
    begin(topic, partition, offset) {
      const entry = entryOf(topic, partition);
      partitions.set(`${topic}/${partition}`, begunAnew(entry));
      this.add(topic, partition, offset, []);
    },
    take() {
      const taken: Position[] = [];
      for (const entry of partitions.values()) {
        if (entry.ready === null) continue;
        taken.push({ topic: entry.topic, partition: entry.partition, offset: entry.ready });
        entry.ready = null;
      }
      valid.add(taken);
      return taken;
    },
    putBack(positions) {
      if (!valid.has(positions)) return;
      for (const { topic, partition, offset } of positions) {
        const entry = partitions.get(`${topic}/${partition}`);
        if (entry !== undefined && offset <= entry.reached) entry.ready ??= offset;
      }
    },
    clear() {
      valid = new WeakSet();
      partitions = new Map([...partitions].map(([key, entry]) => [key, begunAnew(entry)]));
    },
  };
}
