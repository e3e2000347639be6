import { Reason as RuleReason } from "../../../core/status.ts";

/**
 * Why a record is unroutable: the rule's reasons, by their numbers in the core, and one of our own. Those of records that are null, or have a
 * timestamp of their own, can't come up here. Exported from the binary as globals.
 */
export enum Reason {
  /** It has more bytes than `RECORD_BYTES_MAX`. The core's numbers begin with 1. */
  TooLong = 0,
  Empty = RuleReason.Empty,
  NotADigit = RuleReason.NotADigit,
  NotATimestamp = RuleReason.NotATimestamp,
  NoSuchTime = RuleReason.NoSuchTime,
  NoField = RuleReason.NoField,
  NotInTable = RuleReason.NotInTable,
}

/**
 * The first refusals of a call; all are counted.
 *
 *     0 u32 index        of the record among those of the call
 *     4 u32 offset       of the record in the input, its length field included
 *     8 u32 reason
 *    12 u32 byteOffset   where in the value that shows, as the core says; 0 for one that is too long
 */
export const REFUSALS: usize = memory.data(256, 8);
const REFUSALS_MAX: u32 = 16;
/** One u32 a reason. */
const COUNTS: usize = memory.data(32, 4);
const COUNTS_BYTES: usize = 32;

let count: u32 = 0;

/** Returns how many refusals are listed. */
export function refusalsListed(): u32 {
  return min(count, REFUSALS_MAX);
}

/** Returns how many records were refused for a reason. */
export function refusedFor(reason: Reason): u32 {
  return load<u32>(COUNTS + ((<usize>reason) << 2));
}

/** Returns how many records were refused. */
export function recordsRefused(): u32 {
  return count;
}

/** Forgets all refusals. */
export function clearRefusals(): void {
  count = 0;
  memory.fill(COUNTS, 0, COUNTS_BYTES);
}

/** Lists and counts a refusal. */
export function noteRefusal(index: u32, offset: u32, reason: Reason, byteOffset: u32): void {
  const counter = COUNTS + ((<usize>reason) << 2);
  store<u32>(counter, load<u32>(counter) + 1);
  if (count < REFUSALS_MAX) {
    const entry = REFUSALS + ((<usize>count) << 4);
    store<u32>(entry, index);
    store<u32>(entry, offset, 4);
    store<u32>(entry, <u32>reason, 8);
    store<u32>(entry, byteOffset, 12);
  }
  count++;
}
