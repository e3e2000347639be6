/**
 * Writes and reads uncompressed RecordBatches of Kafka's format v2: what a client of the router does, in plain code that shares nothing with
 * the core but the CRC. All integers are big-endian:
 *
 *      0 baseOffset           i64
 *      8 batchLength          i32   bytes behind this field
 *     12 partitionLeaderEpoch i32
 *     16 magic                i8    2
 *     17 crc                  u32   CRC-32C of everything behind this field
 *     21 attributes           i16   bits 0 to 2: codec; bit 3: maxTimestamp holds for all records
 *     23 lastOffsetDelta      i32
 *     27 baseTimestamp        i64
 *     35 maxTimestamp         i64
 *     43 producerId           i64
 *     51 producerEpoch        i16
 *     53 baseSequence         i32
 *     57 recordCount          i32
 *     61 records, each
 *          length         varint  bytes behind this field
 *          attributes     i8
 *          timestampDelta varint
 *          offsetDelta    varint
 *          key            varint length (-1: null), bytes
 *          value          varint length (-1: null), bytes
 *          headerCount    varint
 *          headers, each
 *            key          varint length, bytes
 *            value        varint length (-1: null), bytes
 *
 * A varint has seven bits a byte, the lowest first, with bit 7 set in all bytes but the last; the number is zigzag coded (0, -1, 1, -2, …).
 */

/** One header of a record. */
export interface RecordHeader {
  readonly key: string;
  readonly value: Uint8Array | null;
}

/** One record; its offset is its place in the batch until a broker has appended it. */
export interface BatchRecord {
  readonly timestampMs: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly RecordHeader[];
}

/** A record as it is read from a topic. */
export interface ReadRecord extends BatchRecord {
  readonly offset: bigint;
}

/** Returns the CRC-32C of the bytes, unsigned. */
export type Crc32c = (bytes: Uint8Array) => number;

const HEADER_BYTES = 61;
const LENGTH_BASE = 12;
const MAGIC = 2;
const CRC_AT = 17;
const ATTRIBUTES_AT = 21;
const CODEC_MASK = 0x07;
const APPEND_TIME = 0x08;
/** Ten bytes hold 64 bits. */
const VARINT_BYTES_MAX = 10;
/** No record is shorter, so a batch has at most a seventh as many records as bytes. */
const RECORD_BYTES_MIN = 7;

/** Returns one batch of the records, at offset 0, without a producer. */
export function encodeRecordBatch(records: readonly BatchRecord[], crc32c: Crc32c): Buffer {
  const times = records.map(({ timestampMs }) => timestampMs);
  const baseTimestamp = BigInt(times[0] ?? 0);
  const header = Buffer.alloc(HEADER_BYTES);
  const batch = Buffer.concat([header, ...records.map((record, index) => encodeRecord(record, index, baseTimestamp))]);
  batch.writeInt32BE(batch.length - LENGTH_BASE, 8);
  batch.writeInt32BE(-1, 12);
  batch.writeInt8(MAGIC, 16);
  batch.writeInt32BE(records.length - 1, 23);
  batch.writeBigInt64BE(baseTimestamp, 27);
  batch.writeBigInt64BE(BigInt(times.reduce((most, time) => Math.max(most, time), times[0] ?? 0)), 35);
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeInt32BE(records.length, 57);
  batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES_AT)), CRC_AT);
  return batch;
}

function encodeRecord({ timestampMs, key, value, headers }: BatchRecord, index: number, baseTimestamp: bigint): Buffer {
  const body = Buffer.concat([
    Buffer.of(0),
    varint(BigInt(timestampMs) - baseTimestamp),
    varint(index),
    ...withLength(key),
    ...withLength(value),
    varint(headers.length),
    ...headers.flatMap((header) => [...withLength(Buffer.from(header.key)), ...withLength(header.value)]),
  ]);
  return Buffer.concat([varint(body.length), body]);
}

function withLength(bytes: Uint8Array | null): Uint8Array[] {
  return bytes === null ? [varint(-1)] : [varint(bytes.length), bytes];
}

