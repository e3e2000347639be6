import { DESTINATION, DESTINATION_LENGTH, PREFIX, PREFIX_LENGTH } from "../../../core/memory.ts";
import { varlongSizeOf, writeVarlong } from "../../../core/varint.ts";
import { writeRecordWithOptions } from "./abi.ts";
import { addExceptionHeader, addTimestampHeader, timestampHeaderLength } from "./headers.ts";
import { beginLine, endLine, fail } from "./log.ts";
import { cursor, passBytes, passHeaders, readFrom, readVarint } from "./payload.ts";
import { RECORD, RECORD_OFFSET } from "./record.ts";
import { Rule } from "./rule.ts";
import { hasDeadLetters, isLogged, unroutableTarget } from "./settings.ts";
import { writeNumber, writeReason, writeText } from "./text.ts";
import { Text, addressOf } from "./texts.ts";

/** Room before a record: for the longest prefix, and for a longer length of the value. */
export const ROOM_BEFORE_RECORD: usize = 272;

/** The first unroutable record is worth a line, and after it every so many. */
const RECORDS_A_LINE: u32 = 10_000;

let unroutableCount: u32 = 0;

/** Parses, decides and builds one record where it is: value and headers stay, the key moves, and the prefix goes between them. */
export function routeRecord<R extends Rule>(record: usize, end: usize): void {
  // Parse.
  readFrom(record);
  passBytes(readVarint(), end);
  const keyEnd = cursor;
  const valueLength = readVarint();
  passBytes(valueLength, end);
  const headers = cursor;
  if (!passHeaders(end)) return noteUnroutable(addressOf(Text.Malformed), 0);

  // Decide. A null has length -1, which is 1 in zigzag.
  const isNull = valueLength === 1;
  const rule = changetype<R>(0);
  const value = headers - <usize>(valueLength >> 1);
  let target = rule.place(value, headers, isNull);
  if (target === 0) {
    if (isNull) return;
    const reason = rule.reason(value, headers);
    const byteOffset = rule.byteOffset(value, headers);
    if (isLogged) noteUnroutable(reason, byteOffset);
    target = unroutableTarget;
    if (target === 0) return;
    if (hasDeadLetters) end = addExceptionHeader(headers, end, reason, byteOffset);
  }

  // Build.
  if (timestampHeaderLength !== 0) end = addTimestampHeader(headers, end);
  const prefixLength = load<u32>(target, PREFIX_LENGTH);
  const newLength = <u32>valueLength + (prefixLength << 1);
  const keyBytes = keyEnd - record;
  const payload = headers - (newLength >> 1) - varlongSizeOf(newLength) - keyBytes;
  memory.copy(payload, record, keyBytes);
  memory.copy(writeVarlong(payload + keyBytes, newLength), target + PREFIX, prefixLength);
  const length = <u32>(end - payload);
  const written = writeRecordWithOptions(payload, length, load<u32>(target, DESTINATION), load<u32>(target, DESTINATION_LENGTH));
  if (written < 0) fail(Text.Broker);
}

/** Counts an unroutable record and logs some of them. */
function noteUnroutable(reason: usize, byteOffset: u32): void {
  unroutableCount++;
  if (unroutableCount !== 1 && unroutableCount % RECORDS_A_LINE !== 0) return;
  const line = writeText(writeNumber(beginLine(), unroutableCount), Text.LeftOut);
  endLine(writeReason(writeText(writeNumber(line, load<i64>(RECORD, RECORD_OFFSET)), Text.Colon), reason, byteOffset));
}
