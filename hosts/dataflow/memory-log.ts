/** One partition of a topic in this process's memory. */
import type { ProducerStamp } from "../routed.ts";
import type { FetchedBatch, Reading } from "./binder.ts";
import { AppError } from "./errors.ts";
import { MemoryProducers } from "./memory-producers.ts";
import type { Participant } from "./memory-transactions.ts";

/** Header of a RecordBatch, as far as a log looks at it. */
const HEADER_BYTES = 61;
const LAST_OFFSET_DELTA = 23;
/** What one fetch brings at most, unless the first batch alone is longer. */
const FETCH_BYTES_MAX = 1 << 20;
/** What a partition keeps at least of its newest batches. When it holds twice as much, the older half goes, like a broker's old segments. */
const RETENTION_BYTES = 32 << 20;
/**
 * The batch that ends a transaction, as a broker writes it but without its record, as it may be left after compaction: base offset (8 bytes), length
 * (4), leader epoch (4), magic 2 (1), CRC (4), attributes: transactional and control (2), all else zero or -1.
 */
const CONTROL_BATCH = Buffer.from(`000000000000000000000031ffffffff02e7a90c050030${"00".repeat(20)}${"ff".repeat(14)}00000000`, "hex");

interface StoredBatch {
  readonly bytes: Uint8Array;
  readonly lastOffset: bigint;
  /** Of a batch that was written in a transaction. */
  readonly producerId: bigint | null;
  /** Who sees its records: those of a transaction only whoever reads uncommitted ones, until it is committed. */
  visibility: "always" | "uncommitted" | "never";
}

interface OpenTransaction {
  readonly epoch: number;
  readonly firstOffset: bigint;
}

/** RecordBatches in the order of their offsets, the newest of them only. */
export class MemoryLog implements Participant {
  readonly #batches: StoredBatch[] = [];
  readonly #producers = new MemoryProducers();
  /** By the id of the producer. */
  readonly #open = new Map<bigint, OpenTransaction>();
  #bytes = 0;
  #startOffset = 0n;
  #endOffset = 0n;

  /** Offset of the earliest record. */
  get startOffset(): bigint {
    return this.#startOffset;
  }

  /** Offset behind the latest record. */
  get endOffset(): bigint {
    return this.#endOffset;
  }

  /** Offset of the first record of the transactions that are open, or behind the latest record. */
  get lastStableOffset(): bigint {
    return [...this.#open.values()].reduce((least, { firstOffset }) => (firstOffset < least ? firstOffset : least), this.#endOffset);
  }

  /** Returns how far a reader gets. */
  endFor(isolationLevel: Reading["isolationLevel"]): bigint {
    return isolationLevel === "read_committed" ? this.lastStableOffset : this.#endOffset;
  }

  /** Whether a producer has written in a transaction that is open. */
  hasOpen(producerId: bigint, epoch: number): boolean {
    return this.#open.get(producerId)?.epoch === epoch;
  }

  /**
   * Appends a copy with the log's offsets in it, as a broker does: the base offset is not under the CRC. A batch that is stamped and is there already
   * is not appended again.
   */
  append(bytes: Uint8Array, stamp: ProducerStamp | null = null): void {
    if (bytes.length < HEADER_BYTES) throw new AppError("PRODUCE_REFUSED", false, `${bytes.length} bytes are no RecordBatch`);
    const copy = Buffer.from(bytes);
    const lastOffsetDelta = copy.readInt32BE(LAST_OFFSET_DELTA);
    if (stamp !== null && !this.#producers.takes(stamp, lastOffsetDelta + 1)) return;
    copy.writeBigInt64BE(this.#endOffset, 0);
    const lastOffset = this.#endOffset + BigInt(lastOffsetDelta);
    if (stamp?.transactional === true) {
      const { producerId, producerEpoch: epoch } = stamp;
      if (!this.#open.has(producerId)) this.#open.set(producerId, { epoch, firstOffset: this.#endOffset });
      this.#push({ bytes: copy, lastOffset, producerId, visibility: "uncommitted" });
    } else {
      this.#push({ bytes: copy, lastOffset, producerId: null, visibility: "always" });
    }
    if (this.#bytes >= 2 * RETENTION_BYTES) this.#deleteWhile(() => this.#bytes > RETENTION_BYTES);
  }

  /** As a broker, takes an offset for it, also when the producer has written nothing here. */
  endTransaction(producerId: bigint, producerEpoch: number, isCommitted: boolean): void {
    const open = this.#open.get(producerId);
    this.#producers.ended(producerId, producerEpoch);
    this.#open.delete(producerId);
    if (open !== undefined && isCommitted) {
      for (let index = this.#firstFrom(open.firstOffset); index < this.#batches.length; index++) {
        const batch = this.#batches[index];
        if (batch?.producerId === producerId) batch.visibility = "always";
      }
    }
    const bytes = Buffer.from(CONTROL_BATCH);
    bytes.writeBigInt64BE(this.#endOffset, 0);
    this.#push({ bytes, lastOffset: this.#endOffset, producerId: null, visibility: "never" });
  }

  /** Deletes the batches that end before an offset. */
  deleteBefore(offset: bigint): void {
    this.#deleteWhile(({ lastOffset }) => lastOffset < offset);
  }

  /** Returns the next batches from an offset on, as many as a fetch brings; none at the end. */
  read(offset: bigint, isolationLevel: Reading["isolationLevel"] = "read_committed"): readonly FetchedBatch[] {
    const batches: FetchedBatch[] = [];
    const end = this.endFor(isolationLevel);
    let fetchedBytes = 0;
    for (let index = this.#firstFrom(offset); index < this.#batches.length; index++) {
      const batch = this.#batches[index];
      if (batch === undefined || batch.lastOffset >= end) break;
      const { bytes, lastOffset, visibility } = batch;
      if (batches.length > 0 && fetchedBytes + bytes.length > FETCH_BYTES_MAX) break;
      const visible = visibility === "always" || (visibility === "uncommitted" && isolationLevel === "read_uncommitted");
      batches.push({ bytes, lastOffset, visible });
      fetchedBytes += bytes.length;
    }
    return batches;
  }

  #push(batch: StoredBatch): void {
    this.#batches.push(batch);
    this.#endOffset = batch.lastOffset + 1n;
    this.#bytes += batch.bytes.length;
  }

  #deleteWhile(isOld: (batch: StoredBatch) => boolean): void {
    let count = 0;
    for (const batch of this.#batches) {
      if (!isOld(batch)) break;
      this.#bytes -= batch.bytes.length;
      this.#startOffset = batch.lastOffset + 1n;
      count++;
    }
    this.#batches.splice(0, count);
  }

  /** Returns the index of the first batch that reaches `offset`: they are in order, so by halving. */
  #firstFrom(offset: bigint): number {
    let low = 0;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle]?.lastOffset ?? 0n) < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
