import { PREFIX_BYTES_MAX, SLACK_BYTES } from "../../../core/limits.ts";
import { layOutArenas } from "../../../core/memory.ts";
import { outputsOfRule } from "../../../core/rule-values.ts";
import { Status } from "../../../core/status.ts";

// The arguments of a call lie end to end from `__heap_base` on, and the core's arenas behind them. All of it is free again when the caller has
// taken the result. What outlives a call lies elsewhere, so no allocator is needed, and nothing leaks.

let free: usize = __heap_base;

/** Room behind the last argument: a single value grows by its prefix where it lies. It is more than the core may read past a value. */
const BEHIND_BYTES: u32 = PREFIX_BYTES_MAX;

/** Gives the caller room for an argument, or other room for one whose size it did not know. */
export function cabi_realloc(old: usize, oldBytes: usize, align: usize, bytes: usize): usize {
  const isLast = oldBytes !== 0 && old + oldBytes === free;
  const block = isLast ? old : (free + align - 1) & ~(align - 1);
  growMemory(<u64>block + bytes + BEHIND_BYTES);
  free = block + bytes;
  if (!isLast) memory.copy(block, old, min(oldBytes, bytes));
  return block;
}

/** Makes sure that addresses below `end` are there. That they can't be is nothing that the caller could be told. */
function growMemory(end: u64): void {
  const pagesMissing = <i32>((end + 65535) >> 16) - memory.size();
  if (pagesMissing > 0 && memory.grow(pagesMissing) < 0) {
    // There are hosts that go on with an instance that trapped; the call's other arguments are of no use any more.
    free = __heap_base;
    unreachable();
  }
}

/** Makes an argument the core's input, and lays the core's arenas out behind all arguments. */
export function layOut(input: usize, inputBytes: u32, outputBytes: u32, records: u32): Status {
  // An empty list may be anywhere, also where there is no byte before it.
  return layOutArenas(inputBytes === 0 ? free : input, inputBytes, <u64>free + SLACK_BYTES, outputBytes, records, outputsOfRule());
}

/** Ends a call: its result has been taken. */
export function endCall(_result: usize): void {
  free = __heap_base;
}
