/** Holds docs/abi.md, and the host's view of the core, to the binary. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { RouterError } from "../../hosts/router-error.ts";
import { Router } from "../../hosts/embed.ts";
import { coreModule } from "../core-module.ts";
import { exampleOfPage, fact, functionsOfPage, limitsOfPage, reasonsOfPage, statusesOfPage } from "./abi-page.ts";
import type { Signature } from "./wasm-sections.ts";
import { readSections } from "./wasm-sections.ts";

const module = coreModule();
const bytes = coreBytes();
const sections = readSections(bytes);
const exports = new WebAssembly.Instance(module).exports;

/** Returns the bytes of what `coreModule` compiles. */
function coreBytes(): Uint8Array {
  return readFileSync(process.env["CORE_WASM"] ?? new URL("../../build/core.wasm", import.meta.url));
}

function textOf({ parameters, results }: Signature): string {
  return `(${parameters.join(", ")}) -> ${results.join(", ")}`;
}

function sorted(entries: Iterable<string>): readonly string[] {
  return [...entries].toSorted();
}

/** Returns the exported globals whose names begin with `prefix`, as `name = value`. */
function globals(prefix: string): readonly string[] {
  return sorted(
    Object.entries(exports).flatMap(([name, value]) =>
      value instanceof WebAssembly.Global && name.startsWith(prefix) ? [`${name} = ${value.value}`] : [],
    ),
  );
}

function documented(list: readonly { readonly name: string; readonly value: number }[]): readonly string[] {
  return sorted(list.map(({ name, value }) => `${name} = ${value}`));
}

/** Returns the type that JavaScript's `number` or `bigint` stands for. */
function wasmType(type: string): string {
  return type === "bigint" ? "i64" : type === "number" ? "i32" : type;
}

/** Calls an export by name. */
function call(name: string, parameters: readonly number[]): number {
  const found = exports[name];
  assert.ok(typeof found === "function", `${name} is no function`);
  return Number(found(...parameters));
}

test("the page lists exactly the exported functions, with their signatures", () => {
  const inBinary = [...sections.functions].map(([name, signature]) => `${name} ${textOf(signature)}`);
  assert.deepEqual(sorted(functionsOfPage.map(({ name, signature }) => `${name} ${signature}`)), sorted(inBinary));
});

test("what is exported besides functions is one memory and the globals on the page", () => {
  const others = WebAssembly.Module.exports(module).filter(({ kind }) => kind !== "function" && kind !== "global");
  assert.deepEqual(others, [{ name: "memory", kind: "memory" }]);
  const onPage = [...limitsOfPage, ...statusesOfPage, ...reasonsOfPage].map(({ name }) => name);
  assert.deepEqual(sorted(onPage), sorted(sections.globals.keys()));
  for (const [name, { type, mutable }] of sections.globals) assert.deepEqual([name, type, mutable], [name, "i32", false]);
});

test("statuses, reasons and limits have the numbers on the page", () => {
  assert.deepEqual(documented(statusesOfPage), globals("Status."));
  assert.deepEqual(documented(reasonsOfPage), globals("Reason."));
  for (const { name, value } of limitsOfPage) assert.deepEqual(globals(name), [`${name} = ${value}`]);
});

test("no status and no reason shares its number with another", () => {
  assert.equal(new Set(statusesOfPage.map(({ value }) => value)).size, statusesOfPage.length);
  assert.equal(new Set(reasonsOfPage.map(({ value }) => value)).size, reasonsOfPage.length);
});

test("the page has the ABI version that the core speaks", () => {
  assert.equal(Number(fact("ABI version")), call("abiVersion", []));
});

test("the module imports nothing", () => {
  assert.equal(fact("imports"), "none");
  assert.equal(sections.importCount, 0);
  assert.deepEqual(WebAssembly.Module.imports(module), []);
});

test("a start function is there exactly when the page says so", () => {
  assert.equal(sections.hasStart, fact("start function").startsWith("yes"));
});

