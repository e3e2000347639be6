/**
 * RecordBatches of magic 2, encoded and decoded plainly and slowly after the Kafka documentation ("Message Format"). This file is what the
 * core is compared with, so it shares nothing with the core, and it is itself compared with the codec of kafkajs.
 */
import { joined } from "./bytes.ts";

export interface Header {
  readonly key: Uint8Array;
  readonly value: Uint8Array | null;
}

/** One record as it is in a batch: time and offset are relative to the batch's. */
export interface BatchRecord {
  readonly timestampDelta: bigint;
  readonly offsetDelta: number;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: readonly Header[];
}

export interface BatchHeader {
  readonly baseOffset: bigint;
  readonly partitionLeaderEpoch: number;
  readonly attributes: number;
  readonly lastOffsetDelta: number;
  readonly baseTimestamp: bigint;
  readonly maxTimestamp: bigint;
  readonly producerId: bigint;
  readonly producerEpoch: number;
  readonly baseSequence: number;
}

export interface RecordBatch extends BatchHeader {
  readonly records: readonly BatchRecord[];
}

export const HEADER_BYTES = 61;
export const CRC_AT = 17;
export const ATTRIBUTES_AT = 21;
export const COMPRESSION_MASK = 0x07;
export const LOG_APPEND_TIME = 0x08;
export const TRANSACTIONAL = 0x10;
export const CONTROL = 0x20;

/** A header of a batch at offset 0 and time 0, to spread others from. */
export const PLAIN_HEADER: BatchHeader = {
  baseOffset: 0n,
  partitionLeaderEpoch: -1,
  attributes: 0,
  lastOffsetDelta: 0,
  baseTimestamp: 0n,
  maxTimestamp: 0n,
  producerId: -1n,
  producerEpoch: -1,
  baseSequence: -1,
};

/** Returns the CRC-32C of some bytes, a bit at a time (RFC 3720, appendix B.4). */
export function crc32c(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ ((crc & 1) === 1 ? 0x82f63b78 : 0);
  }
  return ~crc >>> 0;
}

