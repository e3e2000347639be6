// The command line's part that runs on every byte, compiled together with the core's rule and decision. The host writes blocks to the input, and
// writes out what the sinks hold. In the order of the calls:
import { RULE_BYTES_MAX } from "../../../core/limits.ts";
import { configure, faultOffset, outputCount, outputNameAddress, outputNameLength, ruleAddress } from "../../../core/rule-exports.ts";
import { Status } from "../../../core/status.ts";
import { openDestinations, recordsTo } from "./destinations.ts";
import { Framing, setFraming } from "./framing.ts";
import { CURSOR, INPUT_BYTES, RECORD_BYTES_MAX, UNROUTABLE_SINK, inputStart, sinkStart, sinkStruct } from "./layout.ts";
import { isPassing } from "./pass.ts";
import { REFUSALS, Reason, refusalsListed, refusedFor } from "./refusals.ts";
import { Halt, recordsTaken, route, routedUpTo, setUnroutable, tombstonesTaken } from "./route.ts";

export { Framing, Halt, INPUT_BYTES, RECORD_BYTES_MAX, RULE_BYTES_MAX, Reason, Status, UNROUTABLE_SINK };
export { configure, faultOffset, outputCount, outputNameAddress, outputNameLength, ruleAddress };

/**
 * Gets ready. With `named` each value has its output's name and a tab before it, and all go to sink 0; else output `index` has sink `index`.
 * With `keepsUnroutable` sink `UNROUTABLE_SINK` takes unroutable records as they are; with `stopsAtUnroutable` they end the call.
 */
export function open(framing: Framing, named: bool, keepsUnroutable: bool, stopsAtUnroutable: bool): void {
  setFraming(framing);
  openDestinations(named);
  setUnroutable(keepsUnroutable, stopsAtUnroutable);
}

/** Returns where the host writes what it reads: `INPUT_BYTES` of room. */
export function inputAddress(): usize {
  return inputStart();
}

/** Routes the records in the input from byte `from` up to byte `end`; `isLast` says that nothing follows. Replaces what the sinks hold. */
export function routeInput(from: u32, end: u32, isLast: bool): Halt {
  return route(inputStart() + from, inputStart() + end, isLast);
}

/** Returns up to which byte of the input the last call took records. */
export function takenUpTo(): u32 {
  return <u32>(routedUpTo() - inputStart());
}

/** Returns how many records the last call took. */
export function recordCount(): u32 {
  return recordsTaken();
}

/** Returns how many of them went to output `index`. */
export function outputRecordCount(index: u32): u32 {
  return recordsTo(index);
}

/** Returns how many of them were null. */
export function tombstoneCount(): u32 {
  return tombstonesTaken();
}

/** Returns how many of them were unroutable, for a reason. */
export function refusalCount(reason: Reason): u32 {
  return refusedFor(reason);
}

/** Returns where the first refusals are listed. */
export function refusalsAddress(): usize {
  return REFUSALS;
}

/** Returns how many are listed. */
export function refusalsListedCount(): u32 {
  return refusalsListed();
}

/** Returns whether the input ended in the middle of a record that is too long. */
export function isWithinRecord(): bool {
  return isPassing();
}

/** Returns where a sink is. */
export function sinkAddress(sink: u32): usize {
  return sinkStart(sink);
}

/** Returns how many bytes a sink holds. */
export function sinkLength(sink: u32): u32 {
  return load<u32>(sinkStruct(sink), CURSOR) - <u32>sinkStart(sink);
}
