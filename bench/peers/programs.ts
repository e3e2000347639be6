/** The compiled peers as programs: each opens a memory of its own. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Call, Opened, Program } from "./memory.ts";
import type { Tools } from "./tools.ts";

/** Functions of the addon: the first argument is the memory. */
type NativeCall = (memory: number, ...numbers: Parameters<Call>) => number;

interface Native {
  know(buffer: ArrayBuffer): number;
}

interface Exports {
  readonly memory: WebAssembly.Memory;
  fill_tables?(): void;
}

function native(path: string): Program {
  const addon = createRequire(import.meta.url)(path) as Native & Readonly<Record<string, NativeCall>>;
  const names = ["values_as_core", "values_as_written", "batch_as_core", "crc", "crc_by_slices", "copy"];
  return {
    name: "C, native",
    open(bytes) {
      const buffer = new ArrayBuffer(bytes);
      const memory = addon.know(buffer);
      const functions = names.map((name): [string, Call] => {
        const call = addon[name];
        if (call === undefined) throw new Error(`the addon has no ${name}`);
        return [name, (a, b, c, d, e) => call(memory, a, b, c, d, e)];
      });
      return { buffer, from: 0, functions: Object.fromEntries(functions) };
    },
  };
}

function wasm(name: string, path: string): Program {
  const module = new WebAssembly.Module(readFileSync(path));
  return {
    name,
    open(bytes): Opened {
      const instance = new WebAssembly.Instance(module);
      const exports = instance.exports as unknown as Exports;
      exports.memory.grow(Math.ceil(bytes / 65536) + 1);
      exports.fill_tables?.();
      const functions = instance.exports as unknown as Readonly<Record<string, Call>>;
      return { buffer: exports.memory.buffer, from: Number((instance.exports["__heap_base"] as WebAssembly.Global).value), functions };
    },
  };
}

/** Returns the programs that this machine has. */
export function programsOf({ native: addon, cWasm, rustWasm }: Tools): readonly Program[] {
  return [
    ...(addon === null ? [] : [native(addon)]),
    ...(cWasm === null ? [] : [wasm("C to WASM", cWasm)]),
    ...(rustWasm === null ? [] : [wasm("Rust to WASM", rustWasm)]),
  ];
}
