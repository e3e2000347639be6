/** The guest of Redpanda's SDK for Go, compiled when it is needed and kept in the user's cache. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cached, isCached } from "../../hosts/demo/broker/cache.ts";

const SOURCES = join(import.meta.dirname, "sdk-guest");
const MODULE = "guest.wasm";
/** The first that compiles for WASI. */
const GO_MINOR_MIN = 21;
const run = promisify(execFile);

/** A module of Go's own compiler needs more than the broker's default of 2 MiB. */
export const SDK_GUEST_MEMORY_BYTES = 16 * 1024 * 1024;

async function folderName(): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.mod", "go.sum"]) hash.update(await readFile(join(SOURCES, file)));
  return `redpanda-sdk-guest-${hash.digest("hex").slice(0, 16)}`;
}

/**
 * What is missing on this machine to compile the guest, as a reason to skip tests, or null when all is there.
 *
 * *Errors*: with `CI=true` a missing tool is an error, so that a build cannot pass by skipping.
 */
export async function goMissing(): Promise<string | null> {
  if (await isCached(await folderName())) return null;
  if ((await goMinor()) >= GO_MINOR_MIN) return null;
  const reason = `Go is missing: install Go 1.${GO_MINOR_MIN} or newer and put it on the PATH.`;
  if (process.env["CI"] === "true") throw new Error(`Tests with the SDK's guest must run when CI=true. ${reason}`);
  return reason;
}

/** Returns the second number of Go's version, or 0 when there is no Go. */
async function goMinor(): Promise<number> {
  try {
    const { stdout } = await run("go", ["version"]);
    return Number(/ go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/** Returns the guest's bytes; the first time on a machine, Go fetches the SDK from its module proxy. */
export async function sdkGuest(): Promise<Uint8Array> {
  const folder = await cached(await folderName(), async (partial) => {
    const env = { ...process.env, GOOS: "wasip1", GOARCH: "wasm", GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local", GOWORK: "off" };
    await run("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", join(partial, MODULE), "."], { cwd: SOURCES, env });
  });
  return readFile(join(folder, MODULE));
}
