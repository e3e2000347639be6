/** A batch as a guest reads it: header fields and the records' payloads, whose times and offsets are absolute. */
import type { BatchHeader, RecordBatch } from "../record-batch.ts";
import { timeOf } from "../batches.ts";
import { encodePayload } from "./payload.ts";

/** One record; the payload is what the producer wrote, unnecessarily long varints and all. */
export interface SourceRecord {
  readonly timestamp: bigint;
  readonly offset: bigint;
  readonly payload: Uint8Array;
}

/** A batch of a partition, decompressed and committed: the broker hands out no others, and none without records. */
export interface SourceBatch {
  readonly header: BatchHeader;
  readonly records: readonly SourceRecord[];
  /** What the header says that there are, when a producer has written another number than it sent; the broker does not compare. */
  readonly recordCount?: number;
}

/** Returns the batch that a guest reads of a RecordBatch. */
export function sourceBatchOf(batch: RecordBatch): SourceBatch {
  const records = batch.records.map((record) => ({
    timestamp: timeOf(batch, record),
    offset: batch.baseOffset + BigInt(record.offsetDelta),
    payload: encodePayload(record),
  }));
  return { header: batch, records };
}

/** Returns the offset of the last record that a batch stands for. */
export function lastOffsetOf({ header }: SourceBatch): bigint {
  return header.baseOffset + BigInt(header.lastOffsetDelta);
}
