/**
 * Notices that a partition's log is another one than before: a topic that was deleted and created again under its name, or a log that has lost
 * its end. The Fetch requests of kafkajs carry neither topic ids nor leader epochs, so a broker can't say it; two things give it away.
 */

/** How long a high watermark may be behind what it was. A new leader hears of the last records' commit only with its followers' next fetch. */
const BEHIND_MS_MAX = 10_000;
const LEADER_EPOCH = 12;

/** What a look at one fetch says: `behind` is not decided yet, and nothing of that fetch should be taken. */
export type Look = { readonly log: "same" | "behind" } | { readonly log: "replaced"; readonly symptom: string };

interface Seen {
  readonly highWatermark: bigint;
  /** Leader epoch of the furthest batch, and its last offset. */
  readonly leaderEpoch: number;
  readonly lastOffset: bigint;
  /** Since when the high watermark has been lower than this. */
  readonly behindSinceMs: number | null;
}

/** A RecordBatch that was fetched, whole. */
interface Batch {
  readonly bytes: Uint8Array;
  readonly lastOffset: bigint;
}

export interface LogWatch {
  /** Looks at what a fetch brought for one partition. */
  look(place: string, highWatermark: bigint, batches: readonly Batch[], nowMs: number): Look;
  /** Forgets a partition, whose log is known to be another one now. */
  forget(place: string): void;
}

/** Returns a watch that has seen nothing. */
export function createLogWatch(): LogWatch {
  const partitions = new Map<string, Seen>();
  return {
    look: (place, highWatermark, batches, nowMs) => {
      const furthest = furthestOf(batches);
      const seen = partitions.get(place);
      if (seen === undefined) {
        partitions.set(place, { highWatermark, ...furthest, behindSinceMs: null });
        return { log: "same" };
      }
      // Within one log the epochs of the batches never go back (KIP-101). A reader may, so only what lies further on counts.
      if (furthest.lastOffset > seen.lastOffset && furthest.leaderEpoch >= 0 && furthest.leaderEpoch < seen.leaderEpoch) {
        return { log: "replaced", symptom: `its leader epochs begin anew, with ${furthest.leaderEpoch} after ${seen.leaderEpoch}` };
      }
      if (highWatermark < seen.highWatermark) {
        const behindSinceMs = seen.behindSinceMs ?? nowMs;
        partitions.set(place, { ...seen, behindSinceMs });
        if (nowMs - behindSinceMs < BEHIND_MS_MAX) return { log: "behind" };
        return { log: "replaced", symptom: `its high watermark went back from ${seen.highWatermark} to ${highWatermark}` };
      }
      const further = furthest.lastOffset > seen.lastOffset ? furthest : seen;
      partitions.set(place, {
        highWatermark,
        leaderEpoch: Math.max(further.leaderEpoch, seen.leaderEpoch),
        lastOffset: further.lastOffset,
        behindSinceMs: null,
      });
      return { log: "same" };
    },
    forget: (place) => {
      partitions.delete(place);
    },
  };
}

function furthestOf(batches: readonly Batch[]): { readonly leaderEpoch: number; readonly lastOffset: bigint } {
  const last = batches.at(-1);
  return last === undefined
    ? { leaderEpoch: -1, lastOffset: -1n }
    : { leaderEpoch: leaderEpochOf(last.bytes), lastOffset: last.lastOffset };
}

/** Returns the partition leader epoch of a RecordBatch; -1 where the broker wrote none. */
function leaderEpochOf(bytes: Uint8Array): number {
  return bytes.length < LEADER_EPOCH + 4 ? -1 : new DataView(bytes.buffer, bytes.byteOffset).getInt32(LEADER_EPOCH);
}
