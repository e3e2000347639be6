/**
 * The kernel of `routeValues` in JavaScript as one writes it: typed arrays, byte by byte, no objects, the core's own checks. Long values go
 * through `copyWithin`. The `?? 0` are for the type checker; they cost nothing measurable, since the engine knows that the reads are within bounds.
 */
import type { Arenas, Filled } from "./javascript-arenas.ts";

/** Longer values are worth a call of the engine's memmove. */
const LOOP_BYTES_MAX = 24;

export function routeByBytes(arenas: Arenas, first: number, count: number, filled: Filled): void {
  const { bytes, words, input, inputBytes, tableWord } = arenas;
  const [even, odd] = arenas.outputs;
  let evenAt = even.arena;
  let oddAt = odd.arena;
  let evenEnds = even.endsWord;
  let oddEnds = odd.endsWord;
  const tableEnd = tableWord + (first + count) * 2;
  for (let pair = tableWord + first * 2; pair < tableEnd; pair += 2) {
    const offset = words[pair] ?? 0;
    const length = words[pair + 1] ?? 0;
    if (offset + length > inputBytes || length === 0) throw new RangeError("a value is empty or outside the input");
    const value = input + offset;
    const valueEnd = value + length;
    const digit = (bytes[valueEnd - 1] ?? 0) - 0x30;
    if (digit < 0 || digit > 9) throw new RangeError("a value does not end with a digit");
    const isOdd = (digit & 1) !== 0;
    const { prefix, limit } = isOdd ? odd : even;
    let at = isOdd ? oddAt : evenAt;
    if (at + prefix.length + length > limit) throw new RangeError("an output is full");
    for (let index = 0; index < prefix.length; index++) bytes[at++] = prefix[index] ?? 0;
    if (length <= LOOP_BYTES_MAX) {
      for (let from = value; from < valueEnd; from++) bytes[at++] = bytes[from] ?? 0;
    } else {
      bytes.copyWithin(at, value, valueEnd);
      at += length;
    }
    if (isOdd) {
      oddAt = at;
      words[oddEnds++] = at - odd.arena;
    } else {
      evenAt = at;
      words[evenEnds++] = at - even.arena;
    }
  }
  filled.bytes[0] = evenAt - even.arena;
  filled.bytes[1] = oddAt - odd.arena;
  filled.values[0] = evenEnds - even.endsWord;
  filled.values[1] = oddEnds - odd.endsWord;
}
