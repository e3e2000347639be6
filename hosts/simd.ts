/** Which of the core's two builds an engine can run. */

/** A module whose one function returns a vector, by an instruction that was the last to come into the standard. */
const VECTORS = [
  // "\0asm", version 1
  [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  // types: () -> v128; functions: one of that type
  [1, 5, 1, 0x60, 0, 1, 0x7b],
  [3, 2, 1, 0],
  // code: i32.const 0, i8x16.splat, i8x16.popcnt
  [10, 10, 1, 8, 0, 0x41, 0, 0xfd, 0x0f, 0xfd, 0x62, 0x0b],
];

/** Returns whether the engine has WebAssembly's SIMD: then it runs `core.simd.wasm`, which does the same as `core.wasm`, and faster. */
export function hasSimd(): boolean {
  return WebAssembly.validate(Uint8Array.from(VECTORS.flat()));
}
