import { OUTPUTS_MAX, SLACK_BYTES } from "../../../core/limits.ts";

// Memory has its whole size from the start, so the host's views of it stay valid. Behind the static data:
//
//     input    what the host has read and is not routed yet
//     sinks    one arena each: what the host has to write

/** Most bytes of a record: 1 MiB, about as much as a Kafka broker takes in a message unless it is told otherwise. */
export const RECORD_BYTES_MAX: u32 = 1 << 20;

/** A record and what frames it, and a block. */
export const INPUT_BYTES: u32 = 2 << 20;

/**
 * Room in each sink. The one of unroutable records is never full: it takes the input as it is, but for a carriage return a line, and the end of
 * the last one.
 */
const SINK_BYTES: u32 = 2 * INPUT_BYTES + SLACK_BYTES;

/**
 * One sink for each output that a rule may have, and then one for unroutable records. All outputs share the first when their names go before the
 * values. A sink that nothing is written to is memory that the system never has to find.
 */
const SINKS: u32 = OUTPUTS_MAX + 1;
export const UNROUTABLE_SINK: u32 = OUTPUTS_MAX;

/**
 * One struct a sink:
 *
 *     0 u32 cursor   where the next byte goes
 *     4 u32 limit    where the last byte may go, exclusive
 */
const SINK_STRUCTS: usize = memory.data(72, 8);
const SINK_SHIFT: usize = 3;
export const CURSOR: usize = 0;
export const LIMIT: usize = 4;

/** Returns where the input is. */
export function inputStart(): usize {
  return (__heap_base + 63) & ~63;
}

/** Returns where the arena of a sink begins. */
export function sinkStart(sink: u32): usize {
  return inputStart() + INPUT_BYTES + SLACK_BYTES + <usize>sink * (SINK_BYTES + SLACK_BYTES);
}

/** Returns the struct of a sink. */
export function sinkStruct(sink: u32): usize {
  return SINK_STRUCTS + ((<usize>sink) << SINK_SHIFT);
}

/** Empties all sinks. */
export function emptySinks(): void {
  for (let sink: u32 = 0; sink < SINKS; sink++) {
    const start = sinkStart(sink);
    store<u32>(sinkStruct(sink), <u32>start, CURSOR);
    store<u32>(sinkStruct(sink), <u32>start + SINK_BYTES, LIMIT);
  }
}
