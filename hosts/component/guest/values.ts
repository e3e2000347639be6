import { NO_TIMESTAMP, placeOf, reasonOfPlace } from "../../../core/decide.ts";
import { ARENA_BYTES_MAX, RECORDS_MAX } from "../../../core/limits.ts";
import { ARENA, CURSOR, ENDS, OUTPUT_SHIFT, PREFIX, PREFIX_LENGTH, outputStruct, valueTable } from "../../../core/memory.ts";
import { outputsOfRule, unroutableOutput } from "../../../core/rule-values.ts";
import { Reason, Status } from "../../../core/status.ts";
import { routeValueTable, valuesRouted } from "../../../core/values.ts";
import { layOut } from "./arena.ts";
import { RESULT, failWith, writeList, writeUnroutable } from "./results.ts";
import { runRouter } from "./routers.ts";

// The calls for values. The arguments are the core's input where they lie, and so are the results of packed values in its arenas.

/** An empty value may be said to be anywhere, also where no prefix has room: it is taken to be here. */
const EMPTY: usize = memory.data(256, 8);

/** Cases of `values-error` in the WIT. */
enum ValuesError {
  ValueEnds,
  OutOfRange,
  OutOfMemory,
}

/** Errors stand that far behind the tag. */
const ERROR: usize = 4;

/** One `packed-values` an output, `OUTPUTS_MAX` at most: u32 bytes, u32 bytesLength, u32 ends, u32 endsLength. */
const PACKED: usize = memory.data(128, 4);
const PACKED_SHIFT: usize = 4;

/**
 * `router.route`. The value gets its prefix where it lies, so that it takes no memory but what the argument has. The result:
 *
 *     0 u8 tag
 *     4 u32 output, u32 value, u32 valueLength; or u8 reason
 */
export function route(router: usize, isGiven: u32, value: usize, length: u32): usize {
  runRouter(router);
  if (isGiven === 0) return failWith(Reason.Tombstone - 1, ERROR);
  const at = length === 0 ? EMPTY : value;
  let output = placeOf(at, at + length, NO_TIMESTAMP);
  if (output === 0) output = unroutableOutput();
  if (output === 0) return failWith(reasonOfPlace() - 1, ERROR);
  const prefixLength = load<u32>(output, PREFIX_LENGTH);
  memory.copy(at + prefixLength, at, length);
  memory.copy(at, output + PREFIX, prefixLength);
  store<u8>(RESULT, 0);
  store<u32>(RESULT, <u32>((output - outputStruct(0)) >> OUTPUT_SHIFT), 4);
  writeList(RESULT + 8, at, prefixLength + length);
  return RESULT;
}

/**
 * `router.route-packed-values`. The result:
 *
 *     0 u8 tag
 *     4 u32 outputs, u32 outputsLength, u32 unroutable, u32 unroutableLength; or u8 error
 */
export function routePackedValues(router: usize, bytes: usize, bytesLength: u32, ends: usize, count: u32): usize {
  runRouter(router);
  const outputBytes = <u64>bytesLength + <u64>count * longestPrefix();
  if (outputBytes > ARENA_BYTES_MAX || count > RECORDS_MAX) return failWith(ValuesError.OutOfRange, ERROR);
  if (layOut(bytes, bytesLength, <u32>outputBytes, count) !== Status.Ok) return failWith(ValuesError.OutOfMemory, ERROR);
  let start: u32 = 0;
  for (let index: u32 = 0; index < count; index++) {
    const end = load<u32>(ends + ((<usize>index) << 2));
    if (end < start || end > bytesLength) return failWith(ValuesError.ValueEnds, ERROR);
    writePair(index, start, end - start);
    start = end;
  }
  // There is room for all values in any output.
  if (routeValueTable(0, count) !== Status.Ok) unreachable();
  for (let output: u32 = 0; output < outputsOfRule(); output++) {
    const packed = PACKED + ((<usize>output) << PACKED_SHIFT);
    writeOutputBytes(packed, output);
    writeList(packed + 8, <usize>load<u32>(outputStruct(output), ENDS), valuesRouted(output));
  }
  store<u8>(RESULT, 0);
  writeList(RESULT + 4, PACKED, outputsOfRule());
  writeUnroutable(RESULT + 12);
  return RESULT;
}

/** Writes a pair of the core's value table. */
function writePair(index: u32, offset: u32, length: u32): void {
  const pair = valueTable + ((<usize>index) << 3);
  store<u32>(pair, offset);
  store<u32>(pair, length, 4);
}

function longestPrefix(): u32 {
  let longest: u32 = 0;
  for (let output: u32 = 0; output < outputsOfRule(); output++) longest = max(longest, load<u32>(outputStruct(output), PREFIX_LENGTH));
  return longest;
}

/** Writes the list of the bytes that the core gave an output to `at`. */
function writeOutputBytes(at: usize, output: u32): void {
  const struct = outputStruct(output);
  const arena = load<u32>(struct, ARENA);
  writeList(at, arena, load<u32>(struct, CURSOR) - arena);
}
