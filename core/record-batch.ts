import {
  ATTRIBUTES,
  BASE_TIME,
  BATCH_LENGTH,
  COMPRESSION_MASK,
  CONTROL,
  CRC,
  HEADER_BYTES,
  LAST_OFFSET_DELTA,
  LENGTH_BASE,
  LOG_APPEND_TIME,
  MAGIC,
  MAX_TIME,
  RECORD_BYTES_MIN,
  RECORD_COUNT,
} from "./batch-layout.ts";
import { crc32cOf } from "./crc32c.ts";
import { NO_TIMESTAMP, faultOfPlace, placeOf, reasonOfPlace } from "./decide.ts";
import { LastDigit } from "./last-digit.ts";
import { OUTPUT_SHIFT, input, inputBytes, outputStruct, outputsAreOpen } from "./memory.ts";
import { OutputBatch, restoreOutputs, saveOutputs } from "./output-batch.ts";
import { isTimestampRule } from "./rule-name.ts";
import { unroutableOutput } from "./rule-values.ts";
import { isConfigured } from "./rule.ts";
import { Status } from "./status.ts";
import { placeOfTimestamp } from "./timestamp-rule.ts";
import { clearUnroutable, noteUnroutable } from "./unroutable.ts";
import { Varint, varlongSize, varlongValue } from "./varint.ts";

// Record; every number but the attributes is a zig-zag varint:
//
//     length | i8 attributes | timestampDelta (varlong) | offsetDelta | keyLength key | valueLength value | headerCount headers
//     ^ at     ^ body                                     ^ deltaAt     ^ keyAt         ^ lengthAt   ^ value        ^ headers   ^ next

/** Flag of `routeRecordBatch`: the host has verified the CRC, over a form that the core does not see (it inflated the batch). */
const CRC_VERIFIED: u32 = 1;

let next: i64 = 0;
let tombstones: u32 = 0;

/** Returns where to go on: behind the batch, or, after `Full`, at the first record not taken. */
export function nextOffsetOfBatch(): i64 {
  return next;
}

/** Returns how many records with a null value the last call left out. */
export function tombstonesOfBatch(): u32 {
  return tombstones;
}

/** Routes one batch of the input. All of it is taken, or, on a fault, nothing: the outputs are as they were. `Full` lies between. */
export function routeBatch(offset: u32, length: u32, fetchOffset: i64, flags: u32): Status {
  tombstones = 0;
  clearUnroutable();
  if (!isConfigured()) return Status.NotConfigured;
  if (!outputsAreOpen()) return Status.NotOpen;
  if (<u64>offset + <u64>length > <u64>inputBytes) return Status.OutOfRange;
  const batch = input + offset;
  const fault = checkHeader(batch, length, flags);
  if (fault !== Status.Ok) return fault;
  const base = <i64>bswap(load<u64>(batch));
  const end = base + <i64>bswap(load<u32>(batch, LAST_OFFSET_DELTA)) + 1;
  if (((<u32>load<u8>(batch, ATTRIBUTES + 1)) & CONTROL) !== 0 || fetchOffset >= end) {
    next = end;
    return Status.Ok;
  }
  saveOutputs();
  // Below the base the difference could wrap around, and above it is less than that to the batch's end.
  const firstWanted = max(fetchOffset, base) - base;
  const status = isTimestampRule()
    ? routeByTimestamp(batch, batch + length, firstWanted)
    : routeByLastDigit(batch, batch + length, firstWanted);
  if (status === Status.Ok) next = end;
  if (status > Status.Full) {
    restoreOutputs();
    tombstones = 0;
    clearUnroutable();
  }
  return status;
}

