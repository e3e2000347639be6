import { CARRIAGE_RETURN, Framing, delimiter, findDelimiter, framing } from "./framing.ts";
import { CURSOR, UNROUTABLE_SINK, sinkStruct } from "./layout.ts";

// A record that is too long is passed over, block by block: it is never in memory as a whole.

let passing: bool = false;
/** Bytes that are still to be passed over, where that is known. */
let bytesLeft: u64 = 0;
/** Whether the last byte that was kept is a carriage return. */
let keptReturn: bool = false;

/** Returns whether the input is in the middle of a record that is too long. */
export function isPassing(): bool {
  return passing;
}

/** Begins to pass over a record: up to its delimiter, or as many bytes as are given. */
export function beginPassing(bytes: u64): void {
  passing = true;
  bytesLeft = bytes;
  keptReturn = false;
}

/** Passes over bytes of the record, up to `end` at most; returns the address behind them. With `keeps` they go to the sink of unroutable records. */
export function pass(from: usize, end: usize, isLast: bool, keeps: bool): usize {
  const known = framing === Framing.Length;
  const recordEnd = known ? from + <usize>min(bytesLeft, <u64>(end - from)) : findDelimiter(from, end);
  const length = recordEnd - from;
  if (keeps) keep(from, length);
  if (known) {
    bytesLeft -= length;
    passing = bytesLeft !== 0;
    return recordEnd;
  }
  const hasEnd = recordEnd !== end;
  if (!hasEnd && !isLast) return end;
  passing = false;
  if (keeps) keepEnd(hasEnd && keptReturn);
  return hasEnd ? recordEnd + 1 : end;
}

function keep(from: usize, length: usize): void {
  if (length === 0) return;
  const sink = sinkStruct(UNROUTABLE_SINK);
  const at = <usize>load<u32>(sink, CURSOR);
  memory.copy(at, from, length);
  store<u32>(sink, <u32>(at + length), CURSOR);
  keptReturn = load<u8>(from + length - 1) === CARRIAGE_RETURN;
}

/** Keeps what ends a record; of a line's end, the carriage return may have been kept before. Without the line feed it was the record's own. */
function keepEnd(hasReturn: bool): void {
  const sink = sinkStruct(UNROUTABLE_SINK);
  let at = <usize>load<u32>(sink, CURSOR);
  if (framing === Framing.Crlf && !hasReturn) store<u8>(at++, CARRIAGE_RETURN);
  store<u8>(at, delimiter());
  store<u32>(sink, <u32>at + 1, CURSOR);
}
