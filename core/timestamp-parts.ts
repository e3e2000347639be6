import { CivilDate, SECONDS_A_DAY, daysInMonth, daysOfDate, floorDiv, isLeapYear, weekdayOfDays } from "./calendar.ts";

// What a format reads of a timestamp, one i32 a part at `PARTS + part`. Which parts there are is a mask with bit `part >> 2`. Most formats have
// the same parts in every value, so the mask is the rule's; ISO 8601 has it by value.

export const PARTS: usize = memory.data(48, 16);
export const YEAR: usize = 0;
export const MONTH: usize = 4;
export const DAY: usize = 8;
export const DAY_OF_YEAR: usize = 12;
export const HOUR: usize = 16;
/** 1 to 12. */
export const HOUR_OF_HALF: usize = 20;
/** 0 for AM, 1 for PM. */
export const HALF: usize = 24;
export const MINUTE: usize = 28;
export const SECOND: usize = 32;
export const NANO: usize = 36;
/** 1 for Monday to 7 for Sunday. */
export const WEEKDAY: usize = 40;
/** Seconds east of UTC. */
export const OFFSET: usize = 44;

/** The part of a timestamp that a rule goes by, in the order of the words of `timestamp.field`. */
export enum Field {
  Millisecond,
  Second,
  Minute,
  Hour,
  Day,
  DayOfWeek,
  DayOfYear,
  Month,
  Year,
  EpochSecond,
  EpochMinute,
  EpochHour,
  EpochDay,
}

/** Masks of parts. */
export class Mask {
  /** Returns the bit of a part. */
  @inline
  static of(at: usize): u32 {
    return 1 << ((<u32>at) >> 2);
  }

  /** Returns whether a part is in a mask. */
  @inline
  static has(mask: u32, at: usize): bool {
    return (mask & Mask.of(at)) !== 0;
  }
}

export function part(at: usize): i32 {
  return load<i32>(PARTS + at);
}

export function setPart(at: usize, value: i32): void {
  store<i32>(PARTS + at, value);
}

export function hasHour(mask: u32): bool {
  return Mask.has(mask, HOUR) || (Mask.has(mask, HOUR_OF_HALF) && Mask.has(mask, HALF));
}

export function hasDate(mask: u32): bool {
  return Mask.has(mask, YEAR) && (Mask.has(mask, DAY_OF_YEAR) || (Mask.has(mask, MONTH) && Mask.has(mask, DAY)));
}

/** The part that is a field when it is there, in the order of `Field`; those of the epoch have none. */
const FIELD_PARTS: usize = memory.data<u8>([36, 32, 28, 16, 8, 40, 12, 4, 0]);

function partNamed(field: Field): usize {
  return <usize>load<u8>(FIELD_PARTS + <usize>field);
}

/** Returns whether a timestamp with these parts has the field. Nothing is made up: a time without seconds has no second. */
export function hasField(mask: u32, field: Field): bool {
  // With an offset, every field depends on the others: what is 23:30 here is 00:30 on the next day elsewhere.
  if (Mask.has(mask, OFFSET) && !(hasDate(mask) && hasHour(mask) && Mask.has(mask, MINUTE))) return false;
  if (field <= Field.Year && Mask.has(mask, partNamed(field))) return true;
  if (field === Field.Hour) return hasHour(mask);
  if (field < Field.Day || field === Field.Year || !hasDate(mask)) return false;
  // A date has the others of a day; the units of the epoch need what they count.
  if (field <= Field.Month || field === Field.EpochDay) return true;
  if (!hasHour(mask) || field === Field.EpochHour) return hasHour(mask);
  return Mask.has(mask, MINUTE) && (field === Field.EpochMinute || Mask.has(mask, SECOND));
}

/** Returns the part that is the field as it stands, or -1 when it has to be computed. */
export function partOfField(mask: u32, field: Field): i32 {
  if (Mask.has(mask, OFFSET) || field === Field.Millisecond || field > Field.Year) return -1;
  return Mask.has(mask, partNamed(field)) ? <i32>partNamed(field) : -1;
}

