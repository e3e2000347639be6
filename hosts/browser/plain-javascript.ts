/** The last-digit rule in plain JavaScript over packed values: byte by byte, as one writes it, and with the tricks that the core has. */
import type { PackedValues } from "../routed.ts";
import { DEFAULT_PREFIXES } from "./rule-defaults.ts";

/** What the outputs have before each value. */
const PREFIXES = Array.from(DEFAULT_PREFIXES.values(), (prefix) => new TextEncoder().encode(prefix));
const NO_BYTES = new Uint8Array();
/** Bytes that a step takes at once. It may take and write as many past the end of a value. */
export const STEP_BYTES = 8;

/** Room for two outputs. */
export interface Room {
  readonly bytes: readonly Uint8Array[];
  readonly ends: readonly Uint32Array[];
}

/** Returns room for what becomes of these values. */
export function roomFor({ bytes, ends }: PackedValues): Room {
  return {
    bytes: PREFIXES.map(({ length }) => new Uint8Array(bytes.length + ends.length * length + STEP_BYTES)),
    ends: PREFIXES.map(() => new Uint32Array(ends.length)),
  };
}

/** Routes byte by byte; returns views of the room. Every value ends in a digit. */
export function routeByBytes({ bytes, ends }: PackedValues, room: Room): readonly PackedValues[] {
  const [evenBytes = NO_BYTES, oddBytes = NO_BYTES] = room.bytes;
  const [evenEnds = ends, oddEnds = ends] = room.ends;
  const [evenPrefix = NO_BYTES, oddPrefix = NO_BYTES] = PREFIXES;
  let evenAt = 0;
  let oddAt = 0;
  let evenCount = 0;
  let oddCount = 0;
  let start = 0;
  for (const end of ends) {
    const isOdd = ((bytes[end - 1] ?? 0) & 1) === 1;
    const output = isOdd ? oddBytes : evenBytes;
    const prefix = isOdd ? oddPrefix : evenPrefix;
    let at = isOdd ? oddAt : evenAt;
    for (let from = 0; from < prefix.length; from++) output[at++] = prefix[from] ?? 0;
    for (let from = start; from < end; from++) output[at++] = bytes[from] ?? 0;
    if (isOdd) {
      oddAt = at;
      oddEnds[oddCount++] = at;
    } else {
      evenAt = at;
      evenEnds[evenCount++] = at;
    }
    start = end;
  }
  return viewsOf(room, [evenAt, oddAt], [evenCount, oddCount]);
}

/** The prefixes, each in two steps. */
const STEPPED_PREFIXES = PREFIXES.map((prefix) => {
  const padded = new Uint8Array(2 * STEP_BYTES);
  padded.set(prefix);
  return new DataView(padded.buffer);
});

/** Routes eight bytes a step, rounded up: V8 makes one load and one store of that. There are some bytes of slack behind the values. */
export function routeBySteps({ bytes, ends }: PackedValues, room: Room): readonly PackedValues[] {
  const source = new DataView(bytes.buffer);
  const outputs = room.bytes.map(({ buffer }) => new DataView(buffer));
  const at = [0, 0];
  const counts = [0, 0];
  let start = 0;
  for (const end of ends) {
    const index = (bytes[end - 1] ?? 0) & 1;
    const output = outputs[index] ?? source;
    const prefix = STEPPED_PREFIXES[index] ?? source;
    const from = at[index] ?? 0;
    output.setBigInt64(from, prefix.getBigInt64(0));
    output.setBigInt64(from + STEP_BYTES, prefix.getBigInt64(STEP_BYTES));
    const to = from + (PREFIXES[index]?.length ?? 0);
    for (let step = 0; step < end - start; step += STEP_BYTES) output.setBigInt64(to + step, source.getBigInt64(start + step));
    const next = to + end - start;
    const count = counts[index] ?? 0;
    (room.ends[index] ?? ends)[count] = next;
    counts[index] = count + 1;
    at[index] = next;
    start = end;
  }
  return viewsOf(room, at, counts);
}

function viewsOf(room: Room, lengths: readonly number[], counts: readonly number[]): readonly PackedValues[] {
  return room.bytes.map((bytes, index) => ({
    bytes: bytes.subarray(0, lengths[index]),
    ends: (room.ends[index] ?? new Uint32Array()).subarray(0, counts[index]),
  }));
}
