/** A bare instance of the core, for tests that must see its memory and its statuses. Hosts use `Router` of `hosts/embed.ts`. */
import type { Core } from "../hosts/core-exports.ts";
import { coreModule } from "./core-module.ts";

export const OUTPUTS = [0, 1] as const;
export const CRC_VERIFIED = 1;

/** An entry of the unroutable table. */
interface UnroutableEntry {
  readonly position: number;
  readonly reason: string;
  readonly byteOffset: number;
  readonly recordOffset: number;
}

export class CoreInstance {
  readonly exports: Core;
  readonly #statuses: ReadonlyMap<number, string>;
  readonly #reasons: ReadonlyMap<number, string>;

  constructor() {
    const { exports } = new WebAssembly.Instance(coreModule());
    this.exports = exports as unknown as Core;
    this.#statuses = globalsOf(exports, "Status.");
    this.#reasons = globalsOf(exports, "Reason.");
  }

  /** Returns an instance with the default rule and room. */
  static ready(inputBytes: number, outputBytes: number, records: number): CoreInstance {
    const core = new CoreInstance();
    core.configure("");
    if (core.reserve(inputBytes, outputBytes, records) !== "Ok") throw new Error("no room");
    return core;
  }

  /** Returns all memory as it is now; a call that grows memory detaches it. */
  memory(): Uint8Array {
    return new Uint8Array(this.exports.memory.buffer);
  }

  word(address: number): number {
    return new DataView(this.exports.memory.buffer).getUint32(address, true);
  }

  /** Returns a status by its name; a number that has none is our own bug, or the core's. */
  nameOf(status: number): string {
    const name = this.#statuses.get(status);
    if (name === undefined) throw new Error(`the core has no status ${status}`);
    return name;
  }

  statusNames(): readonly string[] {
    return [...this.#statuses.values()];
  }

  configure(rule: string): string {
    const bytes = new TextEncoder().encode(rule);
    this.memory().set(bytes, this.exports.ruleAddress());
    return this.nameOf(this.exports.configure(bytes.length));
  }

  reserve(inputBytes: number, outputBytes: number, records: number): string {
    return this.nameOf(this.exports.reserve(inputBytes, outputBytes, records));
  }

  writeInput(offset: number, bytes: Uint8Array): void {
    this.memory().set(bytes, this.exports.inputAddress() + offset);
  }

  /** Writes offset and length pairs into the value table. */
  writeValueTable(pairs: readonly (readonly [offset: number, length: number])[]): void {
    const view = new DataView(this.exports.memory.buffer);
    for (const [index, [offset, length]] of pairs.entries()) {
      view.setUint32(this.exports.valueTableAddress() + 8 * index, offset, true);
      view.setUint32(this.exports.valueTableAddress() + 8 * index + 4, length, true);
    }
  }

  openBatches(bytesMax: number): string {
    return this.nameOf(this.exports.openBatches(bytesMax));
  }

  /** Routes a batch from the beginning of the input. */
  routeRecordBatch(batch: Uint8Array, fetchOffset = 0n, flags = 0): string {
    this.writeInput(0, batch);
    return this.nameOf(this.exports.routeRecordBatch(0, batch.length, fetchOffset, flags));
  }

  /** Returns a copy of the finished batch of each output, null for one without records. */
  finishBatches(): readonly (Uint8Array | null)[] {
    const status = this.nameOf(this.exports.finishBatches());
    if (status !== "Ok") throw new Error(status);
    return OUTPUTS.map((index) => {
      const address = this.exports.outputAddress(index);
      const length = this.exports.batchLength(index);
      return length === 0 ? null : this.memory().slice(address, address + length);
    });
  }

  /** Returns the unroutable table. */
  unroutable(): readonly UnroutableEntry[] {
    const address = this.exports.unroutableAddress();
    return Array.from({ length: this.exports.unroutableCount() }, (_, index) => {
      const entry = address + 16 * index;
      return {
        position: this.word(entry),
        reason: this.#reasons.get(this.word(entry + 4)) ?? "no reason",
        byteOffset: this.word(entry + 8),
        recordOffset: this.word(entry + 12),
      };
    });
  }

  /** Returns the values that the last `routeValues` gave an output. */
  outputValues(index: number): readonly Uint8Array[] {
    const arena = this.exports.outputAddress(index);
    const ends = this.exports.outputEndsAddress(index);
    const end = (entry: number): number => (entry < 0 ? 0 : this.word(ends + 4 * entry));
    return Array.from({ length: this.exports.outputValueCount(index) }, (_, entry) =>
      this.memory().slice(arena + end(entry - 1), arena + end(entry)),
    );
  }
}

function globalsOf(exports: WebAssembly.Exports, prefix: string): ReadonlyMap<number, string> {
  const found = Object.entries(exports).flatMap(([name, value]) =>
    name.startsWith(prefix) && value instanceof WebAssembly.Global ? [[Number(value.value), name.slice(prefix.length)] as const] : [],
  );
  return new Map(found);
}
