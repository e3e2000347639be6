/** The binaries under measurement, and the part of its exports that the candidates call. */
import { readFileSync } from "node:fs";
import { basename } from "node:path";
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

/** A build of the core under measurement. */
export interface CoreBuild {
  readonly name: string;
  readonly path: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly module: WebAssembly.Module;
}

/** Returns the path of a build of the core. */
export function corePath(file: "core.wasm" | "core.simd.wasm"): string {
  return fileURLToPath(new URL(`../build/${file}`, import.meta.url));
}

function buildAt(name: string, path: string): CoreBuild {
  const bytes = Uint8Array.from(readFileSync(path));
  return { name, path, bytes, module: new WebAssembly.Module(bytes) };
}

/** Returns the builds, the one that hosts choose first; and last the binary of another commit, if one is to be measured beside them. */
export function coreBuilds(beside?: string): readonly [CoreBuild, ...CoreBuild[]] {
  return [
    buildAt("core", corePath("core.simd.wasm")),
    buildAt("core without SIMD", corePath("core.wasm")),
    ...(beside === undefined ? [] : [buildAt(`core of ${basename(beside)}`, beside)]),
  ];
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
