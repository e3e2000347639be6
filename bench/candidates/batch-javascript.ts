/**
 * RecordBatches in tuned JavaScript: from bytes to bytes without objects, into reused buffers, eight bytes a step where a copy may round
 * up, CRC-32C by slices. It checks what it needs for sound input and no more: less than the core does.
 */
import type { Candidate } from "../measure.ts";
import { crc32cBySlices } from "./crc-javascript.ts";

// Offsets in the header of a RecordBatch.
const CRC = 17;
const ATTRIBUTES = 21;
const BASE_TIMESTAMP = 27;
const RECORD_COUNT = 57;
const HEADER_BYTES = 61;
/** What a copy in steps of eight may read or write too much. */
const SLACK_BYTES = 8;

/** Reads varints: `at` is behind the last one read. */
class Reader {
  readonly view: DataView;
  at = HEADER_BYTES;

  constructor(view: DataView) {
    this.view = view;
  }

  /** Returns a varint before its zig-zag is undone. */
  varint(): number {
    let byte = this.view.getUint8(this.at++);
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = this.view.getUint8(this.at++);
      value |= (byte & 0x7f) << shift;
    }
    return value >>> 0;
  }

  /** Returns a varlong of a time within 2^52 milliseconds of the batch's. */
  varlong(): number {
    let byte = this.view.getUint8(this.at++);
    let value = byte & 0x7f;
    for (let factor = 128; byte > 0x7f; factor *= 128) {
      byte = this.view.getUint8(this.at++);
      value += (byte & 0x7f) * factor;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }
}

/** One output RecordBatch in the making. */
class Writer {
  readonly view: DataView;
  readonly prefix: DataView;
  readonly prefixLength: number;
  at = HEADER_BYTES;
  count = 0;
  maxDelta = 0;

  constructor(bytesMax: number, prefix: string) {
    this.view = new DataView(new ArrayBuffer(bytesMax + SLACK_BYTES));
    this.prefix = new DataView(new ArrayBuffer(prefix.length + SLACK_BYTES));
    new TextEncoder().encodeInto(prefix, new Uint8Array(this.prefix.buffer));
    this.prefixLength = prefix.length;
  }

  open(): void {
    this.at = HEADER_BYTES;
    this.count = 0;
    this.maxDelta = -Infinity;
  }

  varint(value: number): void {
    let rest = value;
    while (rest > 0x7f) {
      this.view.setUint8(this.at++, (rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.view.setUint8(this.at++, rest);
  }

  copy(from: DataView, start: number, length: number): void {
    const { view, at } = this;
    for (let step = 0; step < length; step += 8) view.setBigInt64(at + step, from.getBigInt64(start + step, true), true);
    this.at = at + length;
  }

  finish(baseTimestamp: bigint): Uint8Array {
    const { view, at } = this;
    view.setBigInt64(0, 0n);
    view.setInt32(8, at - 12);
    view.setInt32(12, -1);
    view.setInt8(16, 2);
    view.setInt16(ATTRIBUTES, 0);
    view.setInt32(23, this.count - 1);
    view.setBigInt64(BASE_TIMESTAMP, baseTimestamp);
    view.setBigInt64(35, baseTimestamp + BigInt(this.maxDelta));
    view.setBigInt64(43, -1n);
    view.setInt16(51, -1);
    view.setInt32(53, -1);
    view.setInt32(RECORD_COUNT, this.count);
    view.setUint32(CRC, crc32cBySlices(view, ATTRIBUTES, at));
    return new Uint8Array(view.buffer, 0, at);
  }
}

function varintBytes(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5;
}

/** Routes one batch, of which `SLACK_BYTES` more than `length` are readable. */
function route(view: DataView, length: number, even: Writer, odd: Writer): void {
  if (crc32cBySlices(view, ATTRIBUTES, length) !== view.getUint32(CRC)) throw new RangeError("the CRC is wrong");
  even.open();
  odd.open();
  const reader = new Reader(view);
  for (let left = view.getInt32(RECORD_COUNT); left > 0; left--) {
    const bodyBytes = reader.varint() >>> 1;
    const body = reader.at;
    const end = body + bodyBytes;
    reader.at++;
    const delta = reader.varlong();
    const deltaEnd = reader.at;
    reader.varint();
    const key = reader.at;
    const keyLength = reader.varint();
    if ((keyLength & 1) === 0) reader.at += keyLength >>> 1;
    const keyEnd = reader.at;
    const valueBytes = reader.varint() >>> 1;
    const value = reader.at;
    const digit = view.getUint8(value + valueBytes - 1) - 0x30;
    if (value + valueBytes >= end || digit < 0 || digit > 9) throw new RangeError("a record has no digit at its end");
    const writer = (digit & 1) === 0 ? even : odd;
    if (delta > writer.maxDelta) writer.maxDelta = delta;
    const offsetZigzag = writer.count++ << 1;
    const lengthZigzag = (valueBytes + writer.prefixLength) << 1;
    const keyBytes = keyEnd - key;
    const sizes = deltaEnd - body + varintBytes(offsetZigzag) + keyBytes + varintBytes(lengthZigzag);
    writer.varint((sizes + writer.prefixLength + end - value) << 1);
    writer.copy(view, body, deltaEnd - body);
    writer.varint(offsetZigzag);
    writer.copy(view, key, keyBytes);
    writer.varint(lengthZigzag);
    writer.copy(writer.prefix, 0, writer.prefixLength);
    writer.copy(view, value, end - value);
    reader.at = end;
  }
}

/** Takes batches each of which has `SLACK_BYTES` behind it in its buffer. */
export function batchesInJavaScript(batches: readonly Buffer[], batchBytesMax: number): Candidate {
  const even = new Writer(batchBytesMax, "Even timestamp: ");
  const odd = new Writer(batchBytesMax, "Odd timestamp:");
  // A fetch response has more bytes behind all batches but the last; here every batch gets them.
  const views = batches.map((bytes) => new DataView(Uint8Array.from([...bytes, ...new Uint8Array(SLACK_BYTES)]).buffer));
  let outputs: readonly Uint8Array[] = [];
  return {
    name: "tuned JavaScript, copied out",
    clock: "process",
    run(batch) {
      const view = views[batch];
      if (view === undefined) throw new RangeError("no such batch");
      route(view, view.byteLength - SLACK_BYTES, even, odd);
      const baseTimestamp = view.getBigInt64(BASE_TIMESTAMP);
      outputs = [even, odd].map((writer) => Buffer.from(writer.finish(baseTimestamp)));
    },
    outputs: () => outputs,
  };
}
