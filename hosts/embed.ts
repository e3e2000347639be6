/** The only JavaScript that touches the core's memory. `docs/abi.md` has what the exports mean in bytes. */
import type { Core } from "./core-exports.ts";
import { globalsOf, hyphenated } from "./core-exports.ts";
import type { Decision, OutputBatch, PackedValues, ProducerStamp, Reason, RefusedRecord, RoutedBatch, RoutedValues } from "./routed.ts";
import { RouterError } from "./router-error.ts";
import type { Value } from "./value.ts";
import { bytesOfValue } from "./value.ts";

/** The version of the core's interface that this host speaks. */
export const ABI_VERSION = 1;
/** Bytes of a RecordBatch before its first record. */
const HEADER_BYTES = 61;
const CRC_VERIFIED = 1;
const NULL_LENGTH = 0xffffffff;
const U32_MAX = 0xffffffff;
/** Most unroutable records of one call; a batch with more of them is routed in several, so that what is made of them stays small. */
const UNROUTABLE_MAX = 4096;

/**
 * One instance of the core with one rule. Not to be shared between threads; an instance each is cheap (a quarter of a millisecond).
 *
 * RecordBatches: `openBatches`, then `routeRecordBatch` for each batch of one partition, in order, then `finishBatches`.
 */
export class Router {
  /** The names of the outputs, in the order of their indexes. */
  readonly outputs: readonly string[];
  readonly #core: Core;
  readonly #statuses: ReadonlyMap<number, string>;
  readonly #reasons: ReadonlyMap<number, Reason>;
  readonly #prefixLengthMax: number;
  #bytes: Uint8Array;
  #words: Uint32Array;
  #inputReserved = 0;
  #outputReserved = 0;
  #recordsReserved = 0;
  #batchBytesMax = 0;
  /** Whether outputs are open for RecordBatches. */
  #open = false;

  /**
   * Instantiates the core and configures it. Throws `RouterError` when the rule has a fault, or the module is no core of this version.
   *
   * @param module a compiled `core.wasm`, or, where `hasSimd` of `simd.ts` says so, `core.simd.wasm`
   * @param rule rule text: one `key=value` a line; none for the default rule
   */
  constructor(module: WebAssembly.Module, rule = "") {
    // A core has none, and a module can't be asked for its version without them.
    if (WebAssembly.Module.imports(module).length > 0) throw new RouterError("AbiVersion", null);
    const exports = new WebAssembly.Instance(module).exports;
    const core = exports as unknown as Core;
    if (typeof exports["abiVersion"] !== "function" || core.abiVersion() !== ABI_VERSION) throw new RouterError("AbiVersion", null);
    this.#core = core;
    this.#statuses = new Map(globalsOf(exports, "Status."));
    this.#reasons = new Map(globalsOf(exports, "Reason.").map(([value, name]) => [value, hyphenated(name) as Reason]));
    this.#bytes = new Uint8Array(core.memory.buffer);
    this.#words = new Uint32Array(core.memory.buffer);
    this.#configure(new TextEncoder().encode(rule));
    const indexes = Array.from({ length: core.outputCount() }, (_, index) => index);
    this.outputs = indexes.map((index) => this.#nameOf(index));
    this.#prefixLengthMax = Math.max(...indexes.map((index) => core.outputPrefixLength(index)));
  }

  /** Returns where one value goes; null is a tombstone. For more than a few values `routeValues` costs far less. */
  route(value: Value): Decision {
    const { outputs, unroutable } = this.routeValues([value]);
    const refused = unroutable[0];
    if (refused !== undefined) return { reason: refused.reason, byteOffset: refused.byteOffset };
    const index = outputs.findIndex(({ ends }) => ends.length === 1);
    const output = this.outputs[index];
    const packed = outputs[index];
    if (output === undefined || packed === undefined) throw new Error("the core routed a value nowhere and gave no reason");
    return { output, value: packed.bytes.slice() };
  }

  /** Routes values, each to the output that the rule says. */
  routeValues(given: readonly Value[]): RoutedValues {
    const values = given.map(bytesOfValue);
    const bytesIn = values.reduce((sum, value) => sum + (value?.length ?? 0), 0);
    this.#reserveForValues(bytesIn, values.length);
    const input = this.#core.inputAddress();
    let pair = this.#core.valueTableAddress() >>> 2;
    let offset = 0;
    for (const value of values) {
      this.#words[pair] = offset;
      this.#words[pair + 1] = value === null ? NULL_LENGTH : value.length;
      pair += 2;
      if (value === null) continue;
      this.#bytes.set(value, input + offset);
      offset += value.length;
    }
    return this.#routed(values.length);
  }

  /** Routes values that lie end to end, which spares an object for each; none of them is null. Not for views of this router's own memory. */
  routePackedValues({ bytes, ends }: PackedValues): RoutedValues {
    this.#reserveForValues(bytes.length, ends.length);
    this.#bytes.set(bytes, this.#core.inputAddress());
    let pair = this.#core.valueTableAddress() >>> 2;
    let start = 0;
    for (const end of ends) {
      // So that what is no number is refused, too.
      if (!(end >= start && end <= bytes.length)) throw new RouterError("ValueEnds", null);
      this.#words[pair] = start;
      this.#words[pair + 1] = end - start;
      pair += 2;
      start = end;
    }
    return this.#routed(ends.length);
  }

  /** Routes the values that the value table lists. */
  #routed(count: number): RoutedValues {
    const core = this.#core;
    this.#check(core.routeValues(0, count));
    const outputs = this.outputs.map((_, index) => {
      const address = core.outputAddress(index);
      const ends = core.outputEndsAddress(index) >>> 2;
      return {
        bytes: this.#bytes.subarray(address, address + core.outputValueBytes(index)),
        ends: this.#words.subarray(ends, ends + core.outputValueCount(index)),
      };
    });
    const unroutable = this.#unroutable().map(({ offsetDelta, reason, byteOffset }) => ({ index: offsetDelta, reason, byteOffset }));
    return { outputs, unroutable };
  }

