// The core's ABI, in the order in which a host calls it; docs/abi.md has every export in bytes. Nothing else is exported.
import { crc32cOf } from "./crc32c.ts";
import { OUTPUTS_MAX, PREFIX_BYTES_MAX, RULE_BYTES_MAX } from "./limits.ts";
import {
  ARENA,
  COUNT,
  CURSOR,
  ENDS,
  FINISHED_LENGTH,
  PREFIX_LENGTH,
  input,
  inputBytes,
  outputStruct,
  reserveArenas,
  unroutableTable,
  valueTable,
} from "./memory.ts";
import { finishOutputBatches, openOutputBatches, stampHeader } from "./output-batch.ts";
import { nextOffsetOfBatch, routeBatch, tombstonesOfBatch } from "./record-batch.ts";
import { configure, faultOffset, outputCount, outputNameAddress, outputNameLength, ruleAddress } from "./rule-exports.ts";
import { outputsOfRule } from "./rule-values.ts";
import { Reason, Status } from "./status.ts";
import { unroutableEntries } from "./unroutable.ts";
import { routeValueTable, valuesRouted, valuesTaken } from "./values.ts";

export { OUTPUTS_MAX, PREFIX_BYTES_MAX, RULE_BYTES_MAX, Reason, Status };
export { configure, faultOffset, outputCount, outputNameAddress, outputNameLength, ruleAddress };

/** Returns the version of this interface. It grows when an export changes its meaning or goes away. */
export function abiVersion(): u32 {
  return 1;
}

/** Returns the bytes that the prefix of output `index` adds to each value. */
export function outputPrefixLength(index: u32): u32 {
  return load<u32>(outputStruct(index), PREFIX_LENGTH);
}

/** Makes room: input bytes, bytes for each output of the rule, and entries for each table. Moves every arena; the only call that grows memory. */
export function reserve(inputWanted: u32, outputWanted: u32, recordsWanted: u32): Status {
  // Without a rule, room for the default's outputs.
  return reserveArenas(inputWanted, outputWanted, recordsWanted, max<u32>(outputsOfRule(), 2));
}

/** Returns where the host writes values or RecordBatches. */
export function inputAddress(): usize {
  return input;
}

/** Returns where the host writes the value table. */
export function valueTableAddress(): usize {
  return valueTable;
}

/** Returns where the unroutable table is. */
export function unroutableAddress(): usize {
  return unroutableTable;
}

/** Returns how many entries of the unroutable table the last routing call wrote. */
export function unroutableCount(): u32 {
  return unroutableEntries();
}

/** Returns where the arena of output `index` begins. */
export function outputAddress(index: u32): usize {
  return <usize>load<u32>(outputStruct(index), ARENA);
}

/** Routes `count` values from pair `first` of the value table on. */
export function routeValues(first: u32, count: u32): Status {
  return routeValueTable(first, count);
}

/** Returns how many pairs the last `routeValues` took: `count`, or fewer when it stopped. */
export function takenCount(): u32 {
  return valuesTaken();
}

/** Returns where the end table of output `index` is. */
export function outputEndsAddress(index: u32): usize {
  return <usize>load<u32>(outputStruct(index), ENDS);
}

/** Returns how many values the last `routeValues` gave output `index`. */
export function outputValueCount(index: u32): u32 {
  return valuesRouted(index);
}

/** Returns how many bytes the last `routeValues` gave output `index`. */
export function outputValueBytes(index: u32): u32 {
  return load<u32>(outputStruct(index), CURSOR) - load<u32>(outputStruct(index), ARENA);
}

/** Empties the outputs for RecordBatches of at most `bytesMax` bytes. */
export function openBatches(bytesMax: u32): Status {
  return openOutputBatches(bytesMax);
}

/** Routes the RecordBatch at `offset` of the input into the open outputs. */
export function routeRecordBatch(offset: u32, length: u32, fetchOffset: i64, flags: u32): Status {
  return routeBatch(offset, length, fetchOffset, flags);
}

/** Returns where to go on after the last `routeRecordBatch`: behind its batch, or, when that was `Full`, at the first record not taken. */
export function nextOffset(): i64 {
  return nextOffsetOfBatch();
}

/** Returns how many tombstones the last `routeRecordBatch` left out. */
export function tombstoneCount(): u32 {
  return tombstonesOfBatch();
}

/** Returns how many records output `index` has since `openBatches`. */
export function batchRecordCount(index: u32): u32 {
  return load<u32>(outputStruct(index), COUNT);
}

/** Writes header and CRC of each output that has records. */
export function finishBatches(): Status {
  return finishOutputBatches();
}

/** Returns the bytes of the finished RecordBatch of output `index`, which begins at its arena; 0 when it has no records. */
export function batchLength(index: u32): u32 {
  return load<u32>(outputStruct(index), FINISHED_LENGTH);
}

/** Writes a producer into the batch header at `offset` of the input and mends the CRC, without need of the records. */
export function stampProducer(offset: u32, producerId: i64, producerEpoch: i32, baseSequence: i32, transactional: u32): Status {
  return stampHeader(offset, producerId, producerEpoch, baseSequence, transactional !== 0);
}

/** Returns the CRC-32C of `length` bytes at `offset` of the input; 0 when they are not all in it. */
export function crc32c(offset: u32, length: u32): u32 {
  return <u64>offset + <u64>length > <u64>inputBytes ? 0 : crc32cOf(input + offset, length);
}
