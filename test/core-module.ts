/** The one place that knows which binary of the core the tests run against: `CORE_WASM`, or the built one. */
import { readFileSync } from "node:fs";

let compiled: WebAssembly.Module | undefined;

/** Returns the compiled core under test. */
export function coreModule(): WebAssembly.Module {
  compiled ??= new WebAssembly.Module(readFileSync(process.env["CORE_WASM"] ?? new URL("../build/core.wasm", import.meta.url)));
  return compiled;
}