  /** Empties the outputs for RecordBatches of at most `bytesMax` bytes; only a single record that is longer makes a longer one. */
  openBatches(bytesMax: number): void {
    this.#batchBytesMax = bytesMax;
    this.#open = false;
    this.#reserve(0, bytesMax, 0);
    this.#check(this.#core.openBatches(bytesMax));
    this.#open = true;
  }

  /**
   * Routes one uncompressed RecordBatch into the open outputs, without its records below `fetchOffset`. Throws `RouterError` for a batch
   * with a fault, of which then nothing is taken. `crcVerified`: the CRC field belongs to a compressed form that the caller has verified.
   */
  routeRecordBatch(batch: Uint8Array, fetchOffset = 0n, crcVerified = false): RoutedBatch {
    const core = this.#core;
    if (!this.#open) throw new RouterError("NotOpen", null);
    if (batch.length > this.#inputReserved || this.#recordsReserved < UNROUTABLE_MAX) {
      // Making room would move the arenas, so what the outputs hold has to be taken out first.
      if (this.#hasOpenRecords()) return { full: true, nextOffset: fetchOffset, tombstones: 0, unroutable: [] };
      this.#reserve(batch.length, this.#batchBytesMax, UNROUTABLE_MAX);
    }
    this.#bytes.set(batch, core.inputAddress());
    const status = core.routeRecordBatch(0, batch.length, fetchOffset, crcVerified ? CRC_VERIFIED : 0);
    const full = this.#statuses.get(status) === "Full";
    if (!full) this.#check(status);
    return {
      full,
      nextOffset: core.nextOffset(),
      tombstones: core.tombstoneCount(),
      unroutable: core.unroutableCount() === 0 ? [] : this.#unroutable(),
    };
  }

  /** Finishes the RecordBatch of every output that has records. */
  finishBatches(): readonly OutputBatch[] {
    const core = this.#core;
    this.#check(core.finishBatches());
    this.#open = false;
    return this.outputs.flatMap((_, output) => {
      const length = core.batchLength(output);
      if (length === 0) return [];
      const address = core.outputAddress(output);
      return [{ output, bytes: this.#bytes.subarray(address, address + length), recordCount: core.batchRecordCount(output) }];
    });
  }

  /** Writes a producer into the header of a finished RecordBatch, in place, and mends its CRC. */
  stampProducer(batch: Uint8Array, stamp: ProducerStamp): void {
    if (batch.length < HEADER_BYTES) throw new RouterError("BatchTruncated", null);
    this.#reserve(HEADER_BYTES, 0, 0);
    const input = this.#core.inputAddress();
    this.#bytes.set(batch.subarray(0, HEADER_BYTES), input);
    const { producerId, producerEpoch, baseSequence, transactional } = stamp;
    this.#check(this.#core.stampProducer(0, producerId, producerEpoch, baseSequence, transactional ? 1 : 0));
    batch.set(this.#bytes.subarray(input, input + HEADER_BYTES));
  }

  /** Returns the CRC-32C of `bytes`, unsigned. */
  crc32c(bytes: Uint8Array): number {
    this.#reserve(bytes.length, 0, 0);
    this.#bytes.set(bytes, this.#core.inputAddress());
    return this.#core.crc32c(0, bytes.length) >>> 0;
  }

  #configure(rule: Uint8Array): void {
    const address = this.#core.ruleAddress();
    // A text that is too long is not copied: the core refuses it by its length alone.
    this.#bytes.set(rule.subarray(0, Math.min(rule.length, 16384)), address);
    this.#check(this.#core.configure(rule.length));
  }

  #nameOf(index: number): string {
    const address = this.#core.outputNameAddress(index);
    return new TextDecoder().decode(this.#bytes.subarray(address, address + this.#core.outputNameLength(index)));
  }

  /** Makes room for values, and closes the outputs for RecordBatches: values go to the same place, and records that it holds would be lost. */
  #reserveForValues(bytes: number, count: number): void {
    if (this.#hasOpenRecords()) throw new RouterError("NotFinished", null);
    this.#open = false;
    this.#reserve(bytes, bytes + count * this.#prefixLengthMax, count);
  }

  /** Makes sure of room; the views are made anew when the memory has grown, for then the old ones are detached. */
  #reserve(inputBytes: number, outputBytes: number, records: number): void {
    if (inputBytes <= this.#inputReserved && outputBytes <= this.#outputReserved && records <= this.#recordsReserved) return;
    // To the core, a number of 2^32 or more is what is left of it in 32 bits.
    if (!(Math.max(inputBytes, outputBytes, records) <= U32_MAX)) throw new RouterError("OutOfRange", null);
    if (this.#hasOpenRecords()) throw new RouterError("NotFinished", null);
    const input = Math.max(inputBytes, this.#inputReserved);
    const output = Math.max(outputBytes, this.#outputReserved);
    const table = Math.max(records, this.#recordsReserved);
    this.#check(this.#core.reserve(input, output, table));
    this.#inputReserved = input;
    this.#outputReserved = output;
    this.#recordsReserved = table;
    // The arenas have moved, which closes the outputs; these were empty.
    if (this.#open) this.#check(this.#core.openBatches(this.#batchBytesMax));
    if (this.#bytes.length === 0) {
      this.#bytes = new Uint8Array(this.#core.memory.buffer);
      this.#words = new Uint32Array(this.#core.memory.buffer);
    }
  }

  #hasOpenRecords(): boolean {
    return this.#open && this.outputs.some((_, index) => this.#core.batchRecordCount(index) > 0);
  }

  /** Returns the unroutable table; of values, the offset delta is the index. */
  #unroutable(): RefusedRecord[] {
    const table = this.#core.unroutableAddress() >>> 2;
    return Array.from({ length: this.#core.unroutableCount() }, (_, index) => {
      const entry = table + 4 * index;
      return {
        offsetDelta: this.#words[entry] ?? 0,
        reason: this.#reasons.get(this.#words[entry + 1] ?? 0) ?? "not-a-digit",
        byteOffset: this.#words[entry + 2] ?? 0,
        recordOffset: this.#words[entry + 3] ?? 0,
      };
    });
  }

  #check(status: number): void {
    if (status === 0) return;
    const name = this.#statuses.get(status) ?? `Status${status}`;
    throw new RouterError(name, name.startsWith("Rule") ? this.#core.faultOffset() : null);
  }
}
