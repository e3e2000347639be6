/** The binary under measurement, and the part of its exports that the candidates call. */
import { readFileSync } from "node:fs";

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

/** Returns the bytes of the core: those of `CORE_WASM`, or of the built one. */
export function coreBytes(): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(readFileSync(process.env["CORE_WASM"] ?? new URL("../build/core.wasm", import.meta.url)));
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
