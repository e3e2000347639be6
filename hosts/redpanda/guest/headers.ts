import { varlongSizeOf, writeVarlong } from "../../../core/varint.ts";
import { lengthOf, prependLength } from "./environment.ts";
import { cursor, readFrom, readVarint } from "./payload.ts";
import { RECORD, RECORD_TIMESTAMP } from "./record.ts";
import { writeNumber, writeReason, writeText } from "./text.ts";
import { Text } from "./texts.ts";

// Headers are added behind those that a record has, as `varint keyLength, key, varint valueLength, value`. The values are shorter than 64 bytes,
// so that their length takes one byte.

/** Room behind a record for what is added to it, besides the key of the timestamp header, and for what is read past its end. */
export const ROOM_BEHIND_RECORD: usize = 128;

/** The key, with its length before it, of the header that takes a record's timestamp; no bytes when there is to be none. */
let timestampHeader: usize = 0;
export let timestampHeaderLength: u32 = 0;

/** Takes the key of the timestamp header, which stands in the environment. */
export function nameTimestampHeader(key: usize): void {
  timestampHeader = prependLength(key);
  timestampHeaderLength = <u32>(key - timestampHeader) + lengthOf(key);
}

/** Adds the header with the record's timestamp in decimal; returns the end of the payload. */
export function addTimestampHeader(headers: usize, end: usize): usize {
  const key = countOneMore(headers, end);
  memory.copy(key, timestampHeader, timestampHeaderLength);
  const length = key + timestampHeaderLength;
  return endValue(length, writeNumber(length + 1, load<i64>(RECORD, RECORD_TIMESTAMP)));
}

/** Adds the header that says why a record is unroutable; returns the end of the payload. */
export function addExceptionHeader(headers: usize, end: usize, reason: usize, byteOffset: u32): usize {
  const length = writeText(countOneMore(headers, end), Text.ExceptionHeader);
  return endValue(length, writeReason(length + 1, reason, byteOffset));
}

/** Counts one header more; returns the end of the payload, which has moved if the count takes a byte more. */
function countOneMore(headers: usize, end: usize): usize {
  readFrom(headers);
  const count = readVarint() + 2;
  const first = headers + varlongSizeOf(count);
  memory.copy(first, cursor, end - cursor);
  writeVarlong(headers, count);
  return end + first - cursor;
}

/** Writes the length of a value that ends at `end` into the byte before it; returns that end. */
function endValue(length: usize, end: usize): usize {
  store<u8>(length, (end - length - 1) << 1);
  return end;
}
