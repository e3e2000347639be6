/**
 * What a module declares, read as strictly as the broker reads it at deploy time (`src/v/wasm/parser/parser.cc`): it knows less of the binary
 * format than an engine does, and refuses what it does not know.
 */

/** Bytes that the broker's parser refuses; the message is the broker's own. */
export class InvalidModule extends Error {
  override readonly name = "InvalidModule";
}

export interface Limits {
  readonly minimum: number;
  readonly maximum: number | null;
}

/** A function's type is text: `i32 i64 -> i32`. */
export type Declaration =
  | { readonly kind: "function"; readonly type: string }
  | { readonly kind: "table" | "memory"; readonly limits: Limits }
  | { readonly kind: "global" };

export interface Import {
  readonly module: string;
  readonly name: string;
  readonly declaration: Declaration;
}

export interface Export {
  readonly name: string;
  readonly declaration: Declaration;
}

export interface Declarations {
  readonly imports: readonly Import[];
  readonly exports: readonly Export[];
  readonly tables: readonly Limits[];
  readonly memories: readonly Limits[];
}

const MAGIC = [0x00, 0x61, 0x73, 0x6d];
/** Each may come once or more, none behind a later one (`parser.cc:573`); custom sections anywhere. */
const SECTION_ORDER = [1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 10, 11];
const [CUSTOM, TYPE, IMPORT, FUNCTION, TABLE, MEMORY, GLOBAL, EXPORT] = [0, 1, 2, 3, 4, 5, 6, 7];
const FUNCTION_TYPE = 0x60;
const [GLOBAL_GET, I32_CONST, I64_CONST, F32_CONST, F64_CONST, REF_NULL, END] = [0x23, 0x41, 0x42, 0x43, 0x44, 0xd0, 0x0b];

// The bounds of `parser.cc:125-140`. The last four are 1 MiB divided by the size of a C++ object: 48, 12, 88 and 72 bytes.
const NAME_BYTES_MAX = 512;
const PARAMETERS_MAX = 128;
const RESULTS_MAX = 64;
const FUNCTIONS_MAX = 21_845;
const ITEMS_MAX = 87_381;
const IMPORTS_MAX = 11_915;
const EXPORTS_MAX = 14_563;

/** Without v128: vectors may be used in a function's body, which is skipped, and nowhere in what is declared. */
const VALUE_TYPES: ReadonlyMap<number, string> = new Map([
  [0x7f, "i32"],
  [0x7e, "i64"],
  [0x7d, "f32"],
  [0x7c, "f64"],
  [0x70, "funcref"],
  [0x6f, "externref"],
]);

class Parser {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  left(): number {
    return this.#bytes.length - this.#at;
  }

