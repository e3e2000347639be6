import { recordsReserved, unroutableTable } from "./memory.ts";
import { Reason } from "./status.ts";

// The unroutable table: what the last call could not route, in input order.
//
//     0 u32 position       index of the value, or offset delta of the record
//     4 u32 reason
//     8 u32 byteOffset     where in the value the fault lies
//    12 u32 recordOffset   where in its batch the record begins; 0 for a value

let count: u32 = 0;

/** Returns the entries of the table. */
export function unroutableEntries(): u32 {
  return count;
}

export function clearUnroutable(): void {
  count = 0;
}

/** Adds an entry; returns false when the table is full. */
export function noteUnroutable(position: u32, reason: Reason, byteOffset: u32, recordOffset: u32): bool {
  if (count === recordsReserved) return false;
  const entry = unroutableTable + ((<usize>count) << 4);
  store<u32>(entry, position);
  store<u32>(entry, reason, 4);
  store<u32>(entry, byteOffset, 8);
  store<u32>(entry, recordOffset, 12);
  count++;
  return true;
}
