/** V8 lets an exported memory grow to 4 GiB. For the broker's limit to be felt, the module's own declaration is given a maximum. */
import { joined } from "../bytes.ts";

const MEMORY_SECTION = 5;
const HEADER_BYTES = 8;

/** Returns the module with its one memory, which declares no maximum, held to so many pages: `memory.grow` beyond them fails. */
export function withMaximum(module: Uint8Array, pagesMax: number): Uint8Array {
  const parts = [module.subarray(0, HEADER_BYTES)];
  for (let at = HEADER_BYTES; at < module.length;) {
    const length = readLeb(module, at + 1);
    const end = length.end + length.value;
    const content = module.subarray(length.end, end);
    if (module[at] === MEMORY_SECTION) {
      // A vector of one memory type: { count 1, flag 0, minimum } becomes { count 1, flag 1, minimum, maximum }.
      const memory = joined([Uint8Array.of(1, 1), content.subarray(2), leb(pagesMax)]);
      parts.push(Uint8Array.of(MEMORY_SECTION), leb(memory.length), memory);
    } else {
      parts.push(module.subarray(at, end));
    }
    at = end;
  }
  return joined(parts);
}

function readLeb(bytes: Uint8Array, from: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let at = from; ; at++) {
    const byte = bytes[at] ?? 0;
    value += (byte & 0x7f) * 2 ** (7 * (at - from));
    if (byte < 0x80) return { value, end: at + 1 };
  }
}

/** Returns a number as unsigned LEB128. */
export function leb(number: number): Uint8Array {
  const bytes: number[] = [];
  let rest = number;
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes.push((rest & 0x7f) | 0x80);
  return Uint8Array.of(...bytes, rest);
}
