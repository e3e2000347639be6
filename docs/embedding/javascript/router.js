/** One instance of the core with one rule, for one thread. The core's binary interface, docs/abi.md, says what each call does. */
export class Router {
  bytes = (address, length) => new Uint8Array(this.core.memory.buffer, address, length);
  words = (address, count) => new Uint32Array(this.core.memory.buffer, address, count);
  check = (status) => {
    if (status !== 0) throw Object.assign(new Error(`the core's status is ${status}`), { status, ruleOffset: this.core.faultOffset() });
  };
  /** Takes a compiled `core.wasm` and rule text. What the core refuses is an error with a `status`. */
  constructor(module, rule = "") {
    this.core = new WebAssembly.Instance(module).exports;
    if (this.core.abiVersion() !== 1) throw new Error("a core of another ABI version");
    const text = new TextEncoder().encode(rule);
    this.bytes(this.core.ruleAddress(), 16384).set(text.subarray(0, 16384)); // what is longer is refused by its length alone
    this.check(this.core.configure(text.length));
  }

  /** Routes Uint8Arrays, null for a tombstone. What became of them can be read until the next call. */
  route(values) {
    const length = values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    this.check(this.core.reserve(length, length + 255 * values.length, values.length)); // a prefix has at most 255 bytes
    let offset = 0;
    for (const [index, value] of values.entries()) {
      this.words(this.core.valueTableAddress() + 8 * index, 2).set([offset, value?.length ?? 0xffffffff]);
      this.bytes(this.core.inputAddress(), length).set(value ?? [], offset);
      offset += value?.length ?? 0;
    }
    this.check(this.core.routeValues(0, values.length));
  }
  /** Returns an output's values. */
  output(index) {
    const arena = this.core.outputAddress(index);
    const ends = this.words(this.core.outputEndsAddress(index), this.core.outputValueCount(index));
    return Array.from(ends, (end, value) => this.bytes(arena, end).slice(ends[value - 1] ?? 0));
  }
  /** Returns index, reason and byte offset of each value that no output takes. */
  unroutable() {
    const table = this.core.unroutableAddress();
    return Array.from({ length: this.core.unroutableCount() }, (_, entry) => [...this.words(table + 16 * entry, 3)]);
  }
}
