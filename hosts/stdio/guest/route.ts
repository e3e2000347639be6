import { NO_TIMESTAMP, faultOfPlace, placeOf, reasonOfPlace } from "../../../core/decide.ts";
import { LastDigit } from "../../../core/last-digit.ts";
import { isTimestampRule } from "../../../core/rule-name.ts";
import { outputsOfRule, unroutableOutput } from "../../../core/rule-values.ts";
import { destination, destinationOf, forgetRecords, recordsTo, write } from "./destinations.ts";
import { CARRIAGE_RETURN, Framing, findDelimiter, framing } from "./framing.ts";
import { RECORD_BYTES_MAX, UNROUTABLE_SINK, emptySinks, inputStart } from "./layout.ts";
import { beginPassing, isPassing, pass } from "./pass.ts";
import { Reason, clearRefusals, noteRefusal, recordsRefused } from "./refusals.ts";

/** Why a call ended. Exported from the binary as globals. */
export enum Halt {
  /** What is left is no whole record. */
  Starved,
  /** A sink is full: take out what it holds and go on. */
  Full,
  /** The record at hand is unroutable, and unroutable records are to stop it. */
  Unroutable,
}

const NULL_LENGTH: u32 = 0xffffffff;

/** Whether unroutable records are kept, in a sink of their own. */
let keepsUnroutable: bool = false;
/** Whether an unroutable record ends the call. */
let stopsAtUnroutable: bool = false;
/** The destination of unroutable records that an output takes; 0 when none does. */
let unroutableDestination: usize = 0;

let cursor: usize = 0;
let tombstones: u32 = 0;
let halt: Halt = Halt.Starved;

/** Says what becomes of unroutable records. */
export function setUnroutable(keeps: bool, stops: bool): void {
  keepsUnroutable = keeps;
  stopsAtUnroutable = stops;
  unroutableDestination = unroutableOutput() === 0 ? 0 : destinationOf(unroutableOutput());
}

/** Returns the address behind what the last call took. */
export function routedUpTo(): usize {
  return cursor;
}

/** Returns how many records the last call took: routed, null, refused. */
export function recordsTaken(): u32 {
  let records = tombstones + recordsRefused();
  for (let index: u32 = 0; index < outputsOfRule(); index++) records += recordsTo(index);
  return records;
}

/** Returns how many null values the last call took. */
export function tombstonesTaken(): u32 {
  return tombstones;
}

/** Routes the records between two addresses of the input into the sinks, which are emptied first. With `isLast` nothing follows. */
export function route(from: usize, end: usize, isLast: bool): Halt {
  emptySinks();
  forgetRecords();
  clearRefusals();
  tombstones = 0;
  cursor = from;
  halt = Halt.Starved;
  do {
    if (isPassing()) cursor = pass(cursor, end, isLast, keepsUnroutable);
    // What is still passed over goes on in the next block.
    if (isPassing()) break;
    if (framing === Framing.Length) routeFrames(end);
    else routeDelimited(end, isLast);
  } while (isPassing());
  return halt;
}

function routeDelimited(end: usize, isLast: bool): void {
  const crlf = framing === Framing.Crlf;
  let at = cursor;
  for (;;) {
    const delimiter = findDelimiter(at, end);
    if (delimiter === end) break;
    const valueEnd = crlf && delimiter > at && load<u8>(delimiter - 1) === CARRIAGE_RETURN ? delimiter - 1 : delimiter;
    if (!take(at, at, <u32>(valueEnd - at))) {
      cursor = at;
      return;
    }
    at = delimiter + 1;
  }
  cursor = at;
  const rest = <u32>(end - at);
  if (isLast) {
    // The last record may do without its end.
    if (rest !== 0 && take(at, at, rest)) cursor = end;
    return;
  }
  // One byte more may be the carriage return of the line's end.
  if (rest > RECORD_BYTES_MAX + 1) refuseLong(at, 0);
}

function routeFrames(end: usize): void {
  let at = cursor;
  while (end - at >= 4) {
    const length = bswap<u32>(load<u32>(at));
    if (length === NULL_LENGTH) {
      tombstones++;
      at += 4;
      continue;
    }
    if (length > RECORD_BYTES_MAX) {
      refuseLong(at, <u64>length + 4);
      break;
    }
    if (end - at - 4 < <usize>length || !take(at, at + 4, length)) break;
    at += <usize>length + 4;
  }
  cursor = at;
}

/** Takes the record that begins at an address with its frame; returns false when it stays, or begins to be passed over. */
function take(record: usize, value: usize, length: u32): bool {
  const digit = LastDigit.of(value + length);
  // Unsigned: an empty value wraps around and counts as too long. One test for all, so that the last digit is as fast as if it were the only rule.
  if ((u32(isTimestampRule()) | u32(digit > 9) | u32(length - 1 >= RECORD_BYTES_MAX)) !== 0) return takeOther(record, value, length);
  return write(destination(LastDigit.output(digit)), value, length) || becameFull();
}

/** Takes a record of the timestamp rule, or one whose last byte does not do. */
function takeOther(record: usize, value: usize, length: u32): bool {
  if (length > RECORD_BYTES_MAX) {
    refuseLong(record, 0);
    return false;
  }
  const output = placeOf(value, value + length, NO_TIMESTAMP);
  const target = output === 0 ? unroutableDestination : destinationOf(output);
  if (target !== 0) return write(target, value, length) || becameFull();
  refuse(record, <i32>reasonOfPlace(), faultOfPlace());
  if (halt === Halt.Unroutable) return false;
  // There is always room: what is kept is no longer than the input, but for a carriage return a line.
  if (keepsUnroutable) write(destination(UNROUTABLE_SINK), value, length);
  return true;
}

function becameFull(): bool {
  halt = Halt.Full;
  return false;
}

function refuse(record: usize, reason: Reason, byteOffset: u32): void {
  noteRefusal(recordsTaken(), <u32>(record - inputStart()), reason, byteOffset);
  if (stopsAtUnroutable) halt = Halt.Unroutable;
}

/** Refuses a record that is too long; its bytes are passed over, to its end or as many as are given. No output takes it. */
function refuseLong(record: usize, bytes: u64): void {
  refuse(record, Reason.TooLong, 0);
  if (halt !== Halt.Unroutable) beginPassing(bytes);
}
