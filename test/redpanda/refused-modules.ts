/** Modules that are deployed without complaint, of which the broker makes no engine, each with what it logs. */
import { joined } from "../bytes.ts";
import type { ModuleSketch } from "./assembler.ts";
import { section, vector } from "./assembler.ts";
import { leb } from "./memory-cap.ts";

/** A module and why it is refused; `by` says whose check that is, the engine's or one of the broker's own around it. */
export interface RefusedModule {
  readonly what: string;
  readonly sketch: ModuleSketch;
  readonly message: string;
  readonly by: "wasmtime" | "broker";
}

const ABI = "redpanda_transform.check_abi_version_2";
const TWO_TABLES = section(4, vector([Uint8Array.of(0x70, 0, 1), Uint8Array.of(0x70, 0, 1)]));

/** Returns the section of a table of functions of so many elements. */
export function tableOf(elements: number): Uint8Array {
  return section(4, vector([joined([Uint8Array.of(0x70, 0), leb(elements)])]));
}

export const REFUSED_BY_ENGINE: readonly RefusedModule[] = [
  {
    what: "imports abort of AssemblyScript",
    sketch: { imports: [ABI, "env.abort: i32 i32 i32 i32 -> "] },
    message: "unknown import: `env::abort` has not been defined",
    by: "wasmtime",
  },
  {
    what: "imports a WASI function that the broker leaves out",
    sketch: { imports: [ABI, "wasi_snapshot_preview1.fd_fdstat_set_rights: i32 i64 i64 -> i32"] },
    message: "unknown import: `wasi_snapshot_preview1::fd_fdstat_set_rights` has not been defined",
    by: "wasmtime",
  },
  {
    what: "imports the WASI of before",
    sketch: { imports: [ABI, "wasi_unstable.fd_write: i32 i32 i32 i32 -> i32"] },
    message: "unknown import: `wasi_unstable::fd_write` has not been defined",
    by: "wasmtime",
  },
  {
    what: "imports a host function under another type",
    sketch: { imports: [ABI, "redpanda_transform.write_record: i32 i32 i32 -> i32"] },
    message: "incompatible import type for `redpanda_transform::write_record`",
    by: "wasmtime",
  },
  {
    // src/v/wasm/wasmtime.cc:407
    what: "exports its memory under a second name",
    sketch: {
      exports: [
        ["mem", 2, 0],
        ["memory", 2, 0],
        ["_start", 0, 1],
      ],
    },
    message: 'invalid memory export name: "mem"',
    by: "broker",
  },
  {
    // src/v/wasm/wasmtime.cc:672
    what: "declares the 32 pages that it may have at most",
    sketch: { memory: [1, 32] },
    message: "unable to allocate memory within requested bounds: [1, 32]",
    by: "broker",
  },
  {
    what: "declares all the pages there can be",
    sketch: { memory: [1, 65_536] },
    message: "unable to allocate memory within requested bounds: [1, 65536]",
    by: "broker",
  },
  // The limits of a store, src/v/wasm/wasmtime.cc:644-650.
  {
    what: "begins with 33 pages",
    sketch: { memory: [33] },
    message: "memory minimum size of 33 pages exceeds memory limits",
    by: "wasmtime",
  },
  {
    what: "has two memories",
    sketch: { before: { 7: section(5, vector([Uint8Array.of(0, 1)])) } },
    message: "multiple memories",
    by: "broker",
  },
  {
    what: "has two tables",
    sketch: { before: { 5: TWO_TABLES } },
    message: "resource limit exceeded: table count too high at 2",
    by: "wasmtime",
  },
  {
    what: "has a table of 16,385 elements",
    sketch: { before: { 5: tableOf(16_385) } },
    message: "table minimum size of 16385 elements exceeds table limits",
    by: "wasmtime",
  },
];
