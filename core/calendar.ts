// The proleptic Gregorian calendar, as ISO 8601 has it: year 0 comes before year 1. Days are counted from 1970-01-01.

export const SECONDS_A_DAY: i64 = 86400;

/** Days in 400 years, after which the calendar repeats. */
const ERA_DAYS: i64 = 146097;
/** Days from 0000-03-01 to 1970-01-01. A year that begins in March has its leap day at its end, so that months need no table. */
const MARCH_0000: i64 = 719468;

/** Returns the quotient, rounded towards negative infinity; the divisor is positive. */
export function floorDiv(dividend: i64, divisor: i64): i64 {
  const quotient = dividend / divisor;
  return quotient - i64(dividend < quotient * divisor);
}

/** Returns what is left of `floorDiv`: from 0 up to the divisor. */
export function floorMod(dividend: i64, divisor: i64): i64 {
  const rest = dividend % divisor;
  return rest < 0 ? rest + divisor : rest;
}

export function isLeapYear(year: i32): bool {
  return (year & 3) === 0 && (year % 100 !== 0 || year % 400 === 0);
}

/** Returns the days of a month from 1 to 12. */
export function daysInMonth(year: i32, month: i32): i32 {
  if (month === 2) return 28 + i32(isLeapYear(year));
  // 31 days in the odd months up to July, and in the even ones from August on.
  return 30 | ((month ^ (month >> 3)) & 1);
}

/** Returns the days from 1970-01-01 to a date (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms", days_from_civil). */
export function daysOfDate(year: i32, month: i32, day: i32): i64 {
  const marchYear = <i64>year - i64(month <= 2);
  const era = floorDiv(marchYear, 400);
  const yearOfEra = <i32>(marchYear - era * 400);
  const marchMonth = (month + 9) % 12;
  const dayOfYear = (153 * marchMonth + 2) / 5 + day - 1;
  const dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear;
  return era * ERA_DAYS + <i64>dayOfEra - MARCH_0000;
}

/** A date as its parts, for who needs more than one of them. The same source's civil_from_days. */
export class CivilDate {
  static year: i32 = 0;
  static month: i32 = 0;
  static day: i32 = 0;

  /** Takes the date that is so many days after 1970-01-01. */
  static ofDays(days: i64): void {
    const shifted = days + MARCH_0000;
    const era = floorDiv(shifted, ERA_DAYS);
    const dayOfEra = <i32>(shifted - era * ERA_DAYS);
    const yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
    const dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    const marchMonth = (5 * dayOfYear + 2) / 153;
    CivilDate.day = dayOfYear - (153 * marchMonth + 2) / 5 + 1;
    CivilDate.month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
    CivilDate.year = <i32>(era * 400) + yearOfEra + i32(CivilDate.month <= 2);
  }
}

/** Returns the day of the week, from 1 for Monday to 7 for Sunday. 1970-01-01 was a Thursday. */
export function weekdayOfDays(days: i64): i32 {
  return <i32>floorMod(days + 3, 7) + 1;
}
