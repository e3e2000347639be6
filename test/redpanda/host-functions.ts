/**
 * The functions that the broker defines for a guest, by module, with their parameters as the broker takes them apart (`src/v/wasm/ffi.h`,
 * `transform_types` and `extract_parameter`):
 *
 *     i32, i64        a number
 *     out1 … out8     a pointer to that many bytes that the host writes; checked against the guest's memory before the function runs
 *     bytes, iovecs   a pointer and a count, of bytes or of 8-byte iovecs; checked likewise
 *     pointer         a pointer that the function checks itself, or never looks at
 *
 * Registered in `src/v/wasm/wasmtime.cc`: `register_wasi_module` at 1200, `register_sr_module` and `register_transform_module` behind it.
 */
import type { GuestMemory } from "./guest-memory.ts";

const WASI: Readonly<Record<string, string>> = {
  args_get: "pointer pointer -> i32",
  args_sizes_get: "out4 out4 -> i32",
  clock_res_get: "i32 out8 -> i32",
  clock_time_get: "i32 i64 out8 -> i32",
  environ_get: "pointer pointer -> i32",
  environ_sizes_get: "out4 out4 -> i32",
  fd_advise: "i32 i64 i64 i32 -> i32",
  fd_allocate: "i32 i64 i64 -> i32",
  fd_close: "i32 -> i32",
  fd_datasync: "i32 -> i32",
  fd_fdstat_get: "i32 pointer -> i32",
  fd_fdstat_set_flags: "i32 i32 -> i32",
  fd_filestat_get: "i32 pointer -> i32",
  fd_filestat_set_size: "i32 i64 -> i32",
  fd_filestat_set_times: "i32 i64 i64 i32 -> i32",
  fd_pread: "i32 iovecs i64 out4 -> i32",
  fd_prestat_dir_name: "i32 out1 i32 -> i32",
  fd_prestat_get: "i32 pointer -> i32",
  fd_pwrite: "i32 iovecs i64 out4 -> i32",
  fd_read: "i32 iovecs out4 -> i32",
  fd_readdir: "i32 bytes i64 out4 -> i32",
  fd_renumber: "i32 i32 -> i32",
  fd_seek: "i32 i64 i32 out8 -> i32",
  fd_sync: "i32 -> i32",
  fd_tell: "i32 out8 -> i32",
  fd_write: "i32 iovecs out4 -> i32",
  path_create_directory: "i32 bytes -> i32",
  path_filestat_get: "i32 i32 bytes pointer -> i32",
  path_filestat_set_times: "i32 i32 bytes i64 i64 i32 -> i32",
  path_link: "i32 i32 bytes i32 bytes -> i32",
  path_open: "i32 i32 bytes i32 i64 i64 i32 out4 -> i32",
  path_readlink: "i32 bytes bytes out4 -> i32",
  path_remove_directory: "i32 bytes -> i32",
  path_rename: "i32 bytes i32 bytes -> i32",
  path_symlink: "bytes i32 bytes -> i32",
  path_unlink_file: "i32 bytes -> i32",
  poll_oneoff: "pointer pointer i32 out4 -> i32",
  proc_exit: "i32 -> ",
  random_get: "bytes -> i32",
  sched_yield: " -> i32",
  sock_accept: "i32 i32 out4 -> i32",
  sock_recv: "i32 iovecs i32 out4 out2 -> i32",
  sock_send: "i32 iovecs i32 out4 -> i32",
  sock_shutdown: "i32 i32 -> i32",
};

const TRANSFORM: Readonly<Record<string, string>> = {
  check_abi_version_1: " -> ",
  check_abi_version_2: " -> ",
  read_batch_header: "out8 out4 out4 out2 out4 out8 out8 out8 out2 out4 -> i32",
  read_next_record: "out1 out8 out8 bytes -> i32",
  write_record: "bytes -> i32",
  write_record_with_options: "bytes bytes -> i32",
};

const SCHEMA_REGISTRY: Readonly<Record<string, string>> = {
  check_abi_version_0: " -> ",
  create_subject_schema: "bytes bytes out4 -> i32",
  get_schema_definition: "i32 bytes -> i32",
  get_schema_definition_len: "i32 out4 -> i32",
  get_subject_schema: "bytes i32 bytes -> i32",
  get_subject_schema_len: "bytes i32 out4 -> i32",
};

/** The parameters and results of every host function, by module and name. */
export const HOST_FUNCTIONS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  redpanda_schema_registry: SCHEMA_REGISTRY,
  redpanda_transform: TRANSFORM,
  wasi_snapshot_preview1: WASI,
};

const ARRAYS: Readonly<Record<string, number>> = { bytes: 1, iovecs: 8 };

function kindsOf(parameters: string): readonly string[] {
  return parameters
    .slice(0, parameters.indexOf("->"))
    .split(" ")
    .filter((kind) => kind !== "");
}

/** Returns the WebAssembly type of a host function: `i32 i32 i64 -> i32`. */
export function wasmType(parameters: string): string {
  const types = kindsOf(parameters).map((kind) => (kind === "i64" ? "i64" : kind in ARRAYS ? "i32 i32" : "i32"));
  return `${types.join(" ")} ${parameters.slice(parameters.indexOf("->"))}`;
}

/** Traps when a pointer among the arguments leads out of the guest's memory. */
export function checkPointers(memory: GuestMemory, parameters: string, values: readonly (number | bigint)[]): void {
  let index = 0;
  for (const kind of kindsOf(parameters)) {
    const itemBytes = ARRAYS[kind];
    const pointer = Number(values[index++]) >>> 0;
    if (itemBytes !== undefined) memory.check(pointer, (Number(values[index++]) >>> 0) * itemBytes);
    else if (kind.startsWith("out")) memory.check(pointer, Number(kind.slice("out".length)));
  }
}
