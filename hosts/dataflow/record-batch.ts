/**
 * Reads and writes the records of uncompressed RecordBatches one by one, for the rare paths; the core does the fast one. Kafka's format v2
 * (Kafka documentation, "Record Batch" and "Record"), all integers big-endian:
 *
 *      0 baseOffset           i64   0 until a broker has appended the batch
 *      8 batchLength          i32   bytes behind this field
 *     12 partitionLeaderEpoch i32   -1 until then
 *     16 magic                i8    2
 *     17 crc                  u32   CRC-32C of everything behind this field
 *     21 attributes           i16   bits 0 to 2: codec; bit 3: maxTimestamp is the time of every record (LogAppendTime)
 *     23 lastOffsetDelta      i32
 *     27 baseTimestamp        i64
 *     35 maxTimestamp         i64
 *     43 producerId           i64   -1 until the producer stamps it
 *     51 producerEpoch        i16   -1
 *     53 baseSequence         i32   -1
 *     57 recordCount          i32
 *     61 records, each
 *          length         varint  bytes behind this field
 *          attributes     i8      0
 *          timestampDelta varlong
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

/** Returns the CRC-32C of the bytes, unsigned. */
export type Crc32c = (bytes: Uint8Array) => number;

/** Where the parts of one record are: each is a byte offset in its batch. */
export interface RecordParts {
  /** Attributes, timestamp delta. */
  readonly bodyAt: number;
  readonly offsetDeltaAt: number;
  /** Key, value. */
  readonly keyAt: number;
  readonly headerCountAt: number;
  readonly headersAt: number;
  /** Behind the record. */
  readonly end: number;
  /** Milliseconds that the record is later than the batch's base timestamp. */
  readonly timestampDelta: bigint;
  readonly headerCount: number;
}

/** What a batch's header says of the time of its records. */
export interface BatchTime {
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  /** Whether `maxTimestamp` is the time of every record, and their deltas mean nothing. */
  readonly isLogAppendTime: boolean;
}

const HEADER_BYTES = 61;
const LENGTH_BASE = 12;
const BATCH_LENGTH = 8;
const LEADER_EPOCH = 12;
const MAGIC = 16;
const CRC = 17;
const ATTRIBUTES = 21;
const LAST_OFFSET_DELTA = 23;
const BASE_TIMESTAMP = 27;
const MAX_TIMESTAMP = 35;
const PRODUCER_ID = 43;
const PRODUCER_EPOCH = 51;
const BASE_SEQUENCE = 53;
const RECORD_COUNT = 57;
const LOG_APPEND_TIME = 0x08;
const VARINT_BYTES_MAX = 5;
const VARLONG_BYTES_MAX = 10;
/** A header count of 0. */
const NO_HEADERS = Uint8Array.of(0);

/** Most bytes that `BatchWriter.append` adds to those it is given: the length and the offset delta. */
export const RECORD_FRAME_BYTES_MAX: number = 2 * VARINT_BYTES_MAX;

/** Returns how many records a RecordBatch says to have; 0 for one without a whole header. */
export function recordCountOf(batch: Uint8Array): number {
  return batch.length < RECORD_COUNT + 4 ? 0 : Math.max(0, new DataView(batch.buffer, batch.byteOffset).getInt32(RECORD_COUNT));
}

/** Returns what the header of a batch says of time. */
export function readBatchTime(batch: Uint8Array): BatchTime {
  const view = viewOf(batch);
  return {
    baseTimestamp: view.getBigInt64(BASE_TIMESTAMP),
    maxTimestamp: view.getBigInt64(MAX_TIMESTAMP),
    isLogAppendTime: (view.getInt16(ATTRIBUTES) & LOG_APPEND_TIME) !== 0,
  };
}

/** Returns the time of a record. As in Java, it begins anew beyond 64 bits. */
export function timestampOf({ baseTimestamp, maxTimestamp, isLogAppendTime }: BatchTime, { timestampDelta }: RecordParts): bigint {
  return isLogAppendTime ? maxTimestamp : BigInt.asIntN(64, baseTimestamp + timestampDelta);
}

