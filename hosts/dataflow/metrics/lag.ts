/** How far a group is behind its input, of the partitions that this consumer reads. */
import type { PartitionProgress, Position } from "../binder.ts";

export interface Lag {
  /** The partitions have been assigned anew: what was known of before counts no more. */
  assigned(): void;
  /** A fetch of a partition begins here: with the first one of an assignment this is what the group has committed, or where it begins. */
  fetched(topic: string, partition: number, fetchOffset: bigint): void;
  /** The group has taken these positions. */
  committed(positions: readonly Position[]): void;
  /** Returns how many records of a topic the group has not committed, or NaN where nothing is known of it. */
  of(topic: string, progress: readonly PartitionProgress[]): number;
}

/** Returns a lag of which nothing is known. */
export function createLag(): Lag {
  const committed = new Map<string, bigint>();
  return {
    assigned() {
      committed.clear();
    },
    fetched(topic, partition, fetchOffset) {
      const key = `${topic}/${partition}`;
      if (!committed.has(key)) committed.set(key, fetchOffset);
    },
    committed(positions) {
      for (const { topic, partition, offset } of positions) committed.set(`${topic}/${partition}`, offset);
    },
    of(topic, progress) {
      const known = progress.filter((entry) => entry.topic === topic);
      if (known.length === 0) return Number.NaN;
      const lags = known.map(({ partition, position, endOffset }) => {
        const lag = endOffset - (committed.get(`${topic}/${partition}`) ?? position);
        // The end is the one of the last fetch, and a commit may be of records that came after it.
        return lag > 0n ? Number(lag) : 0;
      });
      return lags.reduce((sum, lag) => sum + lag, 0);
    },
  };
}
