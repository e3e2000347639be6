import { Bytes } from "./bytes.ts";
import {
  ATTRIBUTES,
  BASE_SEQUENCE,
  BASE_TIME,
  BATCH_LENGTH,
  CRC,
  HEADER_BYTES,
  LAST_OFFSET_DELTA,
  LEADER_EPOCH,
  LENGTH_BASE,
  MAGIC,
  MAX_TIME,
  PRODUCER_EPOCH,
  PRODUCER_ID,
  RECORD_COUNT,
  TRANSACTIONAL,
} from "./batch-layout.ts";
import { crc32cDifference, crc32cOf } from "./crc32c.ts";
import {
  ARENA,
  BASE_TIMESTAMP,
  COUNT,
  CURSOR,
  FINISHED_LENGTH,
  LIMIT,
  MAX_TIMESTAMP,
  PREFIX,
  PREFIX_LENGTH,
  SAVED_COUNT,
  SAVED_CURSOR,
  SAVED_MAX_TIMESTAMP,
  arenaBytes,
  haveArenas,
  input,
  inputBytes,
  outputStruct,
  outputsAreOpen,
  setOutputsOpen,
} from "./memory.ts";
import { outputsOfRule } from "./rule-values.ts";
import { isConfigured } from "./rule.ts";
import { Status } from "./status.ts";
import { Varint, varlongSizeOf, writeVarlong } from "./varint.ts";

/**
 * Empties the outputs for RecordBatches of at most `bytesMax` bytes each. Only a record that is longer by itself makes a longer batch, alone
 * in it.
 */
export function openOutputBatches(bytesMax: u32): Status {
  if (!isConfigured()) return Status.NotConfigured;
  if (bytesMax > arenaBytes() || !haveArenas(outputsOfRule())) return Status.OutOfRange;
  setOutputsOpen(true);
  for (let index: u32 = 0; index < outputsOfRule(); index++) {
    const output = outputStruct(index);
    const arena = load<u32>(output, ARENA);
    store<u32>(output, arena + HEADER_BYTES, CURSOR);
    store<u32>(output, arena + bytesMax, LIMIT);
    store<u32>(output, 0, COUNT);
    store<u32>(output, 0, FINISHED_LENGTH);
    store<i64>(output, i64.MIN_VALUE, MAX_TIMESTAMP);
  }
  return Status.Ok;
}

/** Remembers what each output holds, so that a batch with a fault can be taken back. */
export function saveOutputs(): void {
  for (let index: u32 = 0; index < outputsOfRule(); index++) {
    const output = outputStruct(index);
    store<u32>(output, load<u32>(output, CURSOR), SAVED_CURSOR);
    store<u32>(output, load<u32>(output, COUNT), SAVED_COUNT);
    store<i64>(output, load<i64>(output, MAX_TIMESTAMP), SAVED_MAX_TIMESTAMP);
  }
}

/** Puts each output back to what `saveOutputs` saw. */
export function restoreOutputs(): void {
  for (let index: u32 = 0; index < outputsOfRule(); index++) {
    const output = outputStruct(index);
    store<u32>(output, load<u32>(output, SAVED_CURSOR), CURSOR);
    store<u32>(output, load<u32>(output, SAVED_COUNT), COUNT);
    store<i64>(output, load<i64>(output, SAVED_MAX_TIMESTAMP), MAX_TIMESTAMP);
  }
}

/** Building of output batches, for the loop that parses: inlined into it, which saves a call with eleven arguments a record. */
export class OutputBatch {
  /**
   * Appends one record to an output: the input's bytes, but for the length, the offset delta, the prefix in front of the value, and, where
   * the output's base timestamp is not the input's, the timestamp delta. Returns false, having written nothing, when it does not fit.
   */
  @inline
  static append(
    output: usize,
    body: usize,
    deltaAt: usize,
    keyAt: usize,
    lengthAt: usize,
    value: usize,
    end: usize,
    valueBytes: u32,
    base: i64,
    stamp: u64,
    timestamp: i64,
  ): bool {
    const count = load<u32>(output, COUNT);
    if (count === 0) store<i64>(output, base, BASE_TIMESTAMP);
    const newStamp = Varint.zigzag(timestamp - load<i64>(output, BASE_TIMESTAMP));
    const keyBytes = <u32>(lengthAt - keyAt);
    const prefixLength = load<u32>(output, PREFIX_LENGTH);
    const valueLength = (valueBytes + prefixLength) << 1;
    const rest = <u32>(end - value);
    const stampBytes: u32 = newStamp === stamp ? <u32>(deltaAt - body) : 1 + varlongSizeOf(newStamp);
    const length = stampBytes + Varint.sizeOf(count << 1) + keyBytes + Varint.sizeOf(valueLength) + prefixLength + rest;
    const from = <usize>load<u32>(output, CURSOR);
    // An empty output takes any record: its arena was made for that.
    if (from + Varint.sizeOf(length << 1) + length > <usize>load<u32>(output, LIMIT) && count !== 0) return false;
    let to = Varint.write(from, length << 1);
    Bytes.copy16(to, body, 11);
    if (newStamp !== stamp) writeVarlong(to + 1, newStamp);
    to = Varint.write(to + stampBytes, count << 1);
    Bytes.copy16(to, keyAt, keyBytes);
    to = Varint.write(to + keyBytes, valueLength);
    Bytes.copy16(to, output + PREFIX, prefixLength);
    Bytes.copy32(to + prefixLength, value, rest);
    store<u32>(output, <u32>to + prefixLength + rest, CURSOR);
    store<u32>(output, count + 1, COUNT);
    store<i64>(output, max(load<i64>(output, MAX_TIMESTAMP), timestamp), MAX_TIMESTAMP);
    return true;
  }
}