/** Returns the parts of the record whose length is at `at`. Throws `RangeError` when they are not those of a record. */
export function readRecord(batch: Uint8Array, at: number): RecordParts {
  const cursor = { bytes: batch, at };
  const length = readVarint(cursor);
  const bodyAt = cursor.at;
  cursor.at += 1;
  const timestampDelta = readVarlong(cursor);
  const offsetDeltaAt = cursor.at;
  readVarint(cursor);
  const keyAt = cursor.at;
  skipField(cursor);
  skipField(cursor);
  const headerCountAt = cursor.at;
  const headerCount = readVarint(cursor);
  const headersAt = cursor.at;
  const end = bodyAt + length;
  if (headersAt > end || end > batch.length) throw new RangeError(`the record at byte ${at} of its RecordBatch crosses its end`);
  return { bodyAt, offsetDeltaAt, keyAt, headerCountAt, headersAt, end, timestampDelta, headerCount };
}

/**
 * Cuts a finished output batch in two finished ones with about half of its bytes each, or returns null when it has only one record. The
 * records keep their order, and every byte but for the offset deltas, which begin at 0 again.
 */
export function splitBatch(batch: Uint8Array, crc32c: Crc32c): readonly [Buffer, Buffer] | null {
  if (viewOf(batch).getInt32(RECORD_COUNT) < 2) return null;
  const middle = (HEADER_BYTES + batch.length) / 2;
  const time = readBatchTime(batch);
  const writer = new BatchWriter(batch.length);
  let first: Buffer | null = null;
  let maxTimestamp: bigint | null = null;
  for (let at = HEADER_BYTES; at < batch.length;) {
    const record = readRecord(batch, at);
    // A record belongs where its middle is: so the first one is never in the second half, nor the last one in the first.
    if (first === null && (at + record.end) / 2 > middle) {
      first = writer.finish(time.baseTimestamp, maxTimestamp ?? time.baseTimestamp, crc32c);
      maxTimestamp = null;
    }
    const timestamp = timestampOf(time, record);
    if (maxTimestamp === null || timestamp > maxTimestamp) maxTimestamp = timestamp;
    writer.append(batch.subarray(record.bodyAt, record.offsetDeltaAt), batch.subarray(record.keyAt, record.end));
    at = record.end;
  }
  if (first === null) throw new RangeError("the RecordBatch has fewer records than its header says");
  return [first, writer.finish(time.baseTimestamp, maxTimestamp ?? time.baseTimestamp, crc32c)];
}

/** Returns a finished output batch without the headers of its records; every other byte of them stays. */
export function withoutHeaders(batch: Uint8Array, crc32c: Crc32c): Buffer {
  const { baseTimestamp, maxTimestamp } = readBatchTime(batch);
  const writer = new BatchWriter(batch.length);
  for (let at = HEADER_BYTES; at < batch.length;) {
    const record = readRecord(batch, at);
    writer.append(batch.subarray(record.bodyAt, record.offsetDeltaAt), batch.subarray(record.keyAt, record.headerCountAt), NO_HEADERS);
    at = record.end;
  }
  return writer.finish(baseTimestamp, maxTimestamp, crc32c);
}

/** Builds RecordBatches one after the other, each with base offset 0, create time and no producer. */
export class BatchWriter {
  #bytes: Buffer;
  #at = HEADER_BYTES;
  #recordCount = 0;

  /** @param capacity bytes to begin with; the room grows with what is appended */
  constructor(capacity: number) {
    this.#bytes = Buffer.allocUnsafe(Math.max(capacity, HEADER_BYTES));
  }

  /** Bytes of the batch so far. */
  get length(): number {
    return this.#at;
  }

  get recordCount(): number {
    return this.#recordCount;
  }

