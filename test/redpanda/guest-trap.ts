/** The end of a VM: a trap, `proc_exit`, or a return from `_start`. The broker makes a new VM and goes on at the last commit. */
export class GuestTrap extends Error {
  override readonly name = "GuestTrap";

  /** Returns the trap that an exception in a host function becomes (`src/v/wasm/wasmtime.cc:218`). */
  static inHostFunction(what: string): GuestTrap {
    return new GuestTrap(`failure executing host function: ${what}`);
  }
}
