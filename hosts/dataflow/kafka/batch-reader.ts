/** What the consumer does with one fetch of one partition: hand it on, unless the log or the position is not what it should be. */
import { setTimeout } from "node:timers/promises";
import type { ConsumerOptions, FetchHandler, FetchedBatch, Position } from "../binder.ts";
import { AppError } from "../errors.ts";
import type { LogRange } from "./beginnings.ts";
import type { LogWatch } from "./log-watch.ts";

/** One fetch of one partition, as the consumer got it. */
export interface PartitionFetch {
  readonly topic: string;
  readonly partition: number;
  readonly fetchOffset: bigint;
  readonly highWatermark: bigint;
  /** Null when the broker says that it does not have the offset. */
  readonly batches: readonly FetchedBatch[] | null;
  readonly heartbeat: () => Promise<void>;
  /** Tells the client where the next fetch begins. */
  readonly moveTo: (nextOffset: bigint) => void;
}

export interface BatchReaderOptions extends Pick<ConsumerOptions, "offsetOutOfRange" | "onJump"> {
  readonly handler: FetchHandler;
  readonly watch: LogWatch;
  readonly crc32c: (bytes: Uint8Array) => number;
  /** Asks the broker what a partition's log has. */
  readonly range: (topic: string, partition: number) => Promise<LogRange>;
}

// Fields of a RecordBatch that are read here; the core's batch layout has them all.
const CRC = 17;
const ATTRIBUTES = 21;
const HEADER_BYTES = 61;
/** Wait before a fetch is tried again that should not be taken. */
const AGAIN_MS = 200;

/** Reads partitions; one fetch of a partition at a time, different partitions at the same time. */
export class BatchReader {
  readonly #options: BatchReaderOptions;
  /** By assigned partition, where its next fetch has to begin; null where that is not known yet. A new map with each assignment. */
  #expected = new Map<string, bigint | null>();

  constructor(options: BatchReaderOptions) {
    this.#options = options;
  }

  /**
   * Takes note that the partitions have been assigned anew. Returns where those go on that stay: `isNext` says that this is the generation of
   * the group right after the one before, so that nobody else can have read them. The positions of all others are forgotten.
   */
  assigned(assignment: Readonly<Record<string, readonly number[]>>, isNext: boolean): readonly Position[] {
    const before = this.#expected;
    this.#options.watch.retain((place) => isAmong(place, assignment));
    const partitions = Object.entries(assignment).flatMap(([topic, numbers]) => numbers.map((partition) => ({ topic, partition })));
    const positions = partitions.map(({ topic, partition }) => {
      const offset = isNext ? (before.get(`${topic}-${partition}`) ?? null) : null;
      return { topic, partition, offset };
    });
    this.#expected = new Map(positions.map(({ topic, partition, offset }) => [`${topic}-${partition}`, offset]));
    return positions.flatMap(({ topic, partition, offset }) => (offset === null ? [] : { topic, partition, offset }));
  }

  isAssigned(topic: string, partition: number): boolean {
    return this.#expected.has(`${topic}-${partition}`);
  }

  /** Where the next fetch of a partition has to begin, or null where that is not known. */
  positionOf(topic: string, partition: number): bigint | null {
    return this.#expected.get(`${topic}-${partition}`) ?? null;
  }

