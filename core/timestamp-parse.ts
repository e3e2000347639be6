import { NANO, OFFSET, setPart } from "./timestamp-parts.ts";
import {
  CENTURY,
  HAS_TWO_DIGITS,
  LITERAL,
  MAX,
  MIN,
  PART,
  RESERVED,
  STEP_BYTES,
  Step,
  WIDTH_MAX,
  WIDTH_MIN,
  endOfSteps,
  firstStep,
  kindOf,
} from "./timestamp-format.ts";
import { bytesEqual } from "./bytes.ts";
import { find } from "./rule-values.ts";
import { Reason } from "./status.ts";

// Readers of timestamps. Each takes the address of a value and the one behind it, fills `PARTS`, and returns whether the value is what it
// should be; if not, `faultOfTimestamp` is where it stops being that, and `reasonOfTimestamp` whether it looked right and no such time exists.

export const ZERO: u32 = 0x30;
const COMMA: u8 = 0x2c;
export const COLON: u8 = 0x3a;
export const DASH: u8 = 0x2d;
const PLUS: u8 = 0x2b;
/** The months, the weekdays, and "AM,PM", in one piece of data: "January,February,March,April,May,June,July,August,September,October,November,DecemberMonday,Tuesday,Wednesday,Thursday,Friday,Saturday,SundayAM,PM" */
const MONTHS: usize = memory.data<u8>([
  0x4a, 0x61, 0x6e, 0x75, 0x61, 0x72, 0x79, 0x2c, 0x46, 0x65, 0x62, 0x72, 0x75, 0x61, 0x72, 0x79, 0x2c, 0x4d, 0x61, 0x72, 0x63, 0x68, 0x2c,
  0x41, 0x70, 0x72, 0x69, 0x6c, 0x2c, 0x4d, 0x61, 0x79, 0x2c, 0x4a, 0x75, 0x6e, 0x65, 0x2c, 0x4a, 0x75, 0x6c, 0x79, 0x2c, 0x41, 0x75, 0x67,
  0x75, 0x73, 0x74, 0x2c, 0x53, 0x65, 0x70, 0x74, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x2c, 0x4f, 0x63, 0x74, 0x6f, 0x62, 0x65, 0x72, 0x2c, 0x4e,
  0x6f, 0x76, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x2c, 0x44, 0x65, 0x63, 0x65, 0x6d, 0x62, 0x65, 0x72, 0x4d, 0x6f, 0x6e, 0x64, 0x61, 0x79, 0x2c,
  0x54, 0x75, 0x65, 0x73, 0x64, 0x61, 0x79, 0x2c, 0x57, 0x65, 0x64, 0x6e, 0x65, 0x73, 0x64, 0x61, 0x79, 0x2c, 0x54, 0x68, 0x75, 0x72, 0x73,
  0x64, 0x61, 0x79, 0x2c, 0x46, 0x72, 0x69, 0x64, 0x61, 0x79, 0x2c, 0x53, 0x61, 0x74, 0x75, 0x72, 0x64, 0x61, 0x79, 0x2c, 0x53, 0x75, 0x6e,
  0x64, 0x61, 0x79, 0x41, 0x4d, 0x2c, 0x50, 0x4d,
]);
const WEEKDAYS: usize = MONTHS + 85;
const HALVES: usize = WEEKDAYS + 56;
/** Offsets go up to 18 hours, as in Java. */
const OFFSET_MAX: i32 = 64800;

let fault: usize = 0;
let reason: Reason;
/** Where the last part ended. */
let partEnd: usize = 0;

/** Returns where the last timestamp that was none stops being one. */
export function faultOfTimestamp(): usize {
  return fault;
}

/** Returns why the last timestamp was none. */
export function reasonOfTimestamp(): Reason {
  return reason;
}

/** Notes why and where a value is no timestamp of the rule. */
export function failAs(why: Reason, at: usize): bool {
  fault = at;
  reason = why;
  return false;
}

/** Notes where a value stops being a timestamp of the format. */
export function failAt(at: usize): bool {
  return failAs(Reason.NotATimestamp, at);
}

/** Notes which part makes a time that does not exist. */
export function failAsImpossible(at: usize): bool {
  return failAs(Reason.NoSuchTime, at);
}

/** Returns the number that two digits spell, or one above 99. */
export function twoDigits(at: usize): u32 {
  const tens = <u32>load<u8>(at) - ZERO;
  const ones = <u32>load<u8>(at, 1) - ZERO;
  return (u32(tens > 9) | u32(ones > 9)) !== 0 ? 0xffff : tens * 10 + ones;
}

