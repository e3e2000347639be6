import { floorDiv, floorMod } from "./calendar.ts";
import { outputStruct } from "./memory.ts";
import { failAt, find, indexOfOutput, indexOfWord, outputsOfRule } from "./rule-values.ts";
import { Reason, Status } from "./status.ts";
import { FORMAT_COPY_BYTES, compileFormat, loadFormat, partsOfFormat, saveFormat } from "./timestamp-format.ts";
import { partsOfIso, readIso, readIsoOffset } from "./timestamp-iso.ts";
import { failAs, readByFormat, readNumber, startOfPart } from "./timestamp-parse.ts";
import { Field, OFFSET, contradiction, fieldOfInstant, fieldOfParts, hasField, part, partOfField } from "./timestamp-parts.ts";

// The timestamp rule: read the value (or take the record's own timestamp), take one field of it, divide it, and pick an output by the
// remainder, or by a table of ranges. The values of its keys, each from `value` up to `valueEnd`:
//
//     timestamp.format   a pattern, or one of `FORMATS`
//     timestamp.field    one of `FIELDS`
//     timestamp.zone     `Z`, or an offset such as `+01:00`
//     timestamp.divide   1 to 2^31 - 1
//     timestamp.source   `value`, `record`
//     table              `0-11:even,12-23:odd`, `7:sunday`

const COMMA: u8 = 0x2c;
const COLON: u8 = 0x3a;
const DASH: u8 = 0x2d;

/**
 * In one piece of data "MM/dd/yy HH:mm:ss", "iso-8601,epoch-seconds,epoch-millis,epoch-micros,epoch-nanos" in the order of
 * `Format`, "millisecond,second,minute,hour,day,day-of-week,day-of-year,month,year,epoch-second,epoch-minute,epoch-hour,epoch-day" in that of
 * `Field`, and "value,record".
 */
const DEFAULT_FORMAT: usize = memory.data<u8>([
  0x4d, 0x4d, 0x2f, 0x64, 0x64, 0x2f, 0x79, 0x79, 0x20, 0x48, 0x48, 0x3a, 0x6d, 0x6d, 0x3a, 0x73, 0x73, 0x69, 0x73, 0x6f, 0x2d, 0x38, 0x36,
  0x30, 0x31, 0x2c, 0x65, 0x70, 0x6f, 0x63, 0x68, 0x2d, 0x73, 0x65, 0x63, 0x6f, 0x6e, 0x64, 0x73, 0x2c, 0x65, 0x70, 0x6f, 0x63, 0x68, 0x2d,
  0x6d, 0x69, 0x6c, 0x6c, 0x69, 0x73, 0x2c, 0x65, 0x70, 0x6f, 0x63, 0x68, 0x2d, 0x6d, 0x69, 0x63, 0x72, 0x6f, 0x73, 0x2c, 0x65, 0x70, 0x6f,
  0x63, 0x68, 0x2d, 0x6e, 0x61, 0x6e, 0x6f, 0x73, 0x6d, 0x69, 0x6c, 0x6c, 0x69, 0x73, 0x65, 0x63, 0x6f, 0x6e, 0x64, 0x2c, 0x73, 0x65, 0x63,
  0x6f, 0x6e, 0x64, 0x2c, 0x6d, 0x69, 0x6e, 0x75, 0x74, 0x65, 0x2c, 0x68, 0x6f, 0x75, 0x72, 0x2c, 0x64, 0x61, 0x79, 0x2c, 0x64, 0x61, 0x79,
  0x2d, 0x6f, 0x66, 0x2d, 0x77, 0x65, 0x65, 0x6b, 0x2c, 0x64, 0x61, 0x79, 0x2d, 0x6f, 0x66, 0x2d, 0x79, 0x65, 0x61, 0x72, 0x2c, 0x6d, 0x6f,
  0x6e, 0x74, 0x68, 0x2c, 0x79, 0x65, 0x61, 0x72, 0x2c, 0x65, 0x70, 0x6f, 0x63, 0x68, 0x2d, 0x73, 0x65, 0x63, 0x6f, 0x6e, 0x64, 0x2c, 0x65,
  0x70, 0x6f, 0x63, 0x68, 0x2d, 0x6d, 0x69, 0x6e, 0x75, 0x74, 0x65, 0x2c, 0x65, 0x70, 0x6f, 0x63, 0x68, 0x2d, 0x68, 0x6f, 0x75, 0x72, 0x2c,
  0x65, 0x70, 0x6f, 0x63, 0x68, 0x2d, 0x64, 0x61, 0x79, 0x76, 0x61, 0x6c, 0x75, 0x65, 0x2c, 0x72, 0x65, 0x63, 0x6f, 0x72, 0x64,
]);
const FORMATS: usize = DEFAULT_FORMAT + 17;
const FIELDS: usize = FORMATS + 60;
const SOURCES: usize = FIELDS + 116;

