/** Small modules for tests, section by section, and instructions for their `_start`. */
import { bytesOf, joined } from "../bytes.ts";
import { HOST_FUNCTIONS, wasmType } from "./host-functions.ts";
import { leb } from "./memory-cap.ts";

const TYPE_CODES: Readonly<Record<string, number>> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
  funcref: 0x70,
  externref: 0x6f,
};

/** A module with one function, `_start`, and one memory; what is not said is as the broker wants it. */
export interface ModuleSketch {
  /** `module.name`, or with a type of its own `module.name: i32 -> i32`. */
  readonly imports?: readonly string[];
  readonly startType?: string;
  readonly body?: readonly Uint8Array[];
  /** i32 locals of `_start`. */
  readonly locals?: number;
  readonly memory?: readonly [minimum: number, maximum?: number];
  /** Bytes by address. */
  readonly data?: readonly (readonly [address: number, bytes: Uint8Array])[];
  readonly exports?: readonly (readonly [name: string, kind: number, index: number])[] | undefined;
  /** Further sections, each with its id and content, by the id that they stand before. */
  readonly before?: Readonly<Record<number, Uint8Array>>;
}

/** Returns a section. */
export function section(id: number, content: Uint8Array): Uint8Array {
  return joined([Uint8Array.of(id), leb(content.length), content]);
}

/** Returns a vector: its count, then its items. */
export function vector(items: readonly Uint8Array[]): Uint8Array {
  return joined([leb(items.length), ...items]);
}

/** Returns a name: its length, then its bytes. */
export function nameBytes(name: string): Uint8Array {
  return joined([leb(bytesOf(name).length), bytesOf(name)]);
}

/** Returns a function type from text: `i32 i64 -> i32`. */
export function functionType(type: string): Uint8Array {
  const [parameters = "", results = ""] = type.split("->");
  return joined([Uint8Array.of(0x60), valueTypes(parameters), valueTypes(results)]);
}

function valueTypes(list: string): Uint8Array {
  return vector(Array.from(list.matchAll(/\w+/g), ([name]) => Uint8Array.of(TYPE_CODES[name] ?? 0)));
}

const ABI = "redpanda_transform.check_abi_version_2";

/** Returns a module's bytes. */
export function assemble(sketch: ModuleSketch = {}): Uint8Array {
  const imports = (sketch.imports ?? [ABI]).map(importOf);
  const { memory = [1], data = [], before = {} } = sketch;
  const limits = memory.length === 1 ? [0, memory[0]] : [1, ...memory];
  const exports = sketch.exports ?? [
    ["memory", 2, 0],
    ["_start", 0, imports.length],
  ];
  const locals = joined([Uint8Array.of(1), leb(sketch.locals ?? 0), Uint8Array.of(0x7f)]);
  const code = joined([locals, ...(sketch.body ?? []), Uint8Array.of(0x0b)]);
  const sections = new Map<number, Uint8Array>([
    [1, vector([...imports.map(({ type }) => functionType(type)), functionType(sketch.startType ?? " -> ")])],
    [2, vector(imports.map(({ module, name }, index) => joined([nameBytes(module), nameBytes(name), Uint8Array.of(0), leb(index)])))],
    [3, vector([leb(imports.length)])],
    [5, vector([joined(limits.map((number) => leb(number ?? 0)))])],
    [7, vector(exports.map(([name, kind, index]) => joined([nameBytes(name), Uint8Array.of(kind), leb(index)])))],
    [10, vector([joined([leb(code.length), code])])],
    [11, vector(data.map(([address, bytes]) => joined([Uint8Array.of(0), i32(address), Uint8Array.of(0x0b), leb(bytes.length), bytes])))],
  ]);
  const header = joined([bytesOf("\0asm"), Uint8Array.of(1, 0, 0, 0)]);
  return joined([header, ...Array.from(sections, ([id, content]) => joined([before[id] ?? new Uint8Array(0), section(id, content)]))]);
}

function importOf(text: string): { readonly module: string; readonly name: string; readonly type: string } {
  const [path = "", type] = text.split(": ");
  const [module = "", name = ""] = path.split(".");
  return { module, name, type: type ?? wasmType(HOST_FUNCTIONS[module]?.[name] ?? " -> ") };
}

/** `i32.const`, as signed LEB128. */
export function i32(value: number): Uint8Array {
  return Uint8Array.of(0x41, ...signedLeb(BigInt(value | 0)));
}

/** `i64.const`. */
export function i64(value: bigint): Uint8Array {
  return Uint8Array.of(0x42, ...signedLeb(value));
}

function signedLeb(value: bigint): readonly number[] {
  const byte = Number(value & 0x7fn);
  const rest = value >> 7n;
  const isLast = (rest === 0n && byte < 0x40) || (rest === -1n && byte >= 0x40);
  return isLast ? [byte] : [byte | 0x80, ...signedLeb(rest)];
}

/** Instructions by their names in the text format. */
export const op = {
  call: (index: number): Uint8Array => joined([Uint8Array.of(0x10), leb(index)]),
  get: (local: number): Uint8Array => joined([Uint8Array.of(0x20), leb(local)]),
  set: (local: number): Uint8Array => joined([Uint8Array.of(0x21), leb(local)]),
  load: (): Uint8Array => Uint8Array.of(0x28, 2, 0),
  load8: (offset: number): Uint8Array => joined([Uint8Array.of(0x2d, 0), leb(offset)]),
  store: (): Uint8Array => Uint8Array.of(0x36, 2, 0),
  drop: Uint8Array.of(0x1a),
  grow: Uint8Array.of(0x40, 0),
  equal: Uint8Array.of(0x46),
  isZero: Uint8Array.of(0x45),
  subtract: Uint8Array.of(0x6b),
  loop: Uint8Array.of(0x03, 0x40),
  block: Uint8Array.of(0x02, 0x40),
  ifThen: Uint8Array.of(0x04, 0x40),
  end: Uint8Array.of(0x0b),
  branch: (depth: number): Uint8Array => Uint8Array.of(0x0c, depth),
  branchIf: (depth: number): Uint8Array => Uint8Array.of(0x0d, depth),
  unreachable: Uint8Array.of(0x00),
} as const;
