import { ARENA_BYTES_MAX, RECORDS_MAX, SLACK_BYTES } from "./limits.ts";
import { Status } from "./status.ts";

/**
 * One struct an output, `OUTPUT_BYTES` apart:
 *
 *     0 u32 cursor          where the next byte goes
 *     4 u32 limit           where the last byte may go, exclusive
 *     8 u32 prefixLength
 *    12 u32 count           records taken since the output was opened
 *    16 i64 baseTimestamp   of the open RecordBatch; set by its first record
 *    24 i64 maxTimestamp
 *    32 u32 endsCursor      where the end of the next value goes
 *    36 u32 arena           first byte of the arena
 *    40 u32 ends            first entry of the end table
 *    44 u32 nameLength
 *    48 u32 savedCursor     what cursor, count and maxTimestamp were before the batch at hand, to take it back on a fault
 *    52 u32 savedCount
 *    56 i64 savedMaxTimestamp
 *    64 u32 finishedLength  bytes of the finished RecordBatch
 *    72 u32 destination     for a linking host: what names the output's destination to it
 *    76 u32 destinationLength
 *   128 u8[64] name
 *   192 u8[255] prefix, and room to read past it
 */
export const OUTPUTS: usize = memory.data(4096, 64);
export const OUTPUT_SHIFT: usize = 9;
export const CURSOR: usize = 0;
export const LIMIT: usize = 4;
export const PREFIX_LENGTH: usize = 8;
export const COUNT: usize = 12;
export const BASE_TIMESTAMP: usize = 16;
export const MAX_TIMESTAMP: usize = 24;
export const ENDS_CURSOR: usize = 32;
export const ARENA: usize = 36;
export const ENDS: usize = 40;
export const NAME_LENGTH: usize = 44;
export const SAVED_CURSOR: usize = 48;
export const SAVED_COUNT: usize = 52;
export const SAVED_MAX_TIMESTAMP: usize = 56;
export const FINISHED_LENGTH: usize = 64;
export const DESTINATION: usize = 72;
export const DESTINATION_LENGTH: usize = 76;
export const NAME: usize = 128;
export const PREFIX: usize = 192;

/** Addresses and sizes of what `reserve` laid out. Cold: hot loops copy them into locals. */
export let input: usize = 0;
export let inputBytes: u32 = 0;
export let valueTable: usize = 0;
export let unroutableTable: usize = 0;
export let recordsReserved: u32 = 0;
let outputBytes: u32 = 0;
let outputsReserved: u32 = 0;
let outputsOpen: bool = false;

/** Returns the struct of output `index`. */
export function outputStruct(index: u32): usize {
  return OUTPUTS + ((<usize>index) << OUTPUT_SHIFT);
}

/** Returns the bytes that one output's arena has, without slack. */
export function arenaBytes(): u32 {
  return outputBytes;
}

/** Returns whether so many outputs have an arena each. Before anything is reserved there is room for no byte of any. */
export function haveArenas(outputs: u32): bool {
  return outputsReserved === 0 || outputs <= outputsReserved;
}

/** Returns whether the outputs take records: from their opening until they are finished, moved, or used for values. */
export function outputsAreOpen(): bool {
  return outputsOpen;
}

export function setOutputsOpen(open: bool): void {
  outputsOpen = open;
}

/** Returns `address` rounded up to a cache line. */
function aligned(address: u64): u64 {
  return (address + 63) & ~63;
}

/**
 * Lays the arenas out for at least that many bytes, records and outputs, and grows the memory if it must. What the arenas held is lost. Nothing
 * else of the core grows memory, and nothing ever shrinks it.
 *
 * An output's arena is made to hold at least one record as long as the whole input with the longest prefix, so that an empty output can
 * always take the next record.
 */
export function reserveArenas(inputWanted: u32, outputWanted: u32, recordsWanted: u32, outputsWanted: u32): Status {
  if (inputWanted > ARENA_BYTES_MAX || outputWanted > ARENA_BYTES_MAX || recordsWanted > RECORDS_MAX) return Status.OutOfRange;
  const inputNew = max(inputBytes, inputWanted);
  const outputNew = max(max(outputBytes, outputWanted), inputNew + 512);
  const recordsNew = max(recordsReserved, recordsWanted);
  const outputsNew = max(outputsReserved, outputsWanted);
  const inputAt = aligned(__heap_base);
  return layOutArenas(<usize>inputAt, inputNew, inputAt + inputNew + SLACK_BYTES, outputNew, recordsNew, outputsNew);
}

/** Lays tables and outputs out from `free` on; a linking host has its input wherever its own caller put it. */
export function layOutArenas(inputAt: usize, inputNew: u32, free: u64, outputNew: u32, recordsNew: u32, outputsNew: u32): Status {
  let top = aligned(free);
  const valueTableAt = top;
  top = aligned(top + ((<u64>recordsNew) << 3));
  const unroutableTableAt = top;
  top = aligned(top + ((<u64>recordsNew) << 4));
  const outputsAt = top;
  const outputStride = aligned(<u64>outputNew + SLACK_BYTES) + aligned((<u64>recordsNew) << 2);
  top += outputStride * outputsNew;

  const pagesWanted = <i32>((top + 65535) >> 16);
  const pagesMissing = pagesWanted - memory.size();
  if (pagesMissing > 0 && memory.grow(pagesMissing) < 0) return Status.OutOfMemory;

  outputsOpen = false;
  input = inputAt;
  inputBytes = inputNew;
  outputBytes = outputNew;
  valueTable = <usize>valueTableAt;
  unroutableTable = <usize>unroutableTableAt;
  recordsReserved = recordsNew;
  outputsReserved = outputsNew;
  for (let index: u32 = 0; index < outputsNew; index++) {
    const output = outputStruct(index);
    const arena = <u32>(outputsAt + outputStride * index);
    store<u32>(output, arena, ARENA);
    store<u32>(output, arena + <u32>aligned(<u64>outputNew + SLACK_BYTES), ENDS);
    store<u32>(output, 0, COUNT);
    store<u32>(output, 0, FINISHED_LENGTH);
    store<u32>(output, arena, CURSOR);
    store<u32>(output, arena, LIMIT);
  }
  return Status.Ok;
}
