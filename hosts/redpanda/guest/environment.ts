import { varlongSizeOf, writeVarlong } from "../../../core/varint.ts";
import { environGet, environSizesGet } from "./abi.ts";
import { fail } from "./log.ts";
import { Text } from "./texts.ts";

// The environment stays in memory behind the static data: the names of topics and of the header are used where they are.

/** u32 count of the variables, u32 bytes of them all. */
const SIZES: usize = memory.data(8, 4);
/** One u32 address a variable. */
let addresses: usize = 0;

/** Reads the environment; returns the first address behind it. */
export function readEnvironment(): usize {
  environSizesGet(SIZES, SIZES + 4);
  addresses = (__heap_base + 3) & ~3;
  const bytes = addresses + ((<usize>variables()) << 2);
  const end = bytes + load<u32>(SIZES, 4);
  growMemory(end);
  environGet(addresses, bytes);
  return end;
}

/** Returns how many variables there are. */
export function variables(): u32 {
  return load<u32>(SIZES);
}

/** Returns the address of variable `index`: `name=value`, ended by a zero. */
export function variable(index: u32): usize {
  return <usize>load<u32>(addresses + ((<usize>index) << 2));
}

/** Returns the bytes before the zero. */
export function lengthOf(text: usize): u32 {
  let end = text;
  while (load<u8>(end) !== 0) end++;
  return <u32>(end - text);
}

/** Writes the length of a variable's value over the end of the variable's name; returns its address. */
export function prependLength(value: usize): usize {
  const length = lengthOf(value) << 1;
  const at = value - varlongSizeOf(length);
  writeVarlong(at, length);
  return at;
}

/** Makes the memory reach up to `end` at least. */
export function growMemory(end: usize): void {
  const pagesMissing = <i32>((end + 0xffff) >> 16) - memory.size();
  if (pagesMissing > 0 && memory.grow(pagesMissing) < 0) fail(Text.Memory);
}
