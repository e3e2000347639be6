/** As much of the binary format of WebAssembly as it takes to tell what a module shows to the outside (core specification, chapter 5.5). */

export interface Signature {
  readonly parameters: readonly string[];
  readonly results: readonly string[];
}

export interface MemoryLimits {
  readonly initialPages: number;
  readonly maximumPages: number | null;
}

export interface WasmSections {
  readonly importCount: number;
  readonly hasStart: boolean;
  readonly memories: readonly MemoryLimits[];
  readonly tableCount: number;
  /** The signature of every exported function, by name. */
  readonly functions: ReadonlyMap<string, Signature>;
  /** Type and mutability of every exported global, by name. */
  readonly globals: ReadonlyMap<string, { readonly type: string; readonly mutable: boolean }>;
}

const VALUE_TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x7b, "v128"],
]);

const [TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT, START] = [1, 2, 3, 4, 5, 6, 7, 8] as const;
const [I32_CONST, I64_CONST, END] = [0x41, 0x42, 0x0b] as const;

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  left(): number {
    return this.#bytes.length - this.#at;
  }

  byte(): number {
    const byte = this.#bytes[this.#at++];
    if (byte === undefined) throw new RangeError("the module is cut off");
    return byte;
  }

  take(length: number): Uint8Array {
    if (length > this.left()) throw new RangeError("the module is cut off");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Returns an unsigned LEB128 number. */
  number(): number {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = this.byte();
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  name(): string {
    return new TextDecoder().decode(this.take(this.number()));
  }

  valueType(): string {
    const code = this.byte();
    return VALUE_TYPES.get(code) ?? `type ${code}`;
  }

  list<Item>(item: () => Item): Item[] {
    return Array.from({ length: this.number() }, item);
  }

  signature(): Signature {
    if (this.byte() !== 0x60) throw new TypeError("a type is no function type");
    return { parameters: this.list(() => this.valueType()), results: this.list(() => this.valueType()) };
  }

  memory(): MemoryLimits {
    const hasMaximum = (this.byte() & 1) === 1;
    return { initialPages: this.number(), maximumPages: hasMaximum ? this.number() : null };
  }

  global(): { readonly type: string; readonly mutable: boolean } {
    const type = this.valueType();
    const mutable = this.byte() === 1;
    const instruction = this.byte();
    if (instruction !== I32_CONST && instruction !== I64_CONST) throw new TypeError("a global does not begin as a constant integer");
    // The constant is LEB128 too, signed: it ends with the first byte below 0x80 all the same.
    this.number();
    if (this.byte() !== END) throw new TypeError("a global's first value is not a single constant");
    return { type, mutable };
  }
}

/** Returns the bytes of each section but the custom ones, by id. */
function sectionsOf(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const reader = new Reader(bytes);
  if (Buffer.from(reader.take(8)).toString("latin1") !== "\0asm\x01\0\0\0") throw new TypeError("no WebAssembly module of version 1");
  const sections = new Map<number, Uint8Array>();
  while (reader.left() > 0) {
    const id = reader.byte();
    const content = reader.take(reader.number());
    if (id !== 0) sections.set(id, content);
  }
  return sections;
}

/** Reads a module that imports no functions and no globals: indexes begin with its own. */
export function readSections(bytes: Uint8Array): WasmSections {
  const sections = sectionsOf(bytes);
  const readerOf = (id: number): Reader => new Reader(sections.get(id) ?? Uint8Array.of(0));
  const types = readerOf(TYPE);
  const signatures = types.list(() => types.signature());
  const functions = readerOf(FUNCTION);
  const typeOfFunction = functions.list(() => functions.number());
  const memories = readerOf(MEMORY);
  const globals = readerOf(GLOBAL);
  const globalTypes = globals.list(() => globals.global());
  const exports = readerOf(EXPORT);
  const exported = exports.list(() => ({ name: exports.name(), kind: exports.byte(), index: exports.number() }));
  return {
    importCount: readerOf(IMPORT).number(),
    hasStart: sections.has(START),
    memories: memories.list(() => memories.memory()),
    tableCount: readerOf(TABLE).number(),
    functions: new Map(
      exported.flatMap(({ name, kind, index }) => (kind === 0 ? entry(name, signatures[typeOfFunction[index] ?? -1]) : [])),
    ),
    globals: new Map(exported.flatMap(({ name, kind, index }) => (kind === 3 ? entry(name, globalTypes[index]) : []))),
  };
}

function entry<Value>(name: string, value: Value | undefined): [string, Value][] {
  if (value === undefined) throw new RangeError(`the export ${name} is of nothing`);
  return [[name, value]];
}