/** Returns the fault in the header of a batch, if any. What it lets pass, the record loop relies on. */
function checkHeader(batch: usize, length: u32, flags: u32): Status {
  if (length < HEADER_BYTES) return Status.BatchTruncated;
  const batchLength = bswap(load<u32>(batch, BATCH_LENGTH));
  if (load<u8>(batch, MAGIC) !== 2) return Status.BatchMagic;
  if (batchLength < HEADER_BYTES - LENGTH_BASE) return Status.BatchLength;
  if (batchLength > length - LENGTH_BASE) return Status.BatchTruncated;
  if (batchLength !== length - LENGTH_BASE) return Status.BatchLength;
  if ((flags & CRC_VERIFIED) === 0 && crc32cOf(batch + ATTRIBUTES, length - <u32>ATTRIBUTES) !== bswap(load<u32>(batch, CRC))) {
    return Status.BatchCrc;
  }
  const lastDelta = <i32>bswap(load<u32>(batch, LAST_OFFSET_DELTA));
  // Past the end of 63 bits the offset behind the batch would be before it.
  if (lastDelta < 0 || <i64>bswap(load<u64>(batch)) > i64.MAX_VALUE - 1 - <i64>lastDelta) return Status.RecordOffset;
  const attributes = <u32>load<u8>(batch, ATTRIBUTES + 1);
  if ((attributes & CONTROL) !== 0) return Status.Ok;
  if ((attributes & COMPRESSION_MASK) !== 0) return Status.BatchCompressed;
  // Unsigned: a negative count is a large one.
  if (bswap(load<u32>(batch, RECORD_COUNT)) > (length - HEADER_BYTES) / RECORD_BYTES_MIN) return Status.BatchCount;
  return Status.Ok;
}

// One loop a rule, so that each is as fast as if there were no other: the branches on `byTimestamp` are gone once the loop is inlined.

function routeByLastDigit(batch: usize, end: usize, firstWanted: i64): Status {
  return RecordLoop.route(batch, end, firstWanted, false);
}

function routeByTimestamp(batch: usize, end: usize, firstWanted: i64): Status {
  return RecordLoop.route(batch, end, firstWanted, true);
}

class RecordLoop {
  /**
   * Parses, decides and builds, record by record. `firstWanted` is the offset delta of the first record wanted; earlier ones are parsed and
   * left out, since a fetch that begins inside a batch brings all of it.
   *
   * Nothing is read or copied across the end of a record. Faults that endanger nothing but the meaning gather in `negative` (bit 0: a number
   * that must not be) and `sizes` (bit 3: a varint of more than 5 bytes) and are judged once: a fault takes the whole batch back anyway.
   */
  @inline
  static route(batch: usize, end: usize, firstWanted: i64, byTimestamp: bool): Status {
    const outputs = outputStruct(0);
    const logAppend = ((<u32>load<u8>(batch, ATTRIBUTES + 1)) & LOG_APPEND_TIME) !== 0;
    // A broker that stamps records itself writes its stamp into maxTimestamp alone: it is every record's, and the deltas mean nothing.
    const base = <i64>bswap(load<u64>(batch + (logAppend ? MAX_TIME : BASE_TIME)));
    const stampMask: i64 = logAppend ? 0 : -1;
    const lastDelta = <i64>bswap(load<u32>(batch, LAST_OFFSET_DELTA));
    let previousDelta: i64 = -1;
    let negative: u64 = 0;
    let sizes: u32 = 0;
    let at = batch + HEADER_BYTES;
    for (let left = bswap(load<u32>(batch, RECORD_COUNT)); left !== 0; left--) {
      // Parse. A word read past the end of the record stays within the input's slack: five fields of at most 11 bytes.
      const length = Varint.value(at);
      const lengthSize = Varint.size(at);
      const body = at + lengthSize;
      if (body > end || length >> 1 > <u64>(end - body)) return Status.RecordLength;
      if (lengthSize > 5) return Status.RecordField;
      at = body + <usize>(length >> 1);
      let stamp = Varint.value(body + 1);
      let stampSize = Varint.size(body + 1);
      if (stampSize > 8) {
        stampSize = varlongSize(body + 1);
        stamp = varlongValue(body + 1);
      }
      const deltaAt = body + 1 + stampSize;
      const deltaZigzag = Varint.value(deltaAt);
      const deltaSize = Varint.size(deltaAt);
      const keyAt = deltaAt + deltaSize;
      const keyLength = Varint.value(keyAt);
      const keySize = Varint.size(keyAt);
      let lengthAt = keyAt + keySize;
      if (lengthAt > at || keyLength >> 1 > <u64>(at - lengthAt) || stampSize > 10) return Status.RecordField;
      lengthAt += <usize>(keyLength >> 1);
      const valueLength = Varint.value(lengthAt);
      const valueSize = Varint.size(lengthAt);
      const value = lengthAt + valueSize;
      sizes |= (deltaSize + 2) | (keySize + 2) | (valueSize + 2);
      if (value >= at || valueLength >> 1 >= <u64>(at - value)) return Status.RecordField;
      const headers = value + <usize>(valueLength >> 1);
      if ((load<u8>(headers) !== 0 || at - headers !== 1) && !headersFill(headers, at)) return Status.RecordHeaders;
      negative |= length | deltaZigzag | nonNull(keyLength) | nonNull(valueLength);
      const delta = <i64>(deltaZigzag >> 1);
      if (delta <= previousDelta || delta > lastDelta) return Status.RecordOffset;
      previousDelta = delta;
      if (delta < firstWanted) continue;
      // Decide.
      const timestamp = base + (Varint.unzigzag(stamp) & stampMask);
      const digit: u32 = byTimestamp ? 0 : LastDigit.of(headers);
      let output = outputs + ((<usize>LastDigit.output(digit)) << OUTPUT_SHIFT);
      if (byTimestamp) output = valueLength === 1 ? 0 : placeOfTimestamp(value, headers, timestamp);
      if (byTimestamp ? output === 0 : (u32(digit > 9) | u32(valueLength <= 1)) !== 0) {
        if (valueLength === 1 || unroutableOutput() === 0) {
          const recordOffset = <u32>(body - lengthSize - batch);
          if (!leaveOut(<u32>delta, value, headers, byTimestamp ? timestamp : NO_TIMESTAMP, valueLength === 1, recordOffset))
            return stopBefore(batch, delta, negative, sizes);
          continue;
        }
        output = unroutableOutput();
      }
      // Build.
      if (!OutputBatch.append(output, body, deltaAt, keyAt, lengthAt, value, at, <u32>(valueLength >> 1), base, stamp, timestamp)) {
        return stopBefore(batch, delta, negative, sizes);
      }
    }
    if (((sizes & 8) | ((<u32>negative) & 1)) !== 0) return Status.RecordField;
    return at === end ? Status.Ok : Status.BatchCount;
  }
}