/** Reads a value by the steps of the rule's format. */
export function readByFormat(value: usize, end: usize): bool {
  const at = readSteps(value, end, endOfSteps());
  return at === end || (at !== 0 && failAt(at));
}

/** Reads up to a step; returns where that begins, or 0. */
function readSteps(value: usize, end: usize, stepsEnd: usize): usize {
  let at = value;
  for (let step = firstStep(); step < stepsEnd; step += STEP_BYTES) {
    if (!HAS_TWO_DIGITS || kindOf(step) !== Step.TwoDigits) {
      if (!readStep(step, at, end)) return 0;
      at = partEnd;
      continue;
    }
    const number = twoDigits(at);
    const literal = load<u8>(step, LITERAL);
    const next = at + 2 + usize(literal !== 0);
    if (number > 99 || at + 2 > end) return usize(failAt(at));
    const from = load<i32>(step, MIN);
    const result = <i32>number + centuryOf(from);
    if (result < from || result > load<i32>(step, MAX)) return usize(failAsImpossible(at));
    if (literal !== 0 && (next > end || load<u8>(at, 2) !== literal)) return usize(failAt(at + 2));
    setPart(load<u8>(step, PART), result);
    at = next;
  }
  return at;
}

/** Returns what a number counts from: years of this century are written without it. */
function centuryOf(min: i32): i32 {
  return min === CENTURY ? CENTURY : 0;
}

/** Returns where a part of a value that was read begins. */
export function startOfPart(value: usize, end: usize, wanted: i32): usize {
  let step = firstStep();
  while (kindOf(step) === Step.Literal || load<u8>(step, PART) !== <u8>wanted) step += STEP_BYTES;
  return readSteps(value, end, step);
}

function readStep(step: usize, at: usize, end: usize): bool {
  switch (kindOf(step)) {
    case Step.Literal:
      partEnd = at + 1;
      return (at < end && load<u8>(at) === load<u8>(step, LITERAL)) || failAt(at);
    case Step.Digits:
    case Step.Year:
      return readDigits(step, at, end);
    case Step.Fraction:
      return readFraction(step, at, end);
    case Step.Month:
      return readText(step, MONTHS, 85, 1, at, end);
    case Step.Weekday:
      return readText(step, WEEKDAYS, 56, 1, at, end);
    case Step.Half:
      return readText(step, HALVES, 5, 0, at, end);
    default:
      return readOffset(<u32>load<u8>(step, WIDTH_MIN), at, end, kindOf(step) === Step.OffsetOrZ);
  }
}

/**
 * Reads a number of any width, as Java's NumberPrinterParser does: as many digits as there are, less those of the numbers right behind it. A
 * year from four letters on has a plus if, and only if, it has more digits than letters.
 */
function readDigits(step: usize, at: usize, end: usize): bool {
  const widthMin = <usize>load<u8>(step, WIDTH_MIN);
  const isSigned = kindOf(step) === Step.Year && widthMin > 3;
  const sign = at < end ? load<u8>(at) : 0;
  const hasPlus = sign === PLUS && isSigned;
  // A number without a sign style of its own takes a minus, and is out of its range then.
  const hasMinus = sign === DASH && load<u8>(step, WIDTH_MAX) === 19;
  const digits = at + usize(hasPlus || hasMinus);
  const reserved = <usize>load<u8>(step, RESERVED);
  const most = min(end, digits + <usize>load<u8>(step, WIDTH_MAX) + reserved);
  let digitsEnd = digits;
  while (digitsEnd < most && <u32>load<u8>(digitsEnd) - ZERO < 10) digitsEnd++;
  digitsEnd = digitsEnd - digits > widthMin + reserved ? digitsEnd - reserved : min(digitsEnd, digits + widthMin);
  if (digitsEnd - digits < widthMin) return failAt(at);
  if (isSigned && !hasMinus && hasPlus !== digitsEnd - digits > widthMin) return failAt(at);
  const size = readUnsigned(digits, digitsEnd);
  if (hasMinus && size === 0) return failAt(at);
  const number = (hasMinus ? -size : size) + <i64>(HAS_TWO_DIGITS ? 0 : centuryOf(load<i32>(step, MIN)));
  if (size < 0 || number < <i64>load<i32>(step, MIN) || number > <i64>load<i32>(step, MAX)) return failAsImpossible(at);
  setPart(load<u8>(step, PART), <i32>number);
  partEnd = digitsEnd;
  return true;
}