  async read(fetch: PartitionFetch): Promise<void> {
    const { topic, partition, fetchOffset, highWatermark, batches, heartbeat } = fetch;
    const place = `${topic}-${partition}`;
    // Of an assignment that is over.
    if (!this.#expected.has(place)) return;
    const known = this.#expected.get(place) ?? null;
    if (known === null) this.#options.watch.begin(place, fetchOffset);
    const expected = known ?? fetchOffset;
    if (fetchOffset < expected) {
      // After a leader has moved, two fetches of the same offset may be on their way, one to each. Should kafkajs stand there itself, it is told.
      fetch.moveTo(expected);
      return;
    }
    if (fetchOffset > expected) {
      const gap = `a fetch of ${place} begins at offset ${fetchOffset}, but nothing from ${expected} on has been read`;
      throw new AppError("POSITION_LOST", true, `${gap}: reading again from what is committed`);
    }
    if (batches === null) {
      await this.#leaveGap(fetch, place);
      return;
    }
    const look = this.#options.watch.look(place, highWatermark, batches, Date.now());
    if (look.log === "behind") {
      await setTimeout(AGAIN_MS);
      await heartbeat();
    } else if (look.log === "replaced" && this.#isIntact(batches.at(-1))) {
      await this.#jump(fetch, await this.#rangeFor(fetch), look.symptom);
    } else {
      await this.#handOn(fetch, batches, place);
      // What the handler has refused says nothing of the log.
      this.#options.watch.note(place, highWatermark, batches);
    }
  }

  /** Whether the CRC of a batch holds: where it does not, the handler knows what to do, and its leader epoch means nothing. */
  #isIntact(batch: FetchedBatch | undefined): boolean {
    if (batch === undefined || batch.bytes.length < HEADER_BYTES) return false;
    const { bytes } = batch;
    return new DataView(bytes.buffer, bytes.byteOffset).getUint32(CRC) === this.#options.crc32c(bytes.subarray(ATTRIBUTES));
  }

  /** Returns what the log of the fetched partition has, or null when the partitions have been assigned anew while it was asked for. */
  async #rangeFor({ topic, partition }: PartitionFetch): Promise<LogRange | null> {
    const assignment = this.#expected;
    const range = await this.#options.range(topic, partition);
    return assignment === this.#expected ? range : null;
  }

  async #handOn(fetch: PartitionFetch, batches: readonly FetchedBatch[], place: string): Promise<void> {
    const { topic, partition, fetchOffset, heartbeat } = fetch;
    const last = batches.at(-1);
    if (last === undefined) return;
    const nextOffset = last.lastOffset + 1n;
    const assignment = this.#expected;
    const taken = (offset: bigint): void => {
      // Assigned anew meanwhile: the next fetch begins at what is committed, if the partition is still ours.
      if (assignment === this.#expected) this.#moveTo(fetch, place, offset);
    };
    await this.#options.handler({ topic, partition, fetchOffset, batches, nextOffset }, heartbeat, taken);
    taken(nextOffset);
  }

  /** The broker does not have the offset: the records have been deleted, or the log is another one. */
  async #leaveGap(fetch: PartitionFetch, place: string): Promise<void> {
    const range = await this.#rangeFor(fetch);
    if (range === null) return;
    const { startOffset, endOffset } = range;
    if (fetch.fetchOffset >= startOffset && fetch.fetchOffset <= endOffset) {
      // A broker that is not the leader any more, or not yet: the next fetch asks another one.
      await setTimeout(AGAIN_MS);
      await fetch.heartbeat();
      return;
    }
    this.#options.watch.forget(place);
    await this.#jump(fetch, range, `its log has the offsets from ${startOffset} up to ${endOffset}`);
  }

  /** Goes on at the earliest record that is there, or ends the consumer. Later than that would leave out records that could be routed. */
  async #jump(fetch: PartitionFetch, range: LogRange | null, symptom: string): Promise<void> {
    if (range === null) return;
    const { startOffset: to, endOffset } = range;
    const { topic, partition, fetchOffset: from } = fetch;
    const place = `${topic}-${partition}`;
    if (this.#options.offsetOutOfRange === "stop") {
      throw new AppError(
        "OFFSET_OUT_OF_RANGE",
        false,
        `${place} does not go on at offset ${from}: ${symptom}. router.offset-out-of-range=stop says to stop; ` +
          `set the group's offset by hand, or set it to reset to go on at ${to}`,
      );
    }
    this.#options.onJump?.({ topic, partition, from, to, endOffset, symptom });
    this.#options.watch.forget(place);
    this.#moveTo(fetch, place, to);
    await fetch.heartbeat();
  }

  #moveTo(fetch: PartitionFetch, place: string, offset: bigint): void {
    this.#expected.set(place, offset);
    fetch.moveTo(offset);
  }
}

function isAmong(place: string, assignment: Readonly<Record<string, readonly number[]>>): boolean {
  return Object.entries(assignment).some(([topic, partitions]) => partitions.some((partition) => `${topic}-${partition}` === place));
}
