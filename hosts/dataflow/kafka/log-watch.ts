/**
 * Notices that a partition's log is another one than before: a topic that was deleted and created again under its name, or a log that has lost
 * its end. The Fetch requests of kafkajs carry neither topic ids nor leader epochs, so a broker can't say it; two things give it away.
 */

/**
 * How long a high watermark may be behind what it was. A new leader hears of the last records' commit only with its followers' next fetch, and
 * of one that hangs not before it is out of the in-sync replicas (`replica.lag.time.max.ms`, 30 s).
 */
const BEHIND_MS_MAX = 60_000;
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
  /** Looks at what a fetch brought for one partition, before any of it is taken. */
  look(place: string, highWatermark: bigint, batches: readonly Batch[], nowMs: number): Look;
  /** Takes note of a fetch whose batches are sound. */
  note(place: string, highWatermark: bigint, batches: readonly Batch[]): void;
  /** Takes note of a position that was committed. */
  committed(place: string, offset: bigint): void;
  /** Before a partition is read from where its group stands: forgets it when somebody else has brought the group there, who knows more of the log. */
  begin(place: string, fetchOffset: bigint): void;
  /** Forgets a partition: its log is known to be another one now. */
  forget(place: string): void;
  /** Forgets all partitions but these: they are read elsewhere. */
  retain(isKept: (place: string) => boolean): void;
}

/** Returns a watch that has seen nothing. */
export function createLogWatch(): LogWatch {
  const partitions = new Map<string, Seen>();
  /** Up to where this process has committed partitions; that may be known before their first fetch is noted. */
  const committed = new Map<string, bigint>();
  const forget = (place: string): void => {
    partitions.delete(place);
    committed.delete(place);
  };
  return {
    look: (place, highWatermark, batches, nowMs) => {
      const seen = partitions.get(place);
      if (seen === undefined) return { log: "same" };
      const furthest = furthestOf(batches);
      // Within one log the epochs of the batches never go back (KIP-101). A reader may, so only what lies further on counts.
      if (furthest.lastOffset > seen.lastOffset && furthest.leaderEpoch >= 0 && furthest.leaderEpoch < seen.leaderEpoch) {
        return { log: "replaced", symptom: `its leader epochs begin anew, with ${furthest.leaderEpoch} after ${seen.leaderEpoch}` };
      }
      const isBehind = highWatermark < seen.highWatermark;
      const behindSinceMs = isBehind ? (seen.behindSinceMs ?? nowMs) : null;
      partitions.set(place, { ...seen, behindSinceMs });
      if (behindSinceMs === null) return { log: "same" };
      if (nowMs - behindSinceMs < BEHIND_MS_MAX) return { log: "behind" };
      return { log: "replaced", symptom: `its high watermark went back from ${seen.highWatermark} to ${highWatermark}` };
    },
    note: (place, highWatermark, batches) => {
      const furthest = furthestOf(batches);
      const seen = partitions.get(place) ?? furthest;
      partitions.set(place, {
        highWatermark,
        leaderEpoch: Math.max(furthest.leaderEpoch, seen.leaderEpoch),
        lastOffset: furthest.lastOffset > seen.lastOffset ? furthest.lastOffset : seen.lastOffset,
        behindSinceMs: null,
      });
    },
    committed: (place, offset) => {
      committed.set(place, offset);
    },
    begin: (place, fetchOffset) => {
      const own = committed.get(place);
      const isBack = own !== undefined && fetchOffset < own;
      // A fetch that was taken in part is not noted, though what was taken of it may be committed.
      const isAhead = fetchOffset > (own ?? 0n) && fetchOffset > (partitions.get(place)?.lastOffset ?? -1n) + 1n;
      if (isBack || isAhead) forget(place);
    },
    forget,
    retain: (isKept) => {
      for (const place of [...partitions.keys(), ...committed.keys()]) if (!isKept(place)) forget(place);
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
