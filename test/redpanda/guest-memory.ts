/** A guest's memory as the broker reaches into it: every access is checked, and one out of range is a trap. */
import { GuestTrap } from "./guest-trap.ts";

/** The exported memory of one instance. Views are made anew for each access, since growth detaches the buffer. */
export class GuestMemory {
  readonly #memory: WebAssembly.Memory;

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory;
  }

  /** Traps unless `length` bytes from a pointer on are in memory (`src/v/wasm/wasmtime.cc:357`). */
  check(pointer: number, length: number): void {
    const bytes = this.#memory.buffer.byteLength;
    if (pointer + length > bytes) {
      throw GuestTrap.inHostFunction(`Out of bounds memory access in FFI: ${pointer} + ${length} >= ${bytes}`);
    }
  }

  /** Returns the bytes themselves, not a copy: they are the guest's own until it runs again. */
  span(pointer: number, length: number): Uint8Array {
    this.check(pointer >>> 0, length >>> 0);
    return new Uint8Array(this.#memory.buffer, pointer >>> 0, length >>> 0);
  }

  /** Returns a view of so many bytes from a pointer on. */
  view(pointer: number, length: number): DataView {
    const { buffer, byteOffset } = this.span(pointer, length);
    return new DataView(buffer, byteOffset, length);
  }

  setInt16(pointer: number, value: number): void {
    this.view(pointer, 2).setInt16(0, value, true);
  }

  setInt32(pointer: number, value: number): void {
    this.view(pointer, 4).setInt32(0, value, true);
  }

  setInt64(pointer: number, value: bigint): void {
    this.view(pointer, 8).setBigInt64(0, value, true);
  }

  getUint32(pointer: number): number {
    return this.view(pointer, 4).getUint32(0, true);
  }
}
