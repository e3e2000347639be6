/**
 * The kernel of `routeValues` in JavaScript with every trick of the core without SIMD: words of eight bytes, rounded up, through a DataView (V8 compiles
 * `setBigInt64(getBigInt64())` to one load and one store), and the outputs' state in an array instead of a branch. Nobody writes
 * JavaScript so; it is here to tell what WebAssembly gives from what the algorithm gives.
 */
import type { Arenas, Filled } from "./javascript-arenas.ts";

/** Longer values are worth a call of the engine's memmove. */
const STEPS_BYTES_MAX = 256;

// Words of the state of one output.
const CURSOR = 0;
const ENDS = 1;
const LIMIT = 2;
const ARENA = 3;
const PREFIX_LENGTH = 4;
const OUTPUT_WORDS = 8;
const state = new Int32Array(2 * OUTPUT_WORDS);
const PREFIX_STRIDE = 32;
const prefixes = new DataView(new ArrayBuffer(2 * PREFIX_STRIDE));

function open(arenas: Arenas): void {
  for (let index = 0; index < 2; index++) {
    const { arena, limit, endsWord, prefix } = index === 0 ? arenas.outputs[0] : arenas.outputs[1];
    const output = index * OUTPUT_WORDS;
    state[output + CURSOR] = arena;
    state[output + ENDS] = endsWord;
    state[output + LIMIT] = limit;
    state[output + ARENA] = arena;
    state[output + PREFIX_LENGTH] = prefix.length;
    for (let byte = 0; byte < prefix.length; byte++) prefixes.setUint8(index * PREFIX_STRIDE + byte, prefix[byte] ?? 0);
  }
}

function close(arenas: Arenas, filled: Filled): void {
  for (let index = 0; index < 2; index++) {
    const { arena, endsWord } = index === 0 ? arenas.outputs[0] : arenas.outputs[1];
    filled.bytes[index] = (state[index * OUTPUT_WORDS + CURSOR] ?? 0) - arena;
    filled.values[index] = (state[index * OUTPUT_WORDS + ENDS] ?? 0) - endsWord;
  }
}

export function routeBySteps(arenas: Arenas, first: number, count: number, filled: Filled): void {
  open(arenas);
  routePairs(arenas, first, count);
  close(arenas, filled);
}

function routePairs(arenas: Arenas, first: number, count: number): void {
  const { bytes, words, view, input, inputBytes, tableWord } = arenas;
  const tableEnd = tableWord + (first + count) * 2;
  for (let pair = tableWord + first * 2; pair < tableEnd; pair += 2) {
    const offset = words[pair] ?? 0;
    const length = words[pair + 1] ?? 0;
    if (offset + length > inputBytes || length === 0) throw new RangeError("a value is empty or outside the input");
    const value = input + offset;
    const digit = view.getUint8(value + length - 1) - 0x30;
    if (digit < 0 || digit > 9) throw new RangeError("a value does not end with a digit");
    const output = (digit & 1) * OUTPUT_WORDS;
    const at = state[output + CURSOR] ?? 0;
    const to = at + (state[output + PREFIX_LENGTH] ?? 0);
    const next = to + length;
    if (next > (state[output + LIMIT] ?? 0)) throw new RangeError("an output is full");
    const prefix = (digit & 1) * PREFIX_STRIDE;
    view.setBigInt64(at, prefixes.getBigInt64(prefix, true), true);
    view.setBigInt64(at + 8, prefixes.getBigInt64(prefix + 8, true), true);
    if (length <= STEPS_BYTES_MAX) {
      for (let step = 0; step < length; step += 8) view.setBigInt64(to + step, view.getBigInt64(value + step, true), true);
    } else {
      bytes.copyWithin(to, value, value + length);
    }
    const ends = state[output + ENDS] ?? 0;
    words[ends] = next - (state[output + ARENA] ?? 0);
    state[output + ENDS] = ends + 1;
    state[output + CURSOR] = next;
  }
}