function readFraction(step: usize, at: usize, end: usize): bool {
  const width = <usize>load<u8>(step, WIDTH_MIN);
  partEnd = at + width;
  return (partEnd <= end && readNano(at, partEnd)) || failAt(at);
}

/** Takes one to nine digits as the fraction of a second. */
export function readNano(at: usize, digitsEnd: usize): bool {
  let nano = readUnsigned(at, digitsEnd);
  if (nano < 0) return false;
  for (let place = digitsEnd - at; place < 9; place++) nano *= 10;
  setPart(NANO, <i32>nano);
  return true;
}

/** Reads one of the words of a list, or the first three letters of one; the part is its index, from `first` on. */
function readText(step: usize, words: usize, wordsLength: usize, first: i32, at: usize, end: usize): bool {
  const isShort = load<u8>(step, WIDTH_MIN) === 3;
  const wordsEnd = words + wordsLength;
  for (let index = first; words < wordsEnd; index++) {
    const wordEnd = find(COMMA, words, wordsEnd);
    const length = isShort ? min<usize>(3, wordEnd - words) : wordEnd - words;
    if (at + length <= end && bytesEqual(words, at, <u32>length)) {
      setPart(load<u8>(step, PART), index);
      partEnd = at + length;
      return true;
    }
    words = wordEnd + 1;
  }
  return failAt(at);
}

/**
 * Reads an offset, as Java's OffsetIdPrinterParser does. Styles: 1 `+HHmm`, 2 `+HHMM`, 3 `+HH:MM`, 4 `+HHMMss`, 5 `+HH:MM:ss`, where small
 * letters may be missing; none is "Z", or zeros in the style's length.
 */
export function readOffset(style: u32, at: usize, end: usize, isZ: bool): bool {
  const hasColon = style === 3 || style === 5;
  if (isZ && at < end && load<u8>(at) === 0x5a) {
    setPart(OFFSET, 0);
    partEnd = at + 1;
    return true;
  }
  const sign = load<u8>(at);
  if ((sign !== PLUS && sign !== DASH) || at + 3 > end || twoDigits(at + 1) > 59) return failAt(at);
  let total = <i32>twoDigits(at + 1) * 3600;
  partEnd = at + 3;
  // Where zeros stand for none, they are all there is: Java looks at no further digits.
  const endsInZeros = !isZ && sign === PLUS;
  if (style !== 1 || total !== 0 || !endsInZeros) {
    const minutes = offsetDigits(end, hasColon);
    if (minutes < 0 && style !== 1) return failAt(at);
    total += max(minutes, 0) * 60;
    if (minutes >= 0 && style > 3 && !(total === 0 && endsInZeros)) total += max(offsetDigits(end, hasColon), 0);
  }
  if (total > OFFSET_MAX) return failAsImpossible(at);
  setPart(OFFSET, sign === DASH ? -total : total);
  return true;
}

/** Passes over a number from 0 to 59, behind a colon if there is to be one; returns it, or -1 when there is none. */
function offsetDigits(end: usize, hasColon: bool): i32 {
  const digits = partEnd + usize(hasColon);
  if (digits + 2 > end || (hasColon && load<u8>(partEnd) !== COLON)) return -1;
  const number = <i32>twoDigits(digits);
  if (number > 59) return -1;
  partEnd = digits + 2;
  return number;
}

/** Reads a decimal number with or without a minus; returns it, or `i64.MIN_VALUE` when it is none or too large for 64 bits. */
export function readNumber(value: usize, end: usize): i64 {
  const isNegative = value < end && load<u8>(value) === DASH;
  const size = readUnsigned(value + usize(isNegative), end);
  if (size < 0) return i64.MIN_VALUE;
  return isNegative ? -size : size;
}

/** Reads digits; returns their number, or -1 when they are none or it is too large for 63 bits. */
function readUnsigned(digits: usize, end: usize): i64 {
  let number: u64 = 0;
  let at = digits;
  // 19 digits fit into 64 bits without a sign.
  for (; at < end && at - digits < 19; at++) {
    const digit = <u64>load<u8>(at) - ZERO;
    if (digit > 9) break;
    number = number * 10 + digit;
  }
  if (at !== digits && at === end && number <= <u64>i64.MAX_VALUE) return number;
  failAt(at);
  return -1;
}
