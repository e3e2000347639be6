/** Fetched batches for tests: from batches in a test's words, as a consumer would hand them over. */
import type { FetchedBatch, FetchedBatches } from "../../../hosts/dataflow/binder.ts";
import { batchOf, type Sketch } from "../../batches.ts";
import { decodeBatch, encodeBatch, type BatchHeader } from "../../record-batch.ts";

/** Returns a plain batch of records; a string is a record with that value. */
export function plainBytes(
  baseOffset: bigint,
  sketches: readonly (Sketch | string | null)[],
  header: Partial<BatchHeader> = {},
): Uint8Array {
  return encodeBatch(batchOf(sketches, { baseOffset, ...header }));
}

/** Returns a batch as it was fetched. */
export function fetchedBatch(bytes: Uint8Array, visible = true): FetchedBatch {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const lastOffset = bytes.length < 27 ? 2n ** 63n - 1n : view.getBigInt64(0) + BigInt(view.getInt32(23));
  return { bytes, lastOffset, visible };
}

/** Returns what one fetch brought of the topic `in`. */
export function fetchedOf(batches: readonly FetchedBatch[], options: Partial<FetchedBatches> = {}): FetchedBatches {
  const nextOffset = (batches.at(-1)?.lastOffset ?? -1n) + 1n;
  return { topic: "in", partition: 0, fetchOffset: 0n, batches, nextOffset, ...options };
}

/** Returns the values of a finished batch, as text. */
export function valuesOf(bytes: Uint8Array): readonly (string | null)[] {
  return decodeBatch(bytes).records.map(({ value }) => (value === null ? null : Buffer.from(value).toString()));
}