  take(length: number): Uint8Array {
    if (length > this.left()) throw new InvalidModule(`Invalid skip(n). Expected:${length}, but skipped:${this.left()}`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  byte(): number {
    return this.take(1)[0] ?? 0;
  }

  /** An unsigned LEB128 number of at most so many bits. */
  number(bits = 32): number {
    let value = 0;
    for (let shift = 0; shift < bits; shift += 7) {
      const byte = this.byte();
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new InvalidModule("invalid leb128");
  }

  name(): string {
    const length = this.number();
    if (length > NAME_BYTES_MAX) throw new InvalidModule(`name too long: ${length}`);
    try {
      return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.take(length));
    } catch (error) {
      if (error instanceof InvalidModule) throw error;
      throw new InvalidModule("Cannot decode string as UTF8");
    }
  }

  valueType(): string {
    const id = this.byte();
    const type = VALUE_TYPES.get(id);
    if (type === undefined) throw new InvalidModule(`unknown valtype: ${id}`);
    return type;
  }

  referenceType(): void {
    const id = this.#bytes[this.#at] ?? 0;
    if (!this.valueType().endsWith("ref")) throw new InvalidModule(`invalid reftype: ${id}`);
  }

  /** Any flag but 0 says that a maximum follows: a shared or a 64-bit memory is not told from a plain one. */
  limits(): Limits {
    const hasMaximum = this.byte() !== 0;
    const minimum = this.number();
    return { minimum, maximum: hasMaximum ? this.number() : null };
  }

  list<Item>(max: number, what: string, item: () => Item): readonly Item[] {
    const count = this.number();
    if (count > max) throw new InvalidModule(`${what}: ${count}, max: ${max}`);
    return Array.from({ length: count }, item);
  }

  /** The types of a function's parameters or results. */
  valueTypes(max: number): string {
    const count = this.number();
    if (count > max) throw new InvalidModule(`too many types to function: ${count}`);
    return Array.from({ length: count }, () => this.valueType()).join(" ");
  }
}

function at<Item>(items: readonly Item[], index: number, what: string): Item {
  const item = items[index];
  if (item === undefined) throw new InvalidModule(`${what} out of range - ${index} ∉ [0, ${items.length})`);
  return item;
}

/** Reads the sections of one module in their order. */
class ModuleReader {
  readonly #parser: Parser;
  #sectionsLeft: readonly number[] = SECTION_ORDER;
  readonly #types: string[] = [];
  readonly #functions: Declaration[] = [];
  readonly #globals: Declaration[] = [];
  readonly tables: Limits[] = [];
  readonly memories: Limits[] = [];
  readonly imports: Import[] = [];
  readonly exports: Export[] = [];

  constructor(bytes: Uint8Array) {
    this.#parser = new Parser(bytes);
  }

  read(): Declarations {
    const magic = Array.from(this.#parser.take(4));
    if (magic.some((byte, index) => byte !== MAGIC[index])) throw new InvalidModule(`magic bytes incorrect: ${magic.join(" ")}`);
    if (this.#parser.take(4).some((byte, index) => byte !== (index === 0 ? 1 : 0))) throw new InvalidModule("unsupported wasm version");
    while (this.#parser.left() > 0) this.#readSection();
    const { imports, exports, tables, memories } = this;
    return { imports, exports, tables, memories };
  }

  #readSection(): void {
    const parser = this.#parser;
    const id = parser.byte();
    if (id !== CUSTOM) {
      if (!this.#sectionsLeft.includes(id)) throw new InvalidModule(`invalid section with id ${id}`);
      this.#sectionsLeft = this.#sectionsLeft.slice(this.#sectionsLeft.indexOf(id));
    }
    const length = parser.number();
    switch (id) {
      case TYPE:
        this.#types.push(...parser.list(FUNCTIONS_MAX, "too large of type section", () => this.#readType()));
        break;
      case IMPORT:
        parser.list(IMPORTS_MAX, "too many imports", () => this.imports.push(this.#readImport()));
        break;
      case FUNCTION:
        this.#functions.push(...parser.list(FUNCTIONS_MAX, "too many functions", () => this.#functionOfType("unknown function signature")));
        break;
      case TABLE:
        this.tables.push(...parser.list(ITEMS_MAX, "too many tables", () => this.#readTable()));
        break;
      case MEMORY:
        this.memories.push(...parser.list(ITEMS_MAX, "too many memories", () => parser.limits()));
        break;
      case GLOBAL:
        parser.list(ITEMS_MAX, "too many globals", () => this.#globals.push(this.#readGlobal()));
        break;
      case EXPORT:
        this.exports.push(...parser.list(EXPORTS_MAX, "too many exports", () => this.#readExport()));
        break;
      default:
        parser.take(length);
    }
  }

  #readType(): string {
    const magic = this.#parser.byte();
    if (magic !== FUNCTION_TYPE) throw new InvalidModule(`function type magic mismatch: ${magic}`);
    return `${this.#parser.valueTypes(PARAMETERS_MAX)} -> ${this.#parser.valueTypes(RESULTS_MAX)}`;
  }

  #functionOfType(what: string): Declaration {
    return { kind: "function", type: at(this.#types, this.#parser.number(), what) };
  }

  #readTable(): Limits {
    this.#parser.referenceType();
    return this.#parser.limits();
  }

  #readImport(): Import {
    const [module, name] = [this.#parser.name(), this.#parser.name()];
    return { module, name, declaration: this.#readImportDeclaration() };
  }

  #readImportDeclaration(): Declaration {
    const kind = this.#parser.byte();
    switch (kind) {
      case 0:
        return kept(this.#functions, this.#functionOfType("unknown import function signature"));
      case 1:
        return { kind: "table", limits: kept(this.tables, this.#readTable()) };
      case 2:
        return { kind: "memory", limits: kept(this.memories, this.#parser.limits()) };
      case 3:
        return kept(this.#globals, this.#readGlobalType());
      default:
        throw new InvalidModule(`unknown import type: ${kind}`);
    }
  }

  #readGlobalType(): Declaration {
    this.#parser.valueType();
    this.#parser.byte();
    return { kind: "global" };
  }

  /** A global begins as one constant, and nothing is computed: no `ref.func`, no extended constant expressions. */
  #readGlobal(): Declaration {
    const global = this.#readGlobalType();
    const instruction = this.#parser.byte();
    if (instruction === GLOBAL_GET || instruction === I32_CONST) this.#parser.number();
    else if (instruction === I64_CONST) this.#parser.number(64);
    else if (instruction === F32_CONST) this.#parser.take(4);
    else if (instruction === F64_CONST) this.#parser.take(8);
    else if (instruction === REF_NULL) this.#parser.referenceType();
    else throw new InvalidModule(`unimplemented global opcode: ${instruction}`);
    const end = this.#parser.byte();
    if (end !== END) throw new InvalidModule(`expected end of global initalizer, got: ${end}`);
    return global;
  }

  #readExport(): Export {
    const [name, kind, index] = [this.#parser.name(), this.#parser.byte(), this.#parser.number()];
    switch (kind) {
      case 0:
        return { name, declaration: at(this.#functions, index, "unknown function export") };
      case 1:
        return { name, declaration: { kind: "table", limits: at(this.tables, index, "unknown function export") } };
      case 2:
        return { name, declaration: { kind: "memory", limits: at(this.memories, index, "unknown memory export") } };
      case 3:
        return { name, declaration: at(this.#globals, index, "unknown global export") };
      default:
        throw new InvalidModule(`unknown export type: ${kind}`);
    }
  }
}

function kept<Item>(items: Item[], item: Item): Item {
  items.push(item);
  return item;
}

/** Returns what a module declares; throws `InvalidModule`. Like the broker's, it does not compare a section's length with what it read. */
export function readDeclarations(bytes: Uint8Array): Declarations {
  return new ModuleReader(bytes).read();
}
