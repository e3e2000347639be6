/** The module within the component, called by hand: arguments that no host would send, and results as they lie in memory. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const INTERFACE = "timestamp-router:core/routing@0.1.0";

let compiled: WebAssembly.Module | undefined;

function guestModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(join(import.meta.dirname, "..", "..", "build", "component-core.wasm")));
  return compiled;
}

/** An address and a length. */
export type List = readonly [address: number, length: number];

type Call = (...values: readonly (number | bigint)[]) => number;

export class Guest {
  readonly #exports: WebAssembly.Exports;

  constructor() {
    // A handle is the router itself.
    const imports = { [`[export]${INTERFACE}`]: { "[resource-new]router": (router: number) => router } };
    this.#exports = new WebAssembly.Instance(guestModule(), imports).exports;
  }

  get memory(): Uint8Array {
    return new Uint8Array((this.#exports["memory"] as WebAssembly.Memory).buffer);
  }

  #view(): DataView {
    return new DataView(this.memory.buffer);
  }

  /** Returns an export that is a function of the WIT. */
  #function(name: string): Call {
    return this.#exports[`${INTERFACE}#${name}`] as Call;
  }

  realloc(old: number, oldBytes: number, align: number, bytes: number): number {
    return (this.#exports["cabi_realloc"] as Call)(old, oldBytes, align, bytes);
  }

  /** Writes bytes as an argument. */
  list(bytes: Uint8Array): List {
    const address = this.realloc(0, 0, 1, bytes.length);
    this.memory.set(bytes, address);
    return [address, bytes.length];
  }

  /** Writes numbers as an argument. */
  words(words: readonly number[]): List {
    const address = this.realloc(0, 0, 4, 4 * words.length);
    assert.equal(address % 4, 0);
    for (const [index, word] of words.entries()) this.#view().setUint32(address + 4 * index, word, true);
    return [address, words.length];
  }

  /** Calls a function, reads its result, and lets it end the call. */
  call<Result>(name: string, values: readonly (number | bigint)[], read: (view: DataView, address: number) => Result): Result {
    const address = this.#function(name)(...values);
    const result = read(this.#view(), address);
    (this.#exports[`cabi_post_${INTERFACE}#${name}`] as Call)(address);
    return result;
  }

  /** Returns the router of a rule, or the number of the error and the offset of the fault. */
  create(rule: Uint8Array): number | readonly [error: number, offset: number] {
    return this.call("[static]router.create", this.list(rule), (view, at) =>
      view.getUint8(at) === 0 ? view.getUint32(at + 4, true) : [view.getUint8(at + 4), view.getUint32(at + 8, true)],
    );
  }

  /** Makes a router free again. */
  drop(router: number): void {
    this.#function("[dtor]router")(router);
  }

  /** Returns a list of a result, which has to lie in the memory. */
  bytesAt(view: DataView, at: number): Uint8Array {
    const [address, length] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
    assert.ok(address + length <= view.byteLength, `a list from ${address} on, of ${length} bytes`);
    return this.memory.slice(address, address + length);
  }

  /** Returns the bytes of each output, or the number of the error. */
  routePackedValues(router: number, bytes: List, ends: List): readonly Uint8Array[] | number {
    return this.call("[method]router.route-packed-values", [router, ...bytes, ...ends], (view, at) => {
      if (view.getUint8(at) === 1) return view.getUint8(at + 4);
      const [outputs, count] = [view.getUint32(at + 4, true), view.getUint32(at + 8, true)];
      return Array.from({ length: count }, (_, index) => this.bytesAt(view, outputs + 16 * index));
    });
  }

  /** Returns the bytes of a value with its prefix, or the number of the reason. */
  route(router: number, value: List | null): Uint8Array | number {
    const given = value === null ? [0, 0, 0] : [1, ...value];
    return this.call("[method]router.route", [router, ...given], (view, at) =>
      view.getUint8(at) === 0 ? this.bytesAt(view, at + 8) : view.getUint8(at + 4),
    );
  }

  /** Returns the number of the error of a batch, or null. */
  routeRecordBatch(router: number, batch: List, fetchOffset: bigint, bytesMax: number, crcVerified: boolean): number | null {
    const values = [router, ...batch, fetchOffset, bytesMax, Number(crcVerified)];
    return this.call("[method]router.route-record-batch", values, (view, at) => (view.getUint8(at) === 0 ? null : view.getUint8(at + 8)));
  }
}
