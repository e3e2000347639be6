/** The binary under measurement, and the part of its exports that the candidates call. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** `docs/abi.md` has what each means in bytes. */
export interface CoreExports {
  readonly memory: WebAssembly.Memory;
  configure(length: number): number;
  reserve(inputBytes: number, outputBytes: number, records: number): number;
  inputAddress(): number;
  valueTableAddress(): number;
  outputAddress(index: number): number;
  routeValues(first: number, count: number): number;
  outputEndsAddress(index: number): number;
  outputValueCount(index: number): number;
  outputValueBytes(index: number): number;
  openBatches(bytesMax: number): number;
  routeRecordBatch(offset: number, length: number, fetchOffset: bigint, flags: number): number;
  finishBatches(): number;
  batchLength(index: number): number;
  crc32c(offset: number, length: number): number;
}

/** Where the core is: at `CORE_WASM`, or where it is built. */
export const CORE_PATH: string = process.env["CORE_WASM"] ?? fileURLToPath(new URL("../build/core.wasm", import.meta.url));

/** Returns the bytes of the core. */
export function coreBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(CORE_PATH));
}

/** Returns an instance with the default rule and room as asked for. */
export function openCore(module: WebAssembly.Module, inputBytes: number, outputBytes: number, records: number): CoreExports {
  const core = new WebAssembly.Instance(module).exports as unknown as CoreExports;
  demandOk(core.configure(0));
  demandOk(core.reserve(inputBytes, outputBytes, records));
  return core;
}

/** A benchmark's input never has a fault, so any status but Ok is ours. */
export function demandOk(status: number): void {
  if (status !== 0) throw new Error(`the core returned status ${status}`);
}
