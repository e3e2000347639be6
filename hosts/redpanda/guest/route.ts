import { LastDigit } from "../../../core/decide.ts";
import { varlongSizeOf, writeVarlong } from "../../../core/varint.ts";
import { writeRecordWithOptions } from "./abi.ts";
import { addExceptionHeader, addTimestampHeader, timestampHeaderLength } from "./headers.ts";
import { beginLine, endLine, fail } from "./log.ts";
import { cursor, passBytes, passHeaders, readFrom, readVarint } from "./payload.ts";
import { RECORD, RECORD_OFFSET } from "./record.ts";
import {
  DESTINATIONS,
  DESTINATION_PREFIX,
  DESTINATION_PREFIX_LENGTH,
  DESTINATION_SHIFT,
  OPTIONS,
  OPTIONS_LENGTH,
  hasDeadLetters,
  isLogged,
  unroutableDestination,
} from "./settings.ts";
import { writeNumber, writeReason, writeText } from "./text.ts";
import { Text } from "./texts.ts";

/** Room before a record: for the longest prefix, and for a longer length of the value. */
export const ROOM_BEFORE_RECORD: usize = 272;

/** The first unroutable record is worth a line, and after it every so many. */
const RECORDS_A_LINE: u32 = 10_000;

let unroutableCount: u32 = 0;

/** Parses, decides and builds one record where it is: value and headers stay, the key moves, and the prefix goes between them. */
export function routeRecord(record: usize, end: usize): void {
  // Parse.
  readFrom(record);
  passBytes(readVarint(), end);
  const keyEnd = cursor;
  const valueLength = readVarint();
  passBytes(valueLength, end);
  const headers = cursor;
  if (!passHeaders(end)) return noteUnroutable(Text.Malformed, 0);

  // Decide. A null has length -1, which is 1 in zigzag.
  if (valueLength === 1) return;
  const digit = LastDigit.of(headers);
  let target = DESTINATIONS + ((<usize>LastDigit.output(digit)) << DESTINATION_SHIFT);
  // Before an empty value is the last byte of its length, which is 0 and no digit.
  if (digit > 9) {
    const reason = valueLength === 0 ? Text.Empty : Text.NotADigit;
    const byteOffset = valueLength === 0 ? 0 : <u32>(valueLength >> 1) - 1;
    if (isLogged) noteUnroutable(reason, byteOffset);
    target = unroutableDestination;
    if (target === 0) return;
    if (hasDeadLetters) end = addExceptionHeader(headers, end, reason, byteOffset);
  }

  // Build.
  if (timestampHeaderLength !== 0) end = addTimestampHeader(headers, end);
  const prefixLength = load<u32>(target, DESTINATION_PREFIX_LENGTH);
  const newLength = <u32>valueLength + (prefixLength << 1);
  const keyBytes = keyEnd - record;
  const payload = headers - (newLength >> 1) - varlongSizeOf(newLength) - keyBytes;
  memory.copy(payload, record, keyBytes);
  memory.copy(writeVarlong(payload + keyBytes, newLength), load<u32>(target, DESTINATION_PREFIX), prefixLength);
  const length = <u32>(end - payload);
  const written = writeRecordWithOptions(payload, length, load<u32>(target, OPTIONS), load<u32>(target, OPTIONS_LENGTH));
  if (written !== length) fail(Text.Broker);
}

/** Counts an unroutable record and logs some of them. */
function noteUnroutable(reason: Text, byteOffset: u32): void {
  unroutableCount++;
  if (unroutableCount !== 1 && unroutableCount % RECORDS_A_LINE !== 0) return;
  const line = writeText(writeNumber(beginLine(), unroutableCount), Text.LeftOut);
  endLine(writeReason(writeText(writeNumber(line, load<i64>(RECORD, RECORD_OFFSET)), Text.Colon), reason, byteOffset));
}
