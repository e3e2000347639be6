import { Mask } from "./timestamp-parts.ts";

// A pattern of java.time.format.DateTimeFormatter (letters and their counts as in its documentation, strict, English), compiled into steps:
//
//     0 u8 kind
//     1 u8 part        where in `PARTS` the result goes
//     2 u8 widthMin    digits, or letters of a text; for an offset the style, from 1 to 5
//     3 u8 widthMax
//     4 u8 literal     the byte to be matched by itself, or right behind two digits (0 for none)
//     5 u8 reserved    digits that belong to the numbers right behind this one
//     8 i32 min        least and greatest number
//    12 i32 max

const STEPS_MAX: usize = 64;
const STEPS: usize = memory.data(1024, 16);
export const STEP_BYTES: usize = 16;
export const PART: usize = 1;
export const WIDTH_MIN: usize = 2;
export const WIDTH_MAX: usize = 3;
export const LITERAL: usize = 4;
export const RESERVED: usize = 5;
export const MIN: usize = 8;
export const MAX: usize = 12;

/** Whether two digits are a step of their own: much faster, for most formats are little else, and not for a build that is to be small. */
export const HAS_TWO_DIGITS: bool = ASC_SHRINK_LEVEL === 0;

/** What a step matches. */
export enum Step {
  /** Two digits, and the literal if there is one: nearly all of most formats. */
  TwoDigits,
  Literal,
  /** Digits, from `widthMin` to `widthMax`; a minus is taken and comes to a number below `min`. */
  Digits,
  /** A year: digits, with a sign when they are more than `widthMin` letters. */
  Year,
  /** Exactly `widthMin` digits of a second's fraction. */
  Fraction,
  Month,
  Weekday,
  Half,
  /** An offset with "Z" for none. */
  OffsetOrZ,
  /** An offset in digits only. */
  Offset,
}

const QUOTE: u8 = 0x27;
const Z: u32 = 0x5a;
const YEARS_MAX: i32 = 999999999;
/** Years of two digits count from here. */
export const CENTURY: i32 = 2000;

let stepsEnd: usize = 0;
let partsSeen: u32 = 0;
/** The number that further ones right behind it take their digits from, or 0. */
let adjacent: usize = 0;

/** Returns what a step matches. */
export function kindOf(step: usize): Step {
  return <Step>load<u8>(step);
}

/** Returns the first step. */
export function firstStep(): usize {
  return STEPS;
}

/** Returns the end of the steps. */
export function endOfSteps(): usize {
  return stepsEnd;
}

/** Returns the parts that every value of the format has. */
export function partsOfFormat(): u32 {
  return partsSeen;
}

/** Bytes of a copy of a format: u32 parts, u32 bytes of the steps, then the steps. */
export const FORMAT_COPY_BYTES: usize = 8 + STEPS_MAX * STEP_BYTES;
const STEPS_COPY: usize = 8;

/** Writes a copy of the format to `copy`. */
export function saveFormat(copy: usize): void {
  const bytes = stepsEnd - STEPS;
  store<u32>(copy, partsSeen);
  store<u32>(copy, <u32>bytes, 4);
  memory.copy(copy + STEPS_COPY, STEPS, bytes);
}

/** Takes the format of a copy. */
export function loadFormat(copy: usize): void {
  const bytes = <usize>load<u32>(copy, 4);
  partsSeen = load<u32>(copy);
  stepsEnd = STEPS + bytes;
  memory.copy(STEPS, copy + STEPS_COPY, bytes);
}

/** Compiles a pattern. Returns the address of the first byte that it can't be, or `end`, which for an empty pattern is a fault, too. */
export function compileFormat(pattern: usize, end: usize): usize {
  stepsEnd = STEPS;
  partsSeen = 0;
  adjacent = 0;
  let at = pattern;
  /** The quote that began the text at hand; 0 outside of quotes. */
  let quote: usize = 0;
  while (at < end) {
    const byte = load<u8>(at);
    let next = at + 1;
    const isTwice = next < end && load<u8>(next) === byte;
    if (byte === QUOTE && !isTwice) {
      quote = quote === 0 ? at : 0;
    } else if (byte === QUOTE || quote !== 0) {
      // Two quotes are one.
      next += usize(byte === QUOTE);
      if (!addLiteral(byte)) return quote === 0 ? at : quote;
    } else if (<u8>((byte | 0x20) - 0x61) < 26) {
      while (next < end && load<u8>(next) === byte) next++;
      if (!addLetters(byte, <u32>(next - at))) return at;
    } else if (isReserved(byte) || !addLiteral(byte)) {
      return at;
    }
    at = next;
  }
  return quote === 0 ? end : quote;
}

/** Optional sections and padding are not for a format that is to leave no doubt; the other marks are kept by Java for later. */
function isReserved(byte: u32): bool {
  return byte === 0x5b || byte === 0x5d || byte === 0x7b || byte === 0x7d || byte === 0x23;
}

function addLiteral(byte: u32): bool {
  adjacent = 0;
  const last = stepsEnd - STEP_BYTES;
  if (HAS_TWO_DIGITS && stepsEnd !== STEPS && kindOf(last) === Step.TwoDigits && load<u8>(last, LITERAL) === 0) {
    store<u8>(last, <u8>byte, LITERAL);
    return true;
  }
  const step = newStep(Step.Literal, 0);
  if (step === 0) return false;
  store<u8>(step, <u8>byte, LITERAL);
  return true;
}