/** Returns a number as a zig-zag varint, at least `bytesMin` bytes long: a longer one than needed is allowed by the format. */
export function varint(number: bigint, bytesMin = 1): Uint8Array {
  let rest = BigInt.asUintN(64, (number << 1n) ^ (number >> 63n));
  const bytes: number[] = [];
  while (rest > 0x7fn || bytes.length + 1 < bytesMin) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

function sized(bytes: Uint8Array | null): Uint8Array {
  return bytes === null ? varint(-1n) : joined([varint(BigInt(bytes.length)), bytes]);
}

/** Returns one record with its length in front. */
export function encodeRecord(record: BatchRecord): Uint8Array {
  const body = joined([
    Uint8Array.of(0),
    varint(record.timestampDelta),
    varint(BigInt(record.offsetDelta)),
    sized(record.key),
    sized(record.value),
    varint(BigInt(record.headers.length)),
    ...record.headers.flatMap(({ key, value }) => [sized(key), sized(value)]),
  ]);
  return sized(body);
}

/** Returns a batch of records that are bytes already, for those that no encoder would write. */
export function encodeBatchOf(header: BatchHeader, recordCount: number, records: Uint8Array): Uint8Array {
  const bytes = joined([new Uint8Array(HEADER_BYTES), records]);
  const view = new DataView(bytes.buffer);
  view.setBigInt64(0, header.baseOffset);
  view.setInt32(8, bytes.length - 12);
  view.setInt32(12, header.partitionLeaderEpoch);
  view.setInt8(16, 2);
  view.setInt16(21, header.attributes);
  view.setInt32(23, header.lastOffsetDelta);
  view.setBigInt64(27, header.baseTimestamp);
  view.setBigInt64(35, header.maxTimestamp);
  view.setBigInt64(43, header.producerId);
  view.setInt16(51, header.producerEpoch);
  view.setInt32(53, header.baseSequence);
  view.setInt32(57, recordCount);
  mendCrc(bytes);
  return bytes;
}

/** Returns a batch's bytes. */
export function encodeBatch(batch: RecordBatch): Uint8Array {
  return encodeBatchOf(batch, batch.records.length, joined(batch.records.map(encodeRecord)));
}

/** Writes the CRC that a batch's bytes ought to have. */
export function mendCrc(bytes: Uint8Array): void {
  new DataView(bytes.buffer, bytes.byteOffset).setUint32(CRC_AT, crc32c(bytes.subarray(ATTRIBUTES_AT)));
}

/** Bytes that are no batch, or not one that the router takes. */
export class Malformed extends Error {
  override readonly name = "Malformed";
}

function demand(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Malformed(what);
}

/** Returns the header of a batch, once it is sound as far as it can be judged without the records. */
export function decodeHeader(bytes: Uint8Array, crcVerified: boolean): BatchHeader {
  demand(bytes.length >= HEADER_BYTES, "the header is cut off");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  demand(view.getInt8(16) === 2, "the magic is not 2");
  demand(view.getInt32(8) === bytes.length - 12, "the length is not that of the bytes");
  demand(crcVerified || view.getUint32(CRC_AT) === crc32c(bytes.subarray(ATTRIBUTES_AT)), "the CRC is wrong");
  const header = {
    baseOffset: view.getBigInt64(0),
    partitionLeaderEpoch: view.getInt32(12),
    attributes: view.getInt16(21),
    lastOffsetDelta: view.getInt32(23),
    baseTimestamp: view.getBigInt64(27),
    maxTimestamp: view.getBigInt64(35),
    producerId: view.getBigInt64(43),
    producerEpoch: view.getInt16(51),
    baseSequence: view.getInt32(53),
  };
  demand(header.lastOffsetDelta >= 0, "the last offset delta is negative");
  demand(header.baseOffset + BigInt(header.lastOffsetDelta) + 1n < 1n << 63n, "the offsets do not fit 63 bits");
  if ((header.attributes & CONTROL) !== 0) return header;
  demand((header.attributes & COMPRESSION_MASK) === 0, "the records are compressed");
  const count = view.getInt32(57);
  // No record is shorter than its seven fields of a byte each.
  demand(count >= 0 && count * 7 <= bytes.length - HEADER_BYTES, "there are not as many records as the header says");
  return header;
}

/** Returns a batch of which every byte was accounted for. The records of a control batch are the broker's own and stay unread. */
export function decodeBatch(bytes: Uint8Array, crcVerified = false): RecordBatch {
  const header = decodeHeader(bytes, crcVerified);
  if ((header.attributes & CONTROL) !== 0) return { ...header, records: [] };
  const reader = new Reader(bytes.subarray(HEADER_BYTES));
  const count = new DataView(bytes.buffer, bytes.byteOffset).getInt32(57);
  let offsetDelta = -1;
  const records = Array.from({ length: count }, () => {
    const length = reader.length();
    const record = decodeRecord(new Reader(reader.take(length)));
    demand(record.offsetDelta > offsetDelta && record.offsetDelta <= header.lastOffsetDelta, "offset deltas do not rise within the batch");
    offsetDelta = record.offsetDelta;
    return record;
  });
  demand(reader.left() === 0, "bytes follow the last record");
  return { ...header, records };
}

/** Returns where each record of a sound batch begins, at its length, counted from the first byte of the batch. */
export function recordOffsetsOf(bytes: Uint8Array): readonly number[] {
  const reader = new Reader(bytes.subarray(HEADER_BYTES));
  return Array.from({ length: new DataView(bytes.buffer, bytes.byteOffset).getInt32(57) }, () => {
    const offset = bytes.length - reader.left();
    reader.take(reader.length());
    return offset;
  });
}

function decodeRecord(reader: Reader): BatchRecord {
  reader.take(1);
  const record = {
    timestampDelta: reader.varint(10),
    offsetDelta: reader.length(),
    key: reader.bytes(),
    value: reader.bytes(),
    headers: Array.from({ length: reader.headerCount() }, () => {
      const key = reader.bytes();
      demand(key !== null, "a header has no key");
      return { key, value: reader.bytes() };
    }),
  };
  demand(reader.left() === 0, "the headers do not end where the record does");
  return record;
}

/** Takes fields off the front of some bytes. */
class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Uint8Array {
    demand(length <= this.left(), "a field crosses the end");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** A zig-zag varint. As in Java, what a tenth byte has beyond 64 bits is lost; a number beyond 32 bits in five bytes is the caller's. */
  varint(bytesMax: number): bigint {
    let bits = 0n;
    for (let index = 0; index < bytesMax; index++) {
      const byte = this.take(1)[0] ?? 0;
      bits |= BigInt(byte & 0x7f) << BigInt(7 * index);
      if (byte < 0x80) {
        bits = BigInt.asUintN(64, bits);
        return (bits >> 1n) ^ -(bits & 1n);
      }
    }
    throw new Malformed("a varint is too long");
  }

  /** A length that can't be null, or another number that is never negative. */
  length(): number {
    const length = Number(this.varint(5));
    demand(length >= 0, "a length is negative");
    return length;
  }

  headerCount(): number {
    const count = this.length();
    demand(count * 2 <= this.left(), "there are not as many headers as the record says");
    return count;
  }

  /** Bytes with their length in front; a length of -1 is null. */
  bytes(): Uint8Array | null {
    const length = Number(this.varint(5));
    demand(length >= -1, "a length is negative");
    return length === -1 ? null : this.take(length);
  }
}
