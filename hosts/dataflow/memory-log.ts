/** One partition of a topic in this process's memory. */
import { AppError } from "./errors.ts";
import type { FetchedBatch } from "./binder.ts";

/** Header of a RecordBatch, as far as a log looks at it. */
const HEADER_BYTES = 61;
const LAST_OFFSET_DELTA = 23;
/** What one fetch brings at most, unless the first batch alone is longer. */
const FETCH_BYTES_MAX = 1 << 20;
/** What a partition keeps at least of its newest batches. When it holds twice as much, the older half goes, like a broker's old segments. */
const RETENTION_BYTES = 32 << 20;

/** RecordBatches in the order of their offsets, the newest of them only. */
export class MemoryLog {
  readonly #batches: FetchedBatch[] = [];
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

  /** Appends a copy with the log's offsets in it, as a broker does: the base offset is not under the CRC. */
  append(bytes: Uint8Array): void {
    if (bytes.length < HEADER_BYTES) throw new AppError("PRODUCE_REFUSED", false, `${bytes.length} bytes are no RecordBatch`);
    const copy = Buffer.from(bytes);
    copy.writeBigInt64BE(this.#endOffset, 0);
    const lastOffset = this.#endOffset + BigInt(copy.readInt32BE(LAST_OFFSET_DELTA));
    this.#batches.push({ bytes: copy, lastOffset, visible: true });
    this.#endOffset = lastOffset + 1n;
    this.#bytes += copy.length;
    if (this.#bytes >= 2 * RETENTION_BYTES) this.#deleteWhile(() => this.#bytes > RETENTION_BYTES);
  }

  /** Deletes the batches that end before an offset. */
  deleteBefore(offset: bigint): void {
    this.#deleteWhile(({ lastOffset }) => lastOffset < offset);
  }

  /** Returns the next batches from an offset on, as many as a fetch brings; none at the end. */
  read(offset: bigint): readonly FetchedBatch[] {
    const batches: FetchedBatch[] = [];
    let bytes = 0;
    for (let index = this.#firstFrom(offset); index < this.#batches.length; index++) {
      const batch = this.#batches[index];
      if (batch === undefined || (batches.length > 0 && bytes + batch.bytes.length > FETCH_BYTES_MAX)) break;
      batches.push(batch);
      bytes += batch.bytes.length;
    }
    return batches;
  }

  #deleteWhile(isOld: (batch: FetchedBatch) => boolean): void {
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