/** Writes headers and CRCs, and so finishes the RecordBatch of each output that has records. */
export function finishOutputBatches(): Status {
  if (!isConfigured()) return Status.NotConfigured;
  if (!outputsAreOpen()) return Status.NotOpen;
  setOutputsOpen(false);
  for (let index: u32 = 0; index < outputsOfRule(); index++) {
    const output = outputStruct(index);
    const count = load<u32>(output, COUNT);
    if (count === 0) continue;
    const batch = <usize>load<u32>(output, ARENA);
    const length = load<u32>(output, CURSOR) - <u32>batch;
    store<u64>(batch, 0);
    store<u32>(batch, bswap(length - LENGTH_BASE), BATCH_LENGTH);
    store<i32>(batch, -1, LEADER_EPOCH);
    store<u8>(batch, 2, MAGIC);
    store<u16>(batch, 0, ATTRIBUTES);
    store<u32>(batch, bswap(count - 1), LAST_OFFSET_DELTA);
    store<u64>(batch, bswap(<u64>load<i64>(output, BASE_TIMESTAMP)), BASE_TIME);
    store<u64>(batch, bswap(<u64>load<i64>(output, MAX_TIMESTAMP)), MAX_TIME);
    // No producer: id, epoch and sequence are -1 until `stampProducer`.
    store<i64>(batch, -1, PRODUCER_ID);
    store<i16>(batch, -1, PRODUCER_EPOCH);
    store<i32>(batch, -1, BASE_SEQUENCE);
    store<u32>(batch, bswap(count), RECORD_COUNT);
    store<u32>(batch, bswap(crc32cOf(batch + ATTRIBUTES, length - <u32>ATTRIBUTES)), CRC);
    store<u32>(output, length, FINISHED_LENGTH);
  }
  return Status.Ok;
}

/**
 * Writes a producer into the header of a finished batch and mends its CRC. The header is at `offset` of the input; its records need not be
 * there, for the CRC is mended by their number of bytes alone.
 */
export function stampHeader(offset: u32, producerId: i64, producerEpoch: i32, baseSequence: i32, transactional: bool): Status {
  if (<u64>offset + HEADER_BYTES > <u64>inputBytes) return Status.OutOfRange;
  const batch = input + offset;
  const batchLength = bswap(load<u32>(batch, BATCH_LENGTH));
  if (batchLength < HEADER_BYTES - LENGTH_BASE) return Status.BatchLength;
  const before = crc32cOf(batch + ATTRIBUTES, HEADER_BYTES - <u32>ATTRIBUTES);
  const attributes = (<u32>load<u8>(batch, ATTRIBUTES + 1)) & ~TRANSACTIONAL;
  store<u8>(batch, attributes | (transactional ? TRANSACTIONAL : 0), ATTRIBUTES + 1);
  store<u64>(batch, bswap(<u64>producerId), PRODUCER_ID);
  store<u16>(batch, bswap(<u16>producerEpoch), PRODUCER_EPOCH);
  store<u32>(batch, bswap(<u32>baseSequence), BASE_SEQUENCE);
  const after = crc32cOf(batch + ATTRIBUTES, HEADER_BYTES - <u32>ATTRIBUTES);
  const difference = crc32cDifference(before ^ after, batchLength + LENGTH_BASE - HEADER_BYTES);
  store<u32>(batch, bswap(bswap(load<u32>(batch, CRC)) ^ difference), CRC);
  return Status.Ok;
}
