/** The pages on JavaScript: each program on them does and prints what the page says, in each runtime that the page promises. */
import assert from "node:assert/strict";
import { copyFileSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { runProgram } from "../../hosts/demo/broker/program.ts";
import type { RuntimeName } from "../embedding/runtimes.ts";
import { findRuntime, RUNTIME_NAMES } from "../embedding/runtimes.ts";
import { demanding, snippetsOf } from "../embedding/snippets.ts";
import { INSTALLED, PROJECT, writeSource } from "./packed.ts";

const TOP = join(import.meta.dirname, "..", "..");
const RUN_TIMEOUT_MS = 60_000;

copyFileSync(join(TOP, "docs", "embedding", "javascript", "router.js"), join(PROJECT, "router.js"));
copyFileSync(join(INSTALLED, "core.wasm"), join(PROJECT, "core.wasm"));

/** Runs a program in the project that has the package; returns what it prints. */
async function printed([file, ...args]: readonly [string, ...string[]], name: string, code: string): Promise<string> {
  const path = writeSource(name, code);
  const { exitCode, stdout, stderr } = await runProgram({ file, args: [...args, path], cwd: PROJECT, timeoutMs: RUN_TIMEOUT_MS });
  if (exitCode !== 0) throw new Error(`${name} ended with ${exitCode}:\n${stderr}`);
  return stdout;
}

/** The pages, how many programs are on each, and what runs them; those for a browser are run in one elsewhere. */
const PAGES: readonly (readonly [page: string, programs: number, names: readonly RuntimeName[]])[] = [
  ["README.md", 1, ["node-24"]],
  ["hosts/package/README.md", 8, ["node-24"]],
  ["docs/embedding/npm.md", 5, RUNTIME_NAMES],
  ["docs/embedding/javascript.md", 1, RUNTIME_NAMES],
  ["docs/embedding/component.md", 1, RUNTIME_NAMES],
];
const BROWSER_PROGRAMS: ReadonlySet<string> = new Set(["page.js", "worker.js"]);

for (const [page, count, names] of PAGES) {
  const programs = snippetsOf(readFileSync(join(TOP, page), "utf8")).filter(
    ({ language, name }) => language === "js" && !BROWSER_PROGRAMS.has(name),
  );
  test(`each of the programs on ${page}, which are ${count}, says what comes of it`, () => {
    assert.equal(programs.length, count);
    for (const { code, output } of programs) assert.ok(output !== null || /; \/\/ "|^export /m.test(code), code);
  });
  for (const name of names) {
    const { command, missing } = await findRuntime(name);
    for (const { line, code, output } of programs) {
      test(`the program below line ${line} of ${page} does what the page says, in ${name}`, { skip: missing ?? false }, async () => {
        assert.equal(await printed(command, `${name}-${line}.js`, demanding(code)), output ?? "");
      });
    }
  }
}
