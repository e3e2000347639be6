/** What the component's file is, apart from what it does: its imports, its interface, its size. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { componentWit } from "@bytecodealliance/jco";
import { globalsOf, hyphenated } from "../../hosts/core-exports.ts";
import { coreModule } from "../core-module.ts";

const TOP = join(import.meta.dirname, "..", "..");
const COMPONENT = readFileSync(join(TOP, "build", "component.wasm"));
const WIT = readFileSync(join(TOP, "hosts", "component", "timestamp-router.wit"), "utf8");
const BYTES_MAX = 35_840;

test("the component exports the interface of its WIT, and imports nothing", async () => {
  const world = await componentWit(COMPONENT);
  const [, name, version] = /^package (.+)@(.+);$/m.exec(WIT) ?? [];
  assert.match(world, new RegExp(`^ {2}export ${name}/routing@${version};$`, "m"));
  assert.doesNotMatch(world, /import/);
});

test(`the component has at most ${BYTES_MAX} bytes`, (context) => {
  context.diagnostic(`component.wasm: ${COMPONENT.length} bytes`);
  assert.ok(COMPONENT.length <= BYTES_MAX, `${COMPONENT.length} bytes`);
});

/** Returns the cases of an enum in the WIT. */
function casesOf(name: string): readonly string[] {
  const body = new RegExp(`^  enum ${name} \\{\n(.*?)^  \\}$`, "ms").exec(WIT)?.[1] ?? assert.fail(name);
  return Array.from(body.matchAll(/^ {4}([a-z-]+),$/gm), ([, one = ""]) => one);
}

/** Returns the core's names of an enum from one number up to another. */
function namesOf(prefix: string, first: number, end: number): readonly string[] {
  const globals = globalsOf(new WebAssembly.Instance(coreModule()).exports, prefix);
  const within = globals.filter(([number]) => number >= first && number < end).toSorted(([left], [right]) => left - right);
  return within.map(([, name]) => hyphenated(name));
}

test("the enums of the WIT are the core's statuses and reasons, in their order, and what the component adds to them", () => {
  assert.deepEqual(casesOf("rule-error"), [...namesOf("Status.", 16, 32), "too-many-routers"]);
  assert.deepEqual(casesOf("batch-error"), [...namesOf("Status.", 32, 64), "out-of-range", "out-of-memory"]);
  assert.deepEqual(casesOf("reason"), namesOf("Reason.", 0, 64));
});

/** Returns whether a line of the WIT gives a name to a type, a case, a field or a function. */
function isNamed(line: string): boolean {
  return /^ {2}(?: {2})?[a-z-]+(?: [a-z-]+ \{|,$|: )/.test(line);
}

test("everything in the WIT that has a name has a comment", () => {
  const lines = WIT.split("\n");
  const named = lines.filter((line) => isNamed(line));
  assert.ok(named.length > 50, `${named.length} names`);
  assert.deepEqual(
    lines.filter((line, index) => isNamed(line) && !lines[index - 1]?.includes("///")),
    [],
  );
});