/** How a value is read; from `Seconds` on, each has a thousand times the units of the one before. */
enum Format {
  Pattern = -1,
  Iso,
  Seconds,
  Millis,
  Micros,
  Nanos,
}

/** One range of the table: i64 least and i64 greatest number, u32 output struct. */
const TABLE: usize = memory.data(1536, 8);
const RANGE_BYTES: usize = 24;
const RANGES_MAX: usize = 64;
const GREATEST: usize = 8;
const RANGE_OUTPUT: usize = 16;

/** Farthest instants from 1970 that a year of nine digits has (java.time.Instant). */
const SECONDS_MIN: i64 = -31557014167219200;
const SECONDS_MAX: i64 = 31556889864403199;

let format: Format = 0;
let field: Field = 0;
let zone: i32 = 0;
let divide: i64 = 0;
let isOfRecord: bool = false;
let tableEnd: usize = 0;
/** The part of the format that is the field as it stands, or -1. */
let direct: i32 = 0;

/** Begins the rule anew: the second of the original's format, no table. */
export function beginTimestampRule(): void {
  format = Format.Pattern;
  field = Field.Second;
  zone = 0;
  divide = 1;
  isOfRecord = false;
  tableEnd = TABLE;
  compileFormat(DEFAULT_FORMAT, DEFAULT_FORMAT + 17);
}

export function parseFormat(value: usize, valueEnd: usize): Status {
  format = indexOfWord(FORMATS, FORMATS + 60, value, <u32>(valueEnd - value));
  if (format !== Format.Pattern) return Status.Ok;
  const fault = compileFormat(value, valueEnd);
  return fault === valueEnd && value < valueEnd ? Status.Ok : failAt(fault, Status.RuleBadFormat);
}

export function parseField(value: usize, valueEnd: usize): Status {
  const index = indexOfWord(FIELDS, FIELDS + 116, value, <u32>(valueEnd - value));
  field = index;
  return index < 0 ? failAt(value, Status.RuleBadField) : Status.Ok;
}

export function parseSource(value: usize, valueEnd: usize): Status {
  const index = indexOfWord(SOURCES, SOURCES + 12, value, <u32>(valueEnd - value));
  isOfRecord = index === 1;
  return index < 0 ? failAt(value, Status.RuleBadValue) : Status.Ok;
}

/** Takes `Z`, `+HH`, `+HHMM` or `+HH:MM`. */
export function parseZone(value: usize, valueEnd: usize): Status {
  if (!readIsoOffset(value, valueEnd)) return failAt(value, Status.RuleBadZone);
  zone = part(OFFSET);
  return Status.Ok;
}

export function parseDivide(value: usize, valueEnd: usize): Status {
  divide = readNumber(value, valueEnd);
  return divide < 1 || divide > <i64>i32.MAX_VALUE ? failAt(value, Status.RuleBadValue) : Status.Ok;
}

/** Takes ranges of numbers and the output of each. Ranges do not overlap, and the outputs are known. */
export function parseTable(value: usize, valueEnd: usize): Status {
  tableEnd = TABLE;
  for (let entry = value; entry <= valueEnd;) {
    const entryEnd = find(COMMA, entry, valueEnd);
    if (tableEnd === TABLE + RANGES_MAX * RANGE_BYTES || !addRange(entry, entryEnd)) return failAt(entry, Status.RuleBadTable);
    entry = entryEnd + 1;
  }
  return Status.Ok;
}

function addRange(entry: usize, entryEnd: usize): bool {
  const colon = find(COLON, entry, entryEnd);
  if (colon === entryEnd) return false;
  // The first byte may be a minus.
  const dash = find(DASH, min(entry + 1, colon), colon);
  const least = readNumber(entry, dash);
  const greatest = dash === colon ? least : readNumber(dash + 1, colon);
  if (least === i64.MIN_VALUE || greatest < least) return false;
  for (let range = TABLE; range < tableEnd; range += RANGE_BYTES) {
    if (least <= load<i64>(range, GREATEST) && greatest >= load<i64>(range)) return false;
  }
  const index = indexOfOutput(colon + 1, <u32>(entryEnd - colon - 1), outputsOfRule());
  if (index === outputsOfRule()) return false;
  store<i64>(tableEnd, least);
  store<i64>(tableEnd, greatest, GREATEST);
  store<u32>(tableEnd, <u32>outputStruct(index), RANGE_OUTPUT);
  tableEnd += RANGE_BYTES;
  return true;
}