function varint(number: number | bigint): Buffer {
  const signed = BigInt(number);
  const bytes: number[] = [];
  for (let rest = BigInt.asUintN(64, (signed << 1n) ^ (signed >> 63n)); ; rest >>= 7n) {
    const low = Number(rest & 0x7fn);
    if (rest < 0x80n) return Buffer.from([...bytes, low]);
    bytes.push(low | 0x80);
  }
}

/** Returns the records of one batch. Throws an error that says what is wrong with the bytes. */
export function decodeRecordBatch(bytes: Uint8Array, crc32c: Crc32c): readonly ReadRecord[] {
  const batch = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (batch.length < HEADER_BYTES) throw new RangeError(`a RecordBatch has at least ${HEADER_BYTES} bytes, and these are ${batch.length}`);
  if (batch.readInt8(16) !== MAGIC) throw new RangeError(`the RecordBatch has magic ${batch.readInt8(16)} instead of ${MAGIC}`);
  if (batch.readInt32BE(8) !== batch.length - LENGTH_BASE) throw new RangeError("the RecordBatch's length is not that of its bytes");
  if (crc32c(batch.subarray(ATTRIBUTES_AT)) !== batch.readUInt32BE(CRC_AT)) throw new RangeError("the RecordBatch's CRC is wrong");
  const attributes = batch.readInt16BE(ATTRIBUTES_AT);
  if ((attributes & CODEC_MASK) !== 0) {
    throw new RangeError("the RecordBatch is compressed, which the demo does not read: leave the topic's compression.type at producer");
  }
  const appendTimeMs = (attributes & APPEND_TIME) === 0 ? null : Number(batch.readBigInt64BE(35));
  const cursor = { at: HEADER_BYTES };
  const recordCount = batch.readInt32BE(57);
  if (recordCount < 0 || recordCount > batch.length / RECORD_BYTES_MIN) throw new RangeError(`${recordCount} records are not in the batch`);
  const records = Array.from({ length: recordCount }, () => decodeRecord(batch, cursor, appendTimeMs));
  if (cursor.at !== batch.length) throw new RangeError("the RecordBatch goes on behind its last record");
  return records;
}

/** Where the next field is. */
interface Cursor {
  at: number;
}

function decodeRecord(batch: Buffer, cursor: Cursor, appendTimeMs: number | null): ReadRecord {
  const length = Number(readVarint(batch, cursor));
  const end = cursor.at + length;
  cursor.at += 1;
  const timestampMs = Number(batch.readBigInt64BE(27) + readVarint(batch, cursor));
  const offset = batch.readBigInt64BE(0) + readVarint(batch, cursor);
  const key = readBytes(batch, cursor);
  const value = readBytes(batch, cursor);
  const headers: RecordHeader[] = [];
  for (let left = readVarint(batch, cursor); left > 0n; left--) {
    headers.push({ key: (readBytes(batch, cursor) ?? Buffer.of()).toString(), value: readBytes(batch, cursor) });
  }
  if (cursor.at !== end) throw new RangeError("a record does not end where its length says");
  return { offset, timestampMs: appendTimeMs ?? timestampMs, key, value, headers };
}

function readBytes(batch: Buffer, cursor: Cursor): Buffer | null {
  const length = Number(readVarint(batch, cursor));
  if (length < 0) return null;
  if (length > batch.length - cursor.at) throw new RangeError("a record crosses the end of its RecordBatch");
  cursor.at += length;
  // A copy, for the batch itself is only lent by the binder.
  return Buffer.from(batch.subarray(cursor.at - length, cursor.at));
}

function readVarint(batch: Buffer, cursor: Cursor): bigint {
  let number = 0n;
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    const byte = batch[cursor.at];
    if (byte === undefined) throw new RangeError("a record crosses the end of its RecordBatch");
    cursor.at += 1;
    number |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte < 0x80) return (number >> 1n) ^ -(number & 1n);
  }
  throw new RangeError(`a number has more than ${VARINT_BYTES_MAX} bytes`);
}