/** Returns a new step of zeros but for these, or 0 when there are too many. */
function newStep(kind: Step, part: usize): usize {
  if (stepsEnd === STEPS + STEPS_MAX * STEP_BYTES) return 0;
  const step = stepsEnd;
  stepsEnd += STEP_BYTES;
  memory.fill(step, 0, STEP_BYTES);
  store<u8>(step, kind);
  store<u8>(step, <u8>part, PART);
  return step;
}

/**
 * What the letters are, M M d D H h m s u y S E a X x Z Z: the first row that has the letter and room for its count.
 *
 *     0 u8  letter
 *     1 u8  kind of step
 *     2 u8  part
 *     3 u8  most letters; of a number, most digits when there are more letters than one
 *     4 u8  least number; of a year, 0 when it may be negative
 *     5 u16 greatest number, unaligned
 */
const LETTERS: usize = memory.data<u8>([
  0x4d, 0x02, 0x04, 0x02, 0x01, 0x0c, 0x00, 0x4d, 0x05, 0x04, 0x04, 0x00, 0x00, 0x00, 0x64, 0x02, 0x08, 0x02, 0x01, 0x1f, 0x00, 0x44, 0x02,
  0x0c, 0x03, 0x01, 0x6e, 0x01, 0x48, 0x02, 0x10, 0x02, 0x00, 0x17, 0x00, 0x68, 0x02, 0x14, 0x02, 0x01, 0x0c, 0x00, 0x6d, 0x02, 0x1c, 0x02,
  0x00, 0x3b, 0x00, 0x73, 0x02, 0x20, 0x02, 0x00, 0x3b, 0x00, 0x75, 0x03, 0x00, 0x13, 0x00, 0x00, 0x00, 0x79, 0x03, 0x00, 0x13, 0x01, 0x00,
  0x00, 0x53, 0x04, 0x24, 0x09, 0x00, 0x00, 0x00, 0x45, 0x06, 0x28, 0x04, 0x00, 0x00, 0x00, 0x61, 0x07, 0x18, 0x01, 0x00, 0x00, 0x00, 0x58,
  0x08, 0x2c, 0x05, 0x00, 0x00, 0x00, 0x78, 0x09, 0x2c, 0x05, 0x00, 0x00, 0x00, 0x5a, 0x09, 0x2c, 0x03, 0x00, 0x00, 0x00, 0x5a, 0x08, 0x2c,
  0x05, 0x00, 0x00, 0x00,
]);
const LETTERS_END: usize = LETTERS + 119;
const LETTER_BYTES: usize = 7;

/** Adds the step for a letter that comes `count` times; returns whether there is one, and the part is not there yet. */
function addLetters(letter: u32, count: u32): bool {
  let row = LETTERS;
  while (load<u8>(row) !== letter || count > load<u8>(row, 3)) {
    row += LETTER_BYTES;
    if (row === LETTERS_END) return false;
  }
  const kind: Step = load<u8>(row, 1);
  const step = newPart(kind, load<u8>(row, 2));
  if (step === 0) return false;
  if (kind <= Step.Fraction) return setNumber(step, row, count);
  adjacent = 0;
  // Three letters are the least of a text. Z is xx, and XXXXX five times, but not four.
  const width = kind < Step.OffsetOrZ ? max<u32>(count, 3) : letter === Z && count < 4 ? 2 : count;
  store<u8>(step, <u8>width, WIDTH_MIN);
  return letter !== Z || count !== 4;
}

/** Returns a new step for a part that no step before has, or 0. */
function newPart(kind: Step, part: usize): usize {
  const bit = Mask.of(part);
  if ((partsSeen & bit) !== 0) return 0;
  partsSeen |= bit;
  return newStep(kind, part);
}

/**
 * Gives a number its digits and its range: one letter is for as many digits as there are, more are for at least as many. Two letters are a year of
 * this century; from four on, a year with more digits than letters has a sign.
 */
function setNumber(step: usize, row: usize, count: u32): bool {
  const kind: Step = load<u8>(row, 1);
  const most = <u32>load<u8>(row, 3);
  const least = <i32>load<u8>(row, 4);
  if (kind === Step.Fraction) return setDigits(step, count, count, 0, 0);
  if (kind === Step.Digits) {
    if (HAS_TWO_DIGITS && count === 2 && most === 2) store<u8>(step, Step.TwoDigits);
    return setDigits(step, count, count === 1 ? 19 : most, least, load<u16>(row, 5));
  }
  if (count === 2) {
    if (HAS_TWO_DIGITS) store<u8>(step, Step.TwoDigits);
    return setDigits(step, 2, 2, CENTURY, CENTURY + 99);
  }
  return setDigits(step, count, most, least === 0 ? -YEARS_MAX : least, YEARS_MAX);
}

/**
 * Numbers that touch each other: those of a fixed width, right behind one of any width, have their digits kept for them by it. Nothing could be
 * kept for a second one of any width.
 */
function setDigits(step: usize, widthMin: u32, widthMax: u32, min: i32, max: i32): bool {
  const isFixed = widthMin === widthMax;
  store<u8>(step, <u8>widthMin, WIDTH_MIN);
  store<u8>(step, <u8>widthMax, WIDTH_MAX);
  store<i32>(step, min, MIN);
  store<i32>(step, max, MAX);
  if (adjacent !== 0 && isFixed) {
    store<u8>(adjacent, load<u8>(adjacent, RESERVED) + <u8>widthMax, RESERVED);
    return true;
  }
  if (adjacent !== 0 && load<u8>(adjacent, WIDTH_MIN) !== load<u8>(adjacent, WIDTH_MAX)) return false;
  adjacent = step;
  return true;
}
