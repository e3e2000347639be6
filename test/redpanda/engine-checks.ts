/**
 * What the broker finds wrong with a module that it has accepted, when it makes an engine of it: the transform then shows the state `unknown`
 * for ever, and the broker logs `failed to create transform processor` every 30 s.
 */
import type { Declaration, Declarations } from "./declarations.ts";
import { HOST_FUNCTIONS, wasmType } from "./host-functions.ts";

/** A module that no engine can be made of. */
export class EngineRefused extends Error {
  override readonly name = "EngineRefused";
}

export const PAGE_BYTES = 65_536;
/** `data_transforms_per_function_memory_limit`. */
export const MEMORY_BYTES_MAX = 2 * 1024 * 1024;
/** 128 KiB of pointers (`src/v/wasm/wasmtime.cc:638`). */
const TABLE_ELEMENTS_MAX = 16_384;

/** Throws `EngineRefused` unless the module links, and fits the limits of a store. */
export function checkEngine({ imports, exports, tables, memories }: Declarations, memoryBytesMax: number): void {
  for (const { module, name, declaration } of imports) checkImport(module, name, declaration);
  for (const { name, declaration } of exports) {
    if (declaration.kind === "memory") demand(name === "memory", `invalid memory export name: "${name}"`);
  }
  demand(memories.length <= 1, "multiple memories");
  demand(tables.length <= 1, `resource limit exceeded: table count too high at ${tables.length}`);
  for (const { minimum, maximum } of memories) {
    // The broker takes the declared pages for bytes (`src/v/wasm/wasmtime.cc:418-423`, `allocator.cc:51`), so that no maximum is large enough.
    const bounds = `[${minimum}, ${maximum ?? 0xffff_ffff}]`;
    demand(maximum === null || maximum >= memoryBytesMax, `unable to allocate memory within requested bounds: ${bounds}`);
    demand(minimum * PAGE_BYTES <= memoryBytesMax, `memory minimum size of ${minimum} pages exceeds memory limits`);
  }
  for (const { minimum } of tables) {
    demand(minimum <= TABLE_ELEMENTS_MAX, `table minimum size of ${minimum} elements exceeds table limits`);
  }
}

/** What is imported has to be a function of that very type among those that the broker defines. */
function checkImport(module: string, name: string, declaration: Declaration): void {
  const parameters = Object.hasOwn(HOST_FUNCTIONS, module) ? HOST_FUNCTIONS[module] : undefined;
  const known = parameters !== undefined && Object.hasOwn(parameters, name) ? parameters[name] : undefined;
  if (known === undefined) throw new EngineRefused(`unknown import: \`${module}::${name}\` has not been defined`);
  const fits = declaration.kind === "function" && declaration.type === wasmType(known);
  demand(fits, `incompatible import type for \`${module}::${name}\``);
}

function demand(holds: boolean, message: string): void {
  if (!holds) throw new EngineRefused(message);
}
