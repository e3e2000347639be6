/** The memory of a compiled peer, laid out as `values.h` has it. */

/** A function of a peer; those with fewer parameters leave the rest alone. */
export type Call = (a: number, b: number, c: number, d: number, e: number) => number;

/** Memory of a peer, from byte `from` on for the caller to use, and the peer's functions upon it. */
export interface Opened {
  readonly buffer: ArrayBuffer;
  readonly from: number;
  readonly functions: Readonly<Record<string, Call>>;
}

/** A compiled peer. */
export interface Program {
  readonly name: string;
  /** Returns a memory of at least that many free bytes. */
  open(bytes: number): Opened;
}

/** What a job needs room for. */
interface Room {
  readonly input: Uint8Array;
  /** Pairs of u32 offset and length; none for RecordBatches. */
  readonly table: Uint32Array;
  /** Of each output. */
  readonly outputBytes: number;
  readonly records: number;
}

const OUTPUT_STRUCT_BYTES = 64;
const PREFIXES = ["Even timestamp: ", "Odd timestamp:"] as const;
/** Copies round up. */
const SLACK_BYTES = 64;

function aligned(bytes: number): number {
  return Math.ceil(bytes / 64) * 64;
}

/** Places of everything, and the functions that work on it. */
export class PeerMemory {
  readonly functions: Readonly<Record<string, Call>>;
  readonly input: number;
  readonly inputBytes: number;
  readonly table: number;
  /** Where the two structs of the outputs are. */
  readonly outputs: number;
  readonly #bytes: Uint8Array;
  readonly #words: Uint32Array;

  constructor(program: Program, { input, table, outputBytes, records }: Room) {
    const sizes = [input.length + SLACK_BYTES, table.byteLength, 2 * OUTPUT_STRUCT_BYTES];
    const outputSizes = [0, 1].flatMap(() => [outputBytes + SLACK_BYTES, 4 * records]);
    const all = [...sizes, ...outputSizes].map(aligned);
    const { buffer, from, functions } = program.open(all.reduce((sum, size) => sum + size, 64));
    let free = aligned(from);
    const [inputAt = 0, tableAt = 0, outputs = 0, ...places] = all.map((size) => (free += size) - size);
    this.functions = functions;
    [this.input, this.inputBytes, this.table, this.outputs] = [inputAt, input.length, tableAt, outputs];
    this.#bytes = new Uint8Array(buffer);
    this.#words = new Uint32Array(buffer);
    this.#bytes.set(input, inputAt);
    this.#words.set(table, tableAt / 4);
    for (const [index, prefix] of PREFIXES.entries()) {
      const [arena = 0, ends = 0] = places.slice(2 * index);
      const struct = outputs + index * OUTPUT_STRUCT_BYTES;
      this.#words.set([arena, arena + outputBytes, ends, arena, ends, prefix.length], struct / 4);
      this.#bytes.set(new TextEncoder().encode(prefix), struct + 48);
    }
  }

  /** Returns where the arena of output `index` is, and what the last call left there. */
  arena(index: number): { readonly at: number; readonly bytes: Uint8Array; readonly ends: Uint8Array } {
    const struct = (this.outputs + index * OUTPUT_STRUCT_BYTES) / 4;
    const [at = 0, , ends = 0, cursor = 0, endsCursor = 0] = this.#words.subarray(struct, struct + 5);
    return { at, bytes: this.#bytes.subarray(at, cursor), ends: this.#bytes.subarray(ends, endsCursor) };
  }
}
