/** The guest of Redpanda's SDK for Go. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { compileGo, type GoProgram } from "../go-program.ts";

/** Go compiles for WASI from 1.21 on. */
export const SDK_GUEST: GoProgram = {
  name: "redpanda-sdk-guest",
  sources: join(import.meta.dirname, "sdk-guest"),
  goMinorMin: 21,
  env: { GOOS: "wasip1", GOARCH: "wasm" },
};

/** A module of Go's own compiler needs more than the broker's default of 2 MiB. */
export const SDK_GUEST_MEMORY_BYTES = 16 * 1024 * 1024;

/** Returns the guest's bytes. */
export async function sdkGuest(): Promise<Uint8Array> {
  return readFile(await compileGo(SDK_GUEST));
}
