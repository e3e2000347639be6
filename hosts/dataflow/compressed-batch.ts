/**
 * RecordBatches with their records compressed, and inflated again. Compressed are the records alone, as one block behind the header; these
 * fields of the header speak of it (Kafka documentation, "Record Batch"), all integers big-endian:
 *
 *      8 batchLength  i32  bytes behind this field, the compressed ones
 *     17 crc          u32  CRC-32C of everything behind this field, the compressed bytes
 *     21 attributes   i16  bits 0 to 2: codec
 *     61 records
 */
import { codecNumber, compress, inflate, type Codec } from "./codecs.ts";
import type { Crc32c } from "./record-batch.ts";

const HEADER_BYTES = 61;
const BATCH_LENGTH = 8;
const LENGTH_BASE = 12;
const CRC = 17;
const ATTRIBUTES = 21;
const CODEC_MASK = 0x07;

/**
 * Returns an uncompressed batch with its records compressed, or the batch itself where that would make it no smaller; where it has no records, no
 * codec is asked (that of snappy and LZ4 can throw on them).
 */
export async function compressBatch(batch: Uint8Array, codec: Codec, crc32c: Crc32c): Promise<Uint8Array> {
  if (codec === "none" || batch.length === HEADER_BYTES) return batch;
  const records = await compress(codec, batch.subarray(HEADER_BYTES));
  if (HEADER_BYTES + records.length >= batch.length) return batch;
  const compressed = withRecords(batch, records, codecNumber(codec));
  compressed.writeUInt32BE(crc32c(compressed.subarray(ATTRIBUTES)), CRC);
  return compressed;
}

/** Returns a compressed batch with its records inflated; its CRC is void. Throws what `inflate` throws. */
export function inflateBatch(batch: Uint8Array, recordBytesMax: number): Uint8Array {
  const codec = new DataView(batch.buffer, batch.byteOffset).getInt16(ATTRIBUTES) & CODEC_MASK;
  return withRecords(batch, inflate(codec, batch.subarray(HEADER_BYTES), recordBytesMax), 0);
}

function withRecords(batch: Uint8Array, records: Uint8Array, codec: number): Buffer {
  const changed = Buffer.concat([batch.subarray(0, HEADER_BYTES), records]);
  changed.writeInt32BE(changed.length - LENGTH_BASE, BATCH_LENGTH);
  changed.writeInt16BE((changed.readInt16BE(ATTRIBUTES) & ~CODEC_MASK) | codec, ATTRIBUTES);
  return changed;
}
