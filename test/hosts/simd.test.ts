/** The choice between the core's two builds is right, also in an engine that has no SIMD. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import { hasSimd } from "../../hosts/simd.ts";

const PROGRAM = `import { readFileSync } from "node:fs";
import { hasSimd } from ${JSON.stringify(new URL("../../hosts/simd.ts", import.meta.url))};
const runs = (file) => WebAssembly.validate(readFileSync(new URL(file, ${JSON.stringify(new URL("../../build/", import.meta.url))})));
console.log(hasSimd(), runs("core.simd.wasm"), runs("core.wasm"));`;

function printed(...options: readonly string[]): string {
  return execFileSync(process.execPath, [...options, "--input-type=module", "--eval", PROGRAM], { encoding: "utf8" });
}

test("this engine has SIMD, and runs both builds", () => {
  assert.equal(hasSimd(), true);
  assert.equal(printed(), "true true true\n");
});

const skip = process.arch === "x64" ? false : "only on x64 can Node.js do without SIMD";
test("an engine without SIMD says so, and runs the other build", { skip }, () => {
  assert.equal(printed("--no-enable-sse4-1"), "false false true\n");
});
