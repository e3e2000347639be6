import { daysInMonth } from "./calendar.ts";
import { COLON, DASH, ZERO, failAsImpossible, failAt, readNano, readOffset, twoDigits } from "./timestamp-parse.ts";
import { DAY, HOUR, MINUTE, MONTH, Mask, NANO, OFFSET, SECOND, YEAR, part, setPart } from "./timestamp-parts.ts";

// Timestamps of ISO 8601, by the same convention as the readers of `timestamp-parse.ts`.

let isoMask: u32 = 0;

/** Returns the parts that the last ISO 8601 timestamp had. */
export function partsOfIso(): u32 {
  return isoMask;
}

/**
 * Reads ISO 8601's extended form: `YYYY-MM-DD`, then perhaps "T" or a space and `HH:MM`, `:SS`, and a fraction of 1 to 9 digits behind a dot or
 * comma, then perhaps "Z" or an offset: `+HH`, `+HHMM` or `+HH:MM`.
 */
export function readIso(value: usize, end: usize): bool {
  isoMask = Mask.of(YEAR);
  const century = twoDigits(value);
  const yearOfCentury = twoDigits(value + 2);
  if (end - value < 10 || century > 99 || yearOfCentury > 99) return failAt(value);
  const year = <i32>(century * 100 + yearOfCentury);
  setPart(YEAR, year);
  if (!readIsoPart(value + 4, DASH, MONTH, 1, 12)) return false;
  if (!readIsoPart(value + 7, DASH, DAY, 1, <u32>daysInMonth(year, part(MONTH)))) return false;
  return end - value === 10 || readIsoTime(value + 10, end);
}

/** Reads two digits behind a separator. */
function readIsoPart(at: usize, separator: u8, wanted: usize, min: u32, max: u32): bool {
  const number = twoDigits(at + 1);
  if (load<u8>(at) !== separator || number > 99) return failAt(at);
  if (number < min || number > max) return failAsImpossible(at + 1);
  isoMask |= Mask.of(wanted);
  setPart(wanted, <i32>number);
  return true;
}

function readIsoTime(at: usize, end: usize): bool {
  if (end - at < 6) return failAt(at);
  if (!readIsoPart(at, load<u8>(at) === 0x20 ? 0x20 : 0x54, HOUR, 0, 23) || !readIsoPart(at + 3, COLON, MINUTE, 0, 59)) return false;
  at += 6;
  if (at < end && load<u8>(at) === COLON) {
    if (end - at < 3) return failAt(at);
    if (!readIsoPart(at, COLON, SECOND, 0, 59)) return false;
    at = readIsoFraction(at + 3, end);
    if (at === 0) return false;
  }
  return at === end || readIsoOffset(at, end);
}

/** Reads a fraction, if there is one; returns where it ends, or 0 when it is none. */
function readIsoFraction(at: usize, end: usize): usize {
  setPart(NANO, 0);
  isoMask |= Mask.of(NANO);
  if (at >= end || (load<u8>(at) !== 0x2e && load<u8>(at) !== 0x2c)) return at;
  let digitsEnd = at + 1;
  while (digitsEnd < end && <u32>load<u8>(digitsEnd) - ZERO < 10) digitsEnd++;
  const width = digitsEnd - at - 1;
  if (width - 1 > 8) {
    failAt(at);
    return 0;
  }
  readNano(at + 1, digitsEnd);
  return digitsEnd;
}

/** Reads all that is left as "Z" or an offset. */
export function readIsoOffset(at: usize, end: usize): bool {
  const length = end - at;
  if (length > 1 && load<u8>(at) === 0x5a) return failAt(at + 1);
  // `+HH` is what `+HHmm` comes to without minutes.
  const style = length === 6 ? 3 : length === 5 ? 2 : 1;
  if (style === 1 && length !== 3 && length !== 1) return failAt(at);
  isoMask |= Mask.of(OFFSET);
  return readOffset(style, at, end, true);
}
