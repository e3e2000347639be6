/** Mutants of the decision, and of the timestamp rule. */
import { mutantsOf } from "./core-file.ts";
import type { Mutant } from "./mutant.ts";

const DECIDE = mutantsOf(
  "decide",
  ["values", "unroutable"],
  [
    ["a colon is a digit in a long value", "digit <= 9", "digit <= 10"],
    ["an empty value is routed by the byte before it", "value !== end && digit", "digit"],
    ["an empty value is not a digit", "value === end ? Reason.Empty : Reason.NotADigit", "Reason.NotADigit"],
    ["a value's fault lies behind it", "<u32>(end - value) - 1", "<u32>(end - value)"],
  ],
);

const NAME = mutantsOf(
  "rule-name",
  ["rule", "timestamps"],
  [
    ["the last-digit rule can do with three outputs", "(isTimestamp && outputsOfRule() > 2)", "outputsOfRule() > 2"],
    [
      "a rule remembers that the one before was the timestamp rule",
      "export function beginName(): void {\n  isTimestamp = false;",
      "export function beginName(): void {",
    ],
  ],
);

const RULE = mutantsOf(
  "rule",
  ["timestamps"],
  [
    [
      "keys of the timestamp rule are nothing to the last-digit rule",
      "  if (!isTimestampRule()) return failAt(line, Status.RuleUnknownKey);",
      "",
    ],
    ["a field that the format does not have is let pass", "!isTimestampRule() || fieldIsThere()", "true"],
    ["a rule remembers the timestamps of the one before", "  beginTimestampRule();", ""],
  ],
);

const ROOM = mutantsOf(
  "memory",
  ["timestamps"],
  [["outputs without an arena are written to", "outputsReserved === 0 || outputs <= outputsReserved", "true"]],
);

const TIMESTAMP_RULE = mutantsOf(
  "timestamp-rule",
  ["timestamps", "java"],
  [
    ["a number before 1970 is rounded towards it", "floorDiv(number, divide)", "number / divide"],
    ["the modulo of a number before 1970 is negative", "floorMod(quotient, outputs)", "quotient % outputs"],
    ["a table's greatest number is not in its range", "quotient <= load<i64>(range, GREATEST)", "quotient < load<i64>(range, GREATEST)"],
    ["ranges may overlap", "least <= load<i64>(range, GREATEST) && greatest >= load<i64>(range)", "false"],
    ["a range may be turned round", "|| greatest < least", ""],
    ["a division by nothing is let pass", "divide < 1 ||", "divide < 0 ||"],
    ["a record without a timestamp is of 1969", "if (timestamp < 0)", "if (timestamp < -1)"],
    ["ISO 8601 without the field has it", "if (!hasField(parts, field))", "if (false)"],
    ["contradictions are let pass", "if (odd >= 0)", "if (odd >= 100)"],
  ],
);

const PARTS = mutantsOf(
  "timestamp-parts",
  ["timestamps", "java"],
  [
    ["an offset is of no consequence", "Mask.has(mask, OFFSET) || field === Field.Millisecond", "field === Field.Millisecond"],
    ["a weekday may be another than the date's", "!== part(WEEKDAY)", "=== 0"],
    ["a day of the year may be another than the date's", "part(DAY) !== CivilDate.day", "false"],
    ["30 February is there where no year is", "hasYear ? part(YEAR) : 2000, part(MONTH)", "2000, 1"],
  ],
);

const CALENDAR = mutantsOf(
  "calendar",
  ["timestamps", "java"],
  [
    ["1900 is a leap year", "(year % 100 !== 0 || year % 400 === 0)", "true"],
    ["August has 30 days", "month ^ (month >> 3)", "month"],
    ["the week begins on Sunday", "floorMod(days + 3, 7)", "floorMod(days + 4, 7)"],
    ["days before 1970 are rounded towards it", "quotient - i64(dividend < quotient * divisor)", "quotient"],
  ],
);

const PARSE = mutantsOf(
  "timestamp-parse",
  ["timestamps", "java"],
  [
    ["what follows a timestamp is let pass", "return at === end || (at !== 0 && failAt(at));", "return at !== 0;"],
    ["offsets go up to a day", "total > OFFSET_MAX", "total > 86400"],
    ["a number of 64 bits and more is let pass", " && number <= <u64>i64.MAX_VALUE", ""],
  ],
);

const FORMAT = mutantsOf("timestamp-format", ["timestamps", "java"], [["optional sections are taken for text", "byte === 0x5b ||", ""]]);

/** All of them. */
export const TIMESTAMP_MUTANTS: readonly Mutant[] = [
  ...DECIDE,
  ...NAME,
  ...RULE,
  ...ROOM,
  ...TIMESTAMP_RULE,
  ...PARTS,
  ...CALENDAR,
  ...PARSE,
  ...FORMAT,
];