/** Ends the parsing: returns whether every value of the format has the field. Those of ISO 8601 may have it. */
export function fieldIsThere(): bool {
  direct = -1;
  if (isOfRecord || format !== Format.Pattern) return true;
  const parts = partsOfFormat();
  direct = partOfField(parts, field);
  return hasField(parts, field);
}

/**
 * Bytes of a copy of the rule:
 *
 *      0 i64 divide
 *      8 i32 format
 *     12 i32 field
 *     16 i32 zone
 *     20 i32 direct
 *     24 u32 isOfRecord
 *     28 u32 bytes of the table
 *     32 the table
 *   1568 the format, only where it is a pattern
 */
export const TIMESTAMP_RULE_COPY_BYTES: usize = 32 + RANGES_MAX * RANGE_BYTES + FORMAT_COPY_BYTES;
const TABLE_COPY: usize = 32;
const FORMAT_COPY: usize = TABLE_COPY + RANGES_MAX * RANGE_BYTES;

/** Writes a copy of the rule to `copy`. */
export function saveTimestampRule(copy: usize): void {
  store<i64>(copy, divide);
  store<i32>(copy, format, 8);
  store<i32>(copy, field, 12);
  store<i32>(copy, zone, 16);
  store<i32>(copy, direct, 20);
  store<u32>(copy, u32(isOfRecord), 24);
  store<u32>(copy, <u32>(tableEnd - TABLE), 28);
  memory.copy(copy + TABLE_COPY, TABLE, tableEnd - TABLE);
  if (format === Format.Pattern) saveFormat(copy + FORMAT_COPY);
}

/** Takes the rule of a copy. */
export function loadTimestampRule(copy: usize): void {
  divide = load<i64>(copy);
  format = load<i32>(copy, 8);
  field = load<i32>(copy, 12);
  zone = load<i32>(copy, 16);
  direct = load<i32>(copy, 20);
  isOfRecord = load<u32>(copy, 24) !== 0;
  tableEnd = TABLE + <usize>load<u32>(copy, 28);
  memory.copy(TABLE, copy + TABLE_COPY, tableEnd - TABLE);
  if (format === Format.Pattern) loadFormat(copy + FORMAT_COPY);
}

/**
 * Returns the output struct of a value, or of its record's timestamp in milliseconds; 0 when there is none, and `reasonOfTimestamp` and
 * `faultOfTimestamp` say why.
 */
export function placeOfTimestamp(value: usize, end: usize, timestamp: i64): usize {
  if (isOfRecord) {
    // Kafka has -1 for none.
    if (timestamp < 0) return without(Reason.NoTimestamp, value);
    return placeOfNumber(numberOfEpoch(timestamp, 1000), value);
  }
  if (value === end) return without(Reason.Empty, value);
  if (format === Format.Pattern) {
    if (!readByFormat(value, end)) return 0;
    const parts = partsOfFormat();
    const odd = contradiction(parts);
    if (odd >= 0) return without(Reason.NoSuchTime, startOfPart(value, end, odd));
    return placeOfNumber(direct >= 0 ? <i64>part(direct) : fieldOfParts(parts, field, zone), value);
  }
  if (format === Format.Iso) {
    if (!readIso(value, end)) return 0;
    const parts = partsOfIso();
    if (!hasField(parts, field)) return without(Reason.NoField, end);
    return placeOfNumber(fieldOfParts(parts, field, zone), value);
  }
  const number = readNumber(value, end);
  if (number === i64.MIN_VALUE) return 0;
  const units: i64 = format === Format.Seconds ? 1 : format === Format.Millis ? 1000 : format === Format.Micros ? 1000000 : 1000000000;
  const seconds = floorDiv(number, units);
  if (seconds < SECONDS_MIN || seconds > SECONDS_MAX) return without(Reason.NoSuchTime, value);
  return placeOfNumber(numberOfEpoch(number, units), value);
}

function numberOfEpoch(number: i64, units: i64): i64 {
  const seconds = floorDiv(number, units);
  const nano = <i32>((number - seconds * units) * (1000000000 / units));
  return fieldOfInstant(seconds, nano, field, zone);
}

function placeOfNumber(number: i64, value: usize): usize {
  const quotient = divide === 1 ? number : floorDiv(number, divide);
  if (tableEnd === TABLE) {
    const outputs = <i64>outputsOfRule();
    return outputStruct(<u32>(outputs === 2 ? quotient & 1 : floorMod(quotient, outputs)));
  }
  for (let range = TABLE; range < tableEnd; range += RANGE_BYTES) {
    if (quotient >= load<i64>(range) && quotient <= load<i64>(range, GREATEST)) return <usize>load<u32>(range, RANGE_OUTPUT);
  }
  return without(Reason.NotInTable, value);
}

function without(why: Reason, at: usize): usize {
  failAs(why, at);
  return 0;
}
