import { Bytes } from "./bytes.ts";
import { NO_TIMESTAMP, faultOfPlace, placeOf, reasonOfPlace } from "./decide.ts";
import { LastDigit } from "./last-digit.ts";
import {
  ARENA,
  COUNT,
  CURSOR,
  ENDS,
  ENDS_CURSOR,
  LIMIT,
  OUTPUT_SHIFT,
  PREFIX,
  PREFIX_LENGTH,
  arenaBytes,
  haveArenas,
  input,
  inputBytes,
  outputStruct,
  recordsReserved,
  setOutputsOpen,
  valueTable,
} from "./memory.ts";
import { isTimestampRule } from "./rule-name.ts";
import { outputsOfRule, unroutableOutput } from "./rule-values.ts";
import { isConfigured } from "./rule.ts";
import { Reason, Status } from "./status.ts";
import { placeOfTimestamp } from "./timestamp-rule.ts";
import { clearUnroutable, noteUnroutable } from "./unroutable.ts";

// The value table: one pair a value,
//
//     0 u32 offset   of the value, from the first byte of the input
//     4 u32 length   or NULL_LENGTH for a null value, whose offset means nothing
//
// An output: the values with their prefixes end to end in its arena, and a u32 end for each, counted from the arena's first byte.
// Values that go nowhere are in the unroutable table, by index.

/** A length of -1 is null, as in Kafka's own records. */
const NULL_LENGTH: u32 = 0xffffffff;

/** Longer values are copied by the engine's own memory.copy, in a loop apart: the mere presence of that call slows a hot loop down. */
const SHORT_VALUE_BYTES_MAX: u32 = 512;

let taken: u32 = 0;

/** Returns how many pairs the last call took, the unroutable ones included. */
export function valuesTaken(): u32 {
  return taken;
}

/** Routes `count` values from pair `first` of the table on. Outputs are emptied first. Stops with `Full` before a value that does not fit. */
export function routeValueTable(first: u32, count: u32): Status {
  taken = 0;
  clearUnroutable();
  if (!isConfigured()) return Status.NotConfigured;
  if (first > recordsReserved || count > recordsReserved - first || !haveArenas(outputsOfRule())) return Status.OutOfRange;
  setOutputsOpen(false);
  for (let index: u32 = 0; index < outputsOfRule(); index++) {
    const output = outputStruct(index);
    const arena = load<u32>(output, ARENA);
    store<u32>(output, arena, CURSOR);
    store<u32>(output, arena + arenaBytes(), LIMIT);
    store<u32>(output, load<u32>(output, ENDS), ENDS_CURSOR);
    store<u32>(output, 0, COUNT);
  }
  const begin = valueTable + ((<usize>first) << 3);
  const end = begin + ((<usize>count) << 3);
  let pair = begin;
  let status = Status.Ok;
  while (pair < end) {
    pair = isTimestampRule() ? routeShortTimestamps(pair, end) : routeShortDigits(pair, end);
    if (pair === end) break;
    status = routeOtherValue(pair, <u32>((pair - begin) >> 3) + first);
    if (status !== Status.Ok) break;
    pair += 8;
  }
  taken = <u32>((pair - begin) >> 3);
  return status;
}

// One loop a rule, so that each is as fast as if there were no other: the branches on `byTimestamp` are gone once the loop is inlined.

function routeShortDigits(pair: usize, end: usize): usize {
  return ShortValues.route(pair, end, false);
}

function routeShortTimestamps(pair: usize, end: usize): usize {
  return ShortValues.route(pair, end, true);
}

class ShortValues {
  /** Routes pairs as long as they are short, routable and fit; returns the first that is not, or `end`. */
  @inline
  static route(pair: usize, end: usize, byTimestamp: bool): usize {
    const outputs = outputStruct(0);
    const base = input;
    const bytes = <u64>inputBytes;
    for (; pair < end; pair += 8) {
      const offset = load<u32>(pair);
      const length = load<u32>(pair, 4);
      if (<u64>offset + <u64>length > bytes) break;
      const value = base + offset;
      let output: usize;
      if (byTimestamp) {
        // Unsigned: an empty value wraps around and counts as not short.
        if (length - 1 >= SHORT_VALUE_BYTES_MAX) break;
        output = placeOfTimestamp(value, value + length, NO_TIMESTAMP);
        if (output === 0) break;
      } else {
        const digit = LastDigit.of(value + length);
        if ((u32(digit > 9) | u32(length - 1 >= SHORT_VALUE_BYTES_MAX)) !== 0) break;
        output = outputs + ((<usize>LastDigit.output(digit)) << OUTPUT_SHIFT);
      }
      const at = <usize>load<u32>(output, CURSOR);
      const prefixLength = load<u32>(output, PREFIX_LENGTH);
      const next = at + prefixLength + length;
      if (next > <usize>load<u32>(output, LIMIT)) break;
      Bytes.copy16(at, output + PREFIX, prefixLength);
      Bytes.copy32(at + prefixLength, value, length);
      const ends = <usize>load<u32>(output, ENDS_CURSOR);
      store<u32>(ends, <u32>next - load<u32>(output, ARENA));
      store<u32>(output, <u32>ends + 4, ENDS_CURSOR);
      store<u32>(output, <u32>next, CURSOR);
    }
    return pair;
  }
}

/** Routes the one pair that the loop above left: a long value, an unroutable one, or one that does not fit. */
function routeOtherValue(pair: usize, index: u32): Status {
  const offset = load<u32>(pair);
  const length = load<u32>(pair, 4);
  if (length === NULL_LENGTH) return refuse(index, Reason.Tombstone, 0);
  if (<u64>offset + <u64>length > <u64>inputBytes) return Status.OutOfRange;
  const value = input + offset;
  let output = placeOf(value, value + length, NO_TIMESTAMP);
  if (output === 0) {
    output = unroutableOutput();
    if (output === 0) return refuse(index, reasonOfPlace(), faultOfPlace());
  }
  const at = <usize>load<u32>(output, CURSOR);
  const prefixLength = load<u32>(output, PREFIX_LENGTH);
  const next = at + prefixLength + length;
  if (next > <usize>load<u32>(output, LIMIT)) return Status.Full;
  memory.copy(at, output + PREFIX, prefixLength);
  memory.copy(at + prefixLength, value, length);
  const ends = <usize>load<u32>(output, ENDS_CURSOR);
  store<u32>(ends, <u32>next - load<u32>(output, ARENA));
  store<u32>(output, <u32>ends + 4, ENDS_CURSOR);
  store<u32>(output, <u32>next, CURSOR);
  return Status.Ok;
}

function refuse(index: u32, reason: Reason, byteOffset: u32): Status {
  return noteUnroutable(index, reason, byteOffset, 0) ? Status.Ok : Status.Full;
}

/** Returns how many values output `index` has. */
export function valuesRouted(index: u32): u32 {
  const output = outputStruct(index);
  return (load<u32>(output, ENDS_CURSOR) - load<u32>(output, ENDS)) >> 2;
}
