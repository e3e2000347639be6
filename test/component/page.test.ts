/** The page on the component: the program under wasmtime prints what the page says. Those in JavaScript are run with the other pages of the package. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { promisify } from "node:util";
import { snippetsOf } from "../embedding/snippets.ts";
import { wasmtimeEnvironment, wasmtimeMissing } from "../wasmtime.ts";

const run = promisify(execFile);
const TOP = join(import.meta.dirname, "..", "..");
const PAGE = readFileSync(join(TOP, "docs", "embedding", "component.md"), "utf8");
const skip = (await wasmtimeMissing()) ?? false;

const programs = snippetsOf(PAGE).filter(({ language }) => language === "python");

test("the page has one program in Python", () => {
  assert.equal(programs.length, 1);
});

for (const { line, code, output } of programs) {
  test(`the program below line ${line} prints what the page says`, { skip }, async () => {
    const { stdout } = await run("python3", ["-c", code], { cwd: join(TOP, "build"), env: await wasmtimeEnvironment() });
    assert.equal(stdout, output);
  });
}