  /** Appends a record: `begin` is its attributes and timestamp delta, `parts` all that stands behind the offset delta. */
  append(begin: Uint8Array, ...parts: readonly Uint8Array[]): void {
    let length = begin.length + varintSize(this.#recordCount);
    for (const part of parts) length += part.length;
    this.#reserve(VARINT_BYTES_MAX + length);
    this.#at = writeVarint(this.#bytes, this.#at, length);
    this.#copy(begin);
    this.#at = writeVarint(this.#bytes, this.#at, this.#recordCount);
    for (const part of parts) this.#copy(part);
    this.#recordCount += 1;
  }

  /** Returns the batch, a copy, and begins the next one. */
  finish(baseTimestamp: bigint, maxTimestamp: bigint, crc32c: Crc32c): Buffer {
    const batch = Buffer.from(this.#bytes.subarray(0, this.#at));
    batch.fill(0, 0, HEADER_BYTES);
    batch.writeInt32BE(batch.length - LENGTH_BASE, BATCH_LENGTH);
    batch.writeInt32BE(-1, LEADER_EPOCH);
    batch.writeInt8(2, MAGIC);
    batch.writeInt32BE(this.#recordCount - 1, LAST_OFFSET_DELTA);
    batch.writeBigInt64BE(baseTimestamp, BASE_TIMESTAMP);
    batch.writeBigInt64BE(maxTimestamp, MAX_TIMESTAMP);
    batch.writeBigInt64BE(-1n, PRODUCER_ID);
    batch.writeInt16BE(-1, PRODUCER_EPOCH);
    batch.writeInt32BE(-1, BASE_SEQUENCE);
    batch.writeInt32BE(this.#recordCount, RECORD_COUNT);
    batch.writeUInt32BE(crc32c(batch.subarray(ATTRIBUTES)), CRC);
    this.#at = HEADER_BYTES;
    this.#recordCount = 0;
    return batch;
  }

  #reserve(bytes: number): void {
    if (this.#at + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(2 * this.#bytes.length, this.#at + bytes));
    this.#bytes.copy(larger, 0, 0, this.#at);
    this.#bytes = larger;
  }

  #copy(part: Uint8Array): void {
    this.#bytes.set(part, this.#at);
    this.#at += part.length;
  }
}

/** Returns a number as a varint. */
export function varint(number: number): Buffer {
  const bytes = Buffer.allocUnsafe(VARINT_BYTES_MAX);
  return bytes.subarray(0, writeVarint(bytes, 0, number));
}

/** Writes a number of 32 bits; returns where it ends. */
function writeVarint(bytes: Uint8Array, from: number, number: number): number {
  let rest = ((number << 1) ^ (number >> 31)) >>> 0;
  let at = from;
  for (; rest >= 0x80; rest >>>= 7) bytes[at++] = (rest & 0x7f) | 0x80;
  bytes[at++] = rest;
  return at;
}

/** Returns how many bytes a count takes; it is never negative. */
function varintSize(count: number): number {
  let size = 1;
  for (let rest = (count << 1) >>> 7; rest > 0; rest >>>= 7) size++;
  return size;
}

/** Where the next field is. */
interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/** Skips a length and as many bytes; a length of -1, null, has none. */
function skipField(cursor: Cursor): void {
  const length = readVarint(cursor);
  if (length > 0) cursor.at += length;
}

function readVarint(cursor: Cursor): number {
  let bits = 0;
  for (let index = 0; index < VARINT_BYTES_MAX; index++) {
    const byte = readByte(cursor);
    bits |= (byte & 0x7f) << (7 * index);
    if (byte < 0x80) return (bits >>> 1) ^ -(bits & 1);
  }
  throw new RangeError(`a varint has more than ${VARINT_BYTES_MAX} bytes`);
}

function readVarlong(cursor: Cursor): bigint {
  let bits = 0n;
  for (let index = 0; index < VARLONG_BYTES_MAX; index++) {
    const byte = readByte(cursor);
    bits |= BigInt(byte & 0x7f) << BigInt(7 * index);
    if (byte >= 0x80) continue;
    // What a tenth byte has beyond 64 bits is lost, as in Java.
    bits = BigInt.asUintN(64, bits);
    return (bits >> 1n) ^ -(bits & 1n);
  }
  throw new RangeError(`a varlong has more than ${VARLONG_BYTES_MAX} bytes`);
}

function readByte(cursor: Cursor): number {
  const byte = cursor.bytes[cursor.at];
  if (byte === undefined) throw new RangeError("a record crosses the end of its RecordBatch");
  cursor.at += 1;
  return byte;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