/** Returns the part that contradicts the others (there is no 30 February, and one day has one weekday), or -1 when there is none. */
export function contradiction(mask: u32): i32 {
  const hasYear = Mask.has(mask, YEAR);
  if (Mask.has(mask, MONTH) && Mask.has(mask, DAY)) {
    // Without a year, what a leap year has may be.
    if (part(DAY) > daysInMonth(hasYear ? part(YEAR) : 2000, part(MONTH))) return <i32>DAY;
  }
  if (!hasYear) return -1;
  if (Mask.has(mask, DAY_OF_YEAR)) {
    if (part(DAY_OF_YEAR) > 365 + i32(isLeapYear(part(YEAR)))) return <i32>DAY_OF_YEAR;
    CivilDate.ofDays(days(mask));
    if (Mask.has(mask, MONTH) && part(MONTH) !== CivilDate.month) return <i32>DAY_OF_YEAR;
    if (Mask.has(mask, DAY) && part(DAY) !== CivilDate.day) return <i32>DAY_OF_YEAR;
  }
  if (Mask.has(mask, WEEKDAY) && hasDate(mask) && weekdayOfDays(days(mask)) !== part(WEEKDAY)) return <i32>WEEKDAY;
  return -1;
}

/** Returns the days from 1970-01-01 to the date, which is there. */
function days(mask: u32): i64 {
  if (Mask.has(mask, DAY_OF_YEAR)) return daysOfDate(part(YEAR), 1, 1) + <i64>part(DAY_OF_YEAR) - 1;
  return daysOfDate(part(YEAR), part(MONTH), part(DAY));
}

function partOr(mask: u32, at: usize, otherwise: i32): i32 {
  return Mask.has(mask, at) ? part(at) : otherwise;
}

function hour(mask: u32): i32 {
  return Mask.has(mask, HOUR) ? part(HOUR) : (part(HOUR_OF_HALF) % 12) + 12 * part(HALF);
}

/** Returns a field of the timestamp in `PARTS`, as it is in a zone so many seconds east of UTC. The timestamp has the field. */
export function fieldOfParts(mask: u32, field: Field, zone: i32): i64 {
  const minute = partOr(mask, MINUTE, 0);
  const second = partOr(mask, SECOND, 0);
  const nano = partOr(mask, NANO, 0);
  const secondOfDay = (hasHour(mask) ? hour(mask) : 0) * 3600 + minute * 60 + second;
  // A timestamp without an offset is one of the zone.
  const east = partOr(mask, OFFSET, zone);
  // Without a date there are only fields of the day, and the parts that `partOfField` finds.
  const daysBefore = hasDate(mask) ? days(mask) : 0;
  return fieldOfInstant(daysBefore * SECONDS_A_DAY + <i64>(secondOfDay - east), nano, field, zone);
}

/** Returns a field of the instant so many seconds and nanoseconds after 1970-01-01T00:00:00Z, as it is in a zone. */
export function fieldOfInstant(epochSecond: i64, nano: i32, field: Field, zone: i32): i64 {
  if (field === Field.EpochSecond) return epochSecond;
  if (field === Field.EpochMinute) return floorDiv(epochSecond, 60);
  if (field === Field.EpochHour) return floorDiv(epochSecond, 3600);
  if (field === Field.EpochDay) return floorDiv(epochSecond + <i64>zone, SECONDS_A_DAY);
  if (field === Field.Millisecond) return <i64>(nano / 1000000);
  const local = epochSecond + <i64>zone;
  const localDays = floorDiv(local, SECONDS_A_DAY);
  const secondOfDay = <i32>(local - localDays * SECONDS_A_DAY);
  if (field === Field.Second) return <i64>(secondOfDay % 60);
  if (field === Field.Minute) return <i64>((secondOfDay / 60) % 60);
  if (field === Field.Hour) return <i64>(secondOfDay / 3600);
  if (field === Field.DayOfWeek) return <i64>weekdayOfDays(localDays);
  CivilDate.ofDays(localDays);
  if (field === Field.Day) return <i64>CivilDate.day;
  if (field === Field.Month) return <i64>CivilDate.month;
  if (field === Field.Year) return <i64>CivilDate.year;
  return localDays - daysOfDate(CivilDate.year, 1, 1) + 1;
}
