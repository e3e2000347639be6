import { unroutableTable } from "../../../core/memory.ts";
import { unroutableEntries } from "../../../core/unroutable.ts";

// Results, for the caller to take before the next call. In the canonical ABI a list is its address and its length, an enum is a byte, and a
// result has its tag before what it holds: 0, or 1 for an error.

/** Where a call writes its result: at most 40 bytes. */
export const RESULT: usize = memory.data(40, 8);

/** Writes a list of `length` elements at `address` to `at`. */
export function writeList(at: usize, address: usize, length: u32): void {
  store<u32>(at, <u32>address);
  store<u32>(at, length, 4);
}

/**
 * Writes the list of what is unroutable to `at`: the core's own table, whose entries are laid out as the WIT's records are.
 *
 *      0 u32 position
 *      4 u8  reason         1 less than the core's
 *      8 u32 byteOffset
 *     12 u32 recordOffset
 */
export function writeUnroutable(at: usize): void {
  const count = unroutableEntries();
  for (let index: u32 = 0; index < count; index++) {
    const reason = unroutableTable + ((<usize>index) << 4) + 4;
    store<u8>(reason, load<u8>(reason) - 1);
  }
  writeList(at, unroutableTable, count);
}

/** Writes an error, of which the result has the case `payloadAt` bytes behind the tag, and returns the result. */
export function failWith(errorCase: u32, payloadAt: usize): usize {
  store<u8>(RESULT, 1);
  store<u8>(RESULT + payloadAt, errorCase);
  return RESULT;
}
