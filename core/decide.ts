import { LastDigit } from "./last-digit.ts";
import { outputStruct } from "./memory.ts";
import { isTimestampRule } from "./rule-name.ts";
import { Reason } from "./status.ts";
import { faultOfTimestamp, reasonOfTimestamp } from "./timestamp-parse.ts";
import { placeOfTimestamp } from "./timestamp-rule.ts";

/** For `placeOf`: the record has no timestamp, or there is no record. */
export const NO_TIMESTAMP: i64 = -1;

let reason: Reason;
let byteOffset: u32 = 0;

/**
 * Returns the output struct of a value by the rule, whichever it is; 0 when it has no place, and `reasonOfPlace` and `faultOfPlace` say why. For
 * loops whose speed matters there is one for each rule instead.
 */
export function placeOf(value: usize, end: usize, timestamp: i64): usize {
  if (isTimestampRule()) {
    const output = placeOfTimestamp(value, end, timestamp);
    reason = reasonOfTimestamp();
    byteOffset = <u32>(faultOfTimestamp() - value);
    return output;
  }
  const digit = LastDigit.of(end);
  if (value !== end && digit <= 9) return outputStruct(LastDigit.output(digit));
  reason = value === end ? Reason.Empty : Reason.NotADigit;
  byteOffset = value === end ? 0 : <u32>(end - value) - 1;
  return 0;
}

/** Returns why the last value had no place. */
export function reasonOfPlace(): Reason {
  return reason;
}

/** Returns the byte of the last value without a place at which its fault lies. */
export function faultOfPlace(): u32 {
  return byteOffset;
}