/** Returns the length of a key or value, or 0 for null, whose length is -1. */
function nonNull(lengthZigzag: u64): u64 {
  return lengthZigzag === 1 ? 0 : lengthZigzag;
}

/** Returns whether the headers from `at` on fill the record exactly: count, then for each a key and a value that may be null. */
function headersFill(at: usize, end: usize): bool {
  const count = Varint.value(at);
  const countSize = Varint.size(at);
  at += countSize;
  // A header has two bytes at least.
  if (at > end || countSize > 5 || (count & 1) !== 0 || count > <u64>(end - at)) return false;
  for (let left = count; left !== 0; left -= 2) {
    for (let field = 0; field < 2; field++) {
      const length = Varint.value(at);
      const size = Varint.size(at);
      at += size;
      if (at > end || size > 5 || length >> 1 > <u64>(end - at)) return false;
      if ((length & 1) !== 0 && (length !== 1 || field === 0)) return false;
      at += <usize>(length >> 1);
    }
  }
  return at === end;
}

/** Counts a tombstone or notes an unroutable record; returns false when its table is full. */
function leaveOut(delta: u32, value: usize, end: usize, timestamp: i64, isNull: bool, recordOffset: u32): bool {
  if (isNull) {
    tombstones++;
    return true;
  }
  // Once more, for the reason: the loop has no time for it.
  placeOf(value, end, timestamp);
  return noteUnroutable(delta, reasonOfPlace(), faultOfPlace(), recordOffset);
}

/** Ends a call before the record at `delta`, for want of room; what was taken before it must be sound. */
function stopBefore(batch: usize, delta: i64, negative: u64, sizes: u32): Status {
  if (((sizes & 8) | ((<u32>negative) & 1)) !== 0) return Status.RecordField;
  next = <i64>bswap(load<u64>(batch)) + delta;
  return Status.Full;
}
