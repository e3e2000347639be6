import { Bytes } from "../../../core/bytes.ts";
import { NAME, NAME_LENGTH, OUTPUT_SHIFT, PREFIX, PREFIX_LENGTH, outputStruct } from "../../../core/memory.ts";
import { outputsOfRule } from "../../../core/rule-values.ts";
import { lengthBytes, terminator, terminatorBytes } from "./framing.ts";
import { CURSOR, LIMIT, UNROUTABLE_SINK, sinkStruct } from "./layout.ts";

/**
 * One struct for each output that a rule may have, and then one for unroutable records, `1 << DESTINATION_SHIFT` bytes apart:
 *
 *     0 u32 sink         its struct
 *     4 u32 headLength
 *     8 u32 records      of the last call
 *    64 u8[320] head     what goes before the value: name and tab, if they are wanted, and the prefix; and room to read past it
 */
const DESTINATIONS: usize = memory.data(4608, 64);
const DESTINATION_SHIFT: usize = 9;
const SINK: usize = 0;
const HEAD_LENGTH: usize = 4;
const RECORDS: usize = 8;
const HEAD: usize = 64;

const TAB: u8 = 0x09;

/** Longer values are copied by the engine's own memory.copy, out of the hot loop's way. */
const SHORT_BYTES_MAX: u32 = 512;

/** Returns the struct of an output, or, at `UNROUTABLE_SINK`, that of unroutable records. */
export function destination(index: u32): usize {
  return DESTINATIONS + ((<usize>index) << DESTINATION_SHIFT);
}

/** Returns the struct of an output that the core has as one of its own structs. */
export function destinationOf(output: usize): usize {
  return destination(<u32>((output - outputStruct(0)) >> OUTPUT_SHIFT));
}

/** Gives each output its head and its sink: with `named` its name goes before each value, and all share one sink, in the order of the input. */
export function openDestinations(named: bool): void {
  for (let index: u32 = 0; index < outputsOfRule(); index++) {
    const output = outputStruct(index);
    const target = destination(index);
    store<u32>(target, <u32>sinkStruct(named ? 0 : index), SINK);
    let head = target + HEAD;
    if (named) {
      const nameLength = load<u32>(output, NAME_LENGTH);
      memory.copy(head, output + NAME, nameLength);
      head += nameLength;
      store<u8>(head++, TAB);
    }
    const prefixLength = load<u32>(output, PREFIX_LENGTH);
    memory.copy(head, output + PREFIX, prefixLength);
    store<u32>(target, <u32>(head + prefixLength - target - HEAD), HEAD_LENGTH);
  }
  store<u32>(destination(UNROUTABLE_SINK), <u32>sinkStruct(UNROUTABLE_SINK), SINK);
}

/** Returns how many records went to a destination since `forgetRecords`. */
export function recordsTo(index: u32): u32 {
  return load<u32>(destination(index), RECORDS);
}

/** Counts from 0 again. */
export function forgetRecords(): void {
  for (let index: u32 = 0; index <= UNROUTABLE_SINK; index++) store<u32>(destination(index), 0, RECORDS);
}

/** Writes a record with its head and its frame; returns false, and writes nothing, when there is no room. */
export function write(target: usize, value: usize, length: u32): bool {
  const sink = <usize>load<u32>(target, SINK);
  const headLength = load<u32>(target, HEAD_LENGTH);
  let at = <usize>load<u32>(sink, CURSOR);
  const next = at + lengthBytes + headLength + length + terminatorBytes;
  if (next > <usize>load<u32>(sink, LIMIT)) return false;
  if (lengthBytes !== 0) store<u32>(at, bswap<u32>(headLength + length));
  at += lengthBytes;
  Bytes.copy16(at, target + HEAD, headLength);
  at += headLength;
  if (length <= SHORT_BYTES_MAX) Bytes.copy32(at, value, length);
  else memory.copy(at, value, length);
  // Without a terminator this lands in the room behind the record.
  store<u16>(at + length, terminator);
  store<u32>(sink, <u32>next, CURSOR);
  store<u32>(target, load<u32>(target, RECORDS) + 1, RECORDS);
  return true;
}
