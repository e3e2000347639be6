/** The core's build with SIMD: the tests of the core run once more, on that build. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { test } from "node:test";
import { promisify } from "node:util";

const TOP = join(import.meta.dirname, "..", "..");
const SIMD = process.env["CORE_WASM"]?.replace(/core\.wasm$/, "core.simd.wasm") ?? join(TOP, "build", "core.simd.wasm");
const FILES = globSync(["test/core/*.test.ts", "test/artefact/*.test.ts", "test/conformance.test.ts"], { cwd: TOP }).toSorted();
/** Fewer than the other build has: the properties are the same, and here they are about two files of the source. */
const RUNS = String(Number(process.env["RUNS"] ?? 200) / 4);

const run = promisify(execFile);

/** Returns what Node.js prints; fails with it when it ends with a fault. */
async function printed(...args: readonly string[]): Promise<string> {
  const { NODE_TEST_CONTEXT: _, ...env } = process.env;
  const running = run(process.execPath, args, { cwd: TOP, env: { ...env, CORE_WASM: SIMD, RUNS }, maxBuffer: 1 << 26 });
  const { stdout } = await running.catch((error: { readonly stdout: string; readonly stderr: string }) =>
    assert.fail(error.stdout + error.stderr),
  );
  return stdout;
}

test("the build with SIMD passes the conformance cases and every test of the core", async () => {
  const others = FILES.filter((file) => basename(file) !== basename(import.meta.filename));
  assert.ok(others.length > 10);
  assert.match(await printed("--test", "--test-isolation=none", "--test-reporter=tap", ...others), /^# pass \d{3}/m);
});
