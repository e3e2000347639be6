/** Compiles the peers with the tools that this machine has, and says which it has not. `setup.sh` installs what is missing. */
import { execFile } from "node:child_process";
import { access, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { wasmtimeEnvironment, wasmtimeMissing, WASMTIME_VERSION } from "../../test/wasmtime.ts";

const run = promisify(execFile);
const SOURCES = import.meta.dirname;
const BUILD = join(SOURCES, "..", "build");
const NEWEST_NODE = join(SOURCES, "..", "node_modules", "node", "bin", "node");

/** What there is to measure against. Null is what this machine has no tool for. */
export interface Tools {
  /** Compiled by clang: an addon of Node.js, and a module. */
  readonly native: string | null;
  readonly cWasm: string | null;
  readonly rustWasm: string | null;
  readonly python: string | null;
  readonly newestNode: string | null;
  /** The environment in which Python finds wasmtime. */
  readonly wasmtime: NodeJS.ProcessEnv | null;
  /** What compiled or runs the peers, as it names itself. */
  readonly versions: readonly string[];
  /** What is missing, as sentences. */
  readonly missing: readonly string[];
}

/** Returns the first line of what a program says of itself, or null where it is not installed. */
async function versionOf(...command: readonly [string, ...string[]]): Promise<string | null> {
  const [file, ...args] = command;
  try {
    return (await run(file, args)).stdout.split("\n")[0] ?? "";
  } catch {
    return null;
  }
}

/** Runs a compiler; returns the path of what it wrote, or null, with a note, where it could not. */
async function compiled(missing: string[], what: string, output: string, file: string, args: readonly string[]): Promise<string | null> {
  const path = join(BUILD, output);
  try {
    await run(file, [...args, "-o", path], { cwd: SOURCES, env: { ...process.env, RUSTFLAGS: "" } });
    return path;
  } catch (error) {
    missing.push(`${what} did not compile: ${String((error as { readonly stderr?: string }).stderr ?? error).split("\n")[0]}`);
    return null;
  }
}

const C = ["-O3", "-fvisibility=hidden", "-Wall", "-Wextra", "-Werror", "-Wno-unused-function"];
const NATIVE = [...C, "-march=native", "-shared", "-fPIC", "native.c"];
const WASM = ["--target=wasm32", "-msimd128", "-mbulk-memory", "-ffreestanding", "-nostdlib", "-Wl,--no-entry", "-Wl,--export-dynamic"];
const C_WASM = [...C, ...WASM, "-Wl,--export=__heap_base", "wasm.c"];
const RUST = [
  "--edition",
  "2021",
  "--target",
  "wasm32-unknown-unknown",
  "--crate-type",
  "cdylib",
  "-C",
  "opt-level=3",
  "-C",
  "panic=abort",
];
const RUST_WASM = [...RUST, "-C", "target-feature=+simd128,+bulk-memory", "-C", "strip=symbols", "values.rs"];

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Compiles what can be compiled here. */
export async function findTools(): Promise<Tools> {
  await mkdir(BUILD, { recursive: true });
  const missing: string[] = [];
  const [clang, rustc, python, newest] = await Promise.all([
    versionOf("clang-19", "--version"),
    versionOf("rustc", "--version"),
    versionOf("python3", "--version"),
    (await isThere(NEWEST_NODE)) ? versionOf(NEWEST_NODE, "--version") : null,
  ]);
  if (clang === null) missing.push("clang 19 is not installed: C is left out, native and compiled to WebAssembly, and so is memcpy");
  if (rustc === null) missing.push("rustc is not installed: Rust is left out");
  if (python === null) missing.push("Python 3 is not installed: CPython is left out");
  if (newest === null) missing.push("the newest Node.js is not installed: it is left out");
  const noWasmtime = await wasmtimeMissing();
  if (noWasmtime !== null) missing.push(`wasmtime is left out. ${noWasmtime}`);
  const wasmtime = noWasmtime === null ? await wasmtimeEnvironment() : null;
  return {
    native: clang === null ? null : await compiled(missing, "native C", "native.node", "clang-19", NATIVE),
    cWasm: clang === null ? null : await compiled(missing, "C for WebAssembly", "c.wasm", "clang-19", C_WASM),
    rustWasm: rustc === null ? null : await compiled(missing, "Rust for WebAssembly", "rust.wasm", "rustc", RUST_WASM),
    python: python === null ? null : "python3",
    newestNode: newest === null ? null : NEWEST_NODE,
    wasmtime,
    versions: [clang, rustc, python, newest && `Node.js ${newest}`, wasmtime && `wasmtime ${WASMTIME_VERSION}`].filter(
      (one) => one !== null,
    ),
    missing,
  };
}
