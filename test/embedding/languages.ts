/** The languages whose programs embed the core's module: what each needs, and how its answers to the conformance cases are asked for. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { cached } from "../../hosts/demo/broker/cache.ts";
import { findJavac, findMaven } from "../../hosts/demo/broker/jars.ts";
import { wasmtimeEnvironment, wasmtimeMissing } from "../wasmtime.ts";

/** A language. Scripts of the shell run in `docs/embedding/<name>`, where `core.wasm` is. */
export interface Language {
  readonly name: string;
  /** Returns why its programs can't be run here, or null. */
  readonly missing: () => Promise<string | null>;
  readonly environment: () => Promise<NodeJS.ProcessEnv>;
  /** Answers requests, after the scripts of the page have been run. */
  readonly answer: string;
}

const CASES = "../../../test/embedding";
/** The first that wazero compiles with. */
const GO_MINOR_MIN = 25;
const run = promisify(execFile);

async function goMissing(): Promise<string | null> {
  const version = await run("go", ["version"]).catch(() => ({ stdout: "" }));
  const minor = Number(/ go1\.(\d+)/.exec(version.stdout)?.[1] ?? 0);
  return minor >= GO_MINOR_MIN ? null : `Go is missing: install Go 1.${GO_MINOR_MIN} or newer and put it on the PATH.`;
}

async function javaMissing(): Promise<string | null> {
  return (await findJavac()).missing ?? (await findMaven()).missing;
}

async function rustMissing(): Promise<string | null> {
  if (process.env["RUST"] !== "1") return "Rust compiles wasmtime for minutes, so it runs only when asked for: npm run test:embedding.";
  return run("cargo", ["--version"]).then(
    () => null,
    () => "Rust is missing: install it with Cargo and put it on the PATH.",
  );
}

/** What can't be had is an error in a build that must not pass by skipping; what was not asked for is none. */
async function demanded(missing: string | null): Promise<string | null> {
  if (missing !== null && process.env["CI"] === "true" && !missing.includes("only when asked for")) {
    throw new Error(`Tests of embedding must run when CI=true. ${missing}`);
  }
  return Promise.resolve(missing);
}

/** All of them. */
export const LANGUAGES: readonly Language[] = [
  {
    name: "python",
    missing: wasmtimeMissing,
    environment: wasmtimeEnvironment,
    answer: `PYTHONPATH="$PYTHONPATH:." python3 ${CASES}/python/cases.py core.wasm`,
  },
  {
    name: "go",
    missing: async () => demanded(await goMissing()),
    environment: async () => Promise.resolve({ ...process.env, GOFLAGS: "-mod=readonly -trimpath", GOTOOLCHAIN: "local", GOWORK: "off" }),
    answer: `core="$PWD/core.wasm"; cd ${CASES}/go; go run . "$core"`,
  },
  {
    name: "java",
    missing: async () => demanded(await javaMissing()),
    environment: async () => Promise.resolve(process.env),
    answer: `javac -cp classes -d classes ${CASES}/java/Cases.java; java -cp 'classes:jars/*' Cases core.wasm`,
  },
  {
    name: "rust",
    missing: async () => demanded(await rustMissing()),
    // Cargo keeps what it compiled by itself, but beside the sources, which are a copy.
    environment: async () => ({ ...process.env, CARGO_TARGET_DIR: await cached("rust-target", async () => Promise.resolve()) }),
    answer: `cargo run --release --quiet --locked --manifest-path ${CASES}/rust/Cargo.toml core.wasm`,
  },
];
