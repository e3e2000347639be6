import { Framing, delimiter, findDelimiter, framing } from "./framing.ts";
import { CURSOR, UNROUTABLE_SINK, sinkStruct } from "./layout.ts";

// A record that is too long is passed over, block by block: it is never in memory as a whole.

let passing: bool = false;
/** Bytes that are still to be passed over, where that is known. */
let bytesLeft: u64 = 0;

/** Returns whether the input is in the middle of a record that is too long. */
export function isPassing(): bool {
  return passing;
}

/** Begins to pass over a record: up to its delimiter, or as many bytes as are given. */
export function beginPassing(bytes: u64): void {
  passing = true;
  bytesLeft = bytes;
}

/** Passes over bytes of the record, up to `end` at most; returns the address behind them. With `keeps` they go to the sink of unroutable records. */
export function pass(from: usize, end: usize, isLast: bool, keeps: bool): usize {
  const known = framing === Framing.Length;
  const recordEnd = known ? from + <usize>min(bytesLeft, <u64>(end - from)) : findDelimiter(from, end);
  const length = recordEnd - from;
  const sink = sinkStruct(UNROUTABLE_SINK);
  if (keeps) {
    const at = <usize>load<u32>(sink, CURSOR);
    memory.copy(at, from, length);
    store<u32>(sink, <u32>(at + length), CURSOR);
  }
  if (known) {
    bytesLeft -= length;
    passing = bytesLeft !== 0;
    return recordEnd;
  }
  if (recordEnd === end && !isLast) return end;
  passing = false;
  if (keeps) {
    const at = <usize>load<u32>(sink, CURSOR);
    store<u8>(at, delimiter());
    store<u32>(sink, <u32>at + 1, CURSOR);
  }
  return recordEnd === end ? end : recordEnd + 1;
}
