import { bytesEqual } from "./bytes.ts";
import { LastDigit } from "./last-digit.ts";
import { failAt, outputsOfRule } from "./rule-values.ts";
import { Status } from "./status.ts";

// Which of the rules it is. A linking host that has room for one of them only does without this file.

/** "timestamp" */
const TIMESTAMP: usize = memory.data<u8>([0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70]);

let isTimestamp: bool = false;

/** Begins anew: the rule is last-digit unless it is named. */
export function beginName(): void {
  isTimestamp = false;
}

/** Takes the name of the rule. */
export function parseName(value: usize, valueEnd: usize): Status {
  isTimestamp = valueEnd - value === 9 && bytesEqual(value, TIMESTAMP, 9);
  return isTimestamp || LastDigit.isNamed(value, valueEnd) ? Status.Ok : failAt(value, Status.RuleUnknownRule);
}

/** Returns whether the rule is `timestamp`; else it is `last-digit`. */
export function isTimestampRule(): bool {
  return isTimestamp;
}

/** Makes the rule `timestamp`, or `last-digit` again, without its name. */
export function resumeName(timestamp: bool): void {
  isTimestamp = timestamp;
}

/** Returns whether the rule can do with as many outputs as there are. */
export function outputsSuffice(): bool {
  return LastDigit.suits(outputsOfRule()) || (isTimestamp && outputsOfRule() > 2);
}