test("the module has no table of functions", () => {
  assert.equal(fact("tables of funcs"), "none");
  assert.equal(sections.tableCount, 0);
});

test("the module is no larger than the page allows, and that is no more than 24 KiB", () => {
  const bytesMax = Number(/\d+/.exec(fact("size"))?.[0]);
  assert.ok(bytesMax <= 24 * 1024, `the page allows ${bytesMax} bytes`);
  assert.ok(bytes.length <= bytesMax, `${bytes.length} bytes`);
});

test("the memory has the first size and the maximum on the page", () => {
  const [initialPages, maximumPages] = Array.from(fact("memory").matchAll(/(\d+) pages?/g), ([, pages]) => Number(pages));
  assert.deepEqual(sections.memories, [{ initialPages, maximumPages }]);
});

test("the example on the page is what the core does", () => {
  assert.equal(exampleOfPage.length, 12);
  const memory = exports["memory"];
  assert.ok(memory instanceof WebAssembly.Memory);
  const places: ReadonlyMap<string, () => number> = new Map([
    ["input", () => call("inputAddress", [])],
    ["value table", () => call("valueTableAddress", [])],
    ["output 1", () => call("outputAddress", [1])],
    ["ends 1", () => call("outputEndsAddress", [1])],
  ]);
  for (const { what, bytes: expected } of exampleOfPage) {
    const place = places.get(what);
    if (place === undefined) {
      const [, name = "", parameters = ""] = /^(\w+)\((.*)\)$/.exec(what) ?? [];
      const numbers = parameters === "" ? [] : parameters.split(", ").map(Number);
      assert.equal(call(name, numbers), Number(expected), what);
      continue;
    }
    const wanted = Uint8Array.from(expected.split(" "), (byte) => Number.parseInt(byte, 16));
    const target: Uint8Array = new Uint8Array(memory.buffer, place(), wanted.length);
    if (what === "input" || what === "value table") target.set(wanted);
    else assert.deepEqual(target, wanted, what);
  }
});

test("the host's list of the core's exports is that of the binary", () => {
  const source = readFileSync(new URL("../../hosts/core-exports.ts", import.meta.url), "utf8");
  const body = /^export interface Core \{\n([^]*?)^\}/m.exec(source)?.[1] ?? "";
  const listed = [...body.matchAll(/^ {2}(\w+)\((.*)\): (\w+);$/gm)].map(([, name = "", parameters = "", result = ""]) => {
    const types = Array.from(parameters.matchAll(/: (\w+)/g), ([, type = ""]) => wasmType(type));
    return `${name} (${types.join(", ")}) -> ${wasmType(result)}`;
  });
  assert.match(body, /^ {2}readonly memory: WebAssembly\.Memory;$/m);
  assert.deepEqual(sorted(listed), sorted([...sections.functions].map(([name, signature]) => `${name} ${textOf(signature)}`)));
});

for (const { name, value, code } of statusesOfPage.filter(({ value: number }) => number !== 0)) {
  test(`status ${value} has a message for people and its code on the page`, () => {
    const status = name.slice("Status.".length);
    const error = new RouterError(status, null);
    assert.notEqual(error.message, status, "the message is but the name");
    assert.equal(error.code, code);
  });
}

test("the host writes reasons as the page does", () => {
  const router = (...lines: readonly string[]): Router => new Router(module, ["rule=timestamp", ...lines].join("\n"));
  const unroutable = [
    ...new Router(module).routeValues([null, "", "x"]).unroutable,
    ...router().routeValues(["x", "02/30/26 10:00:00"]).unroutable,
    ...router("timestamp.format=iso-8601").routeValues(["2026-11-21"]).unroutable,
    ...router("table=1:odd").routeValues(["11/20/26 10:00:00"]).unroutable,
    ...router("timestamp.source=record").routeValues(["11/20/26 10:00:00"]).unroutable,
  ];
  const inOrder = reasonsOfPage.toSorted((left, right) => left.value - right.value);
  assert.deepEqual(
    unroutable.map(({ reason }) => reason),
    inOrder.map(({ text }) => text),
  );
});
