/** Modules that are deployed without complaint, and of which the broker then makes no engine. */
import assert from "node:assert/strict";
import test from "node:test";
import { assemble, op } from "./assembler.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { HOST_FUNCTIONS, wasmType } from "./host-functions.ts";
import { REFUSED_BY_ENGINE, tableOf } from "./refused-modules.ts";
import { resultAt, scriptedGuest } from "./small-guests.ts";

const DEPLOYMENT = { name: "guest", inputTopic: "in", outputTopics: ["out"], environment: {} };

for (const { what, sketch, message } of REFUSED_BY_ENGINE) {
  test(`no engine is made of a module that ${what}`, () => {
    assert.throws(() => new Guest(assemble(sketch), DEPLOYMENT), { name: "EngineRefused", message });
  });
}

test("an engine is made of a module at the limits: 32 pages, a table of 16,384 elements", () => {
  assert.ok(new Guest(assemble({ memory: [32], before: { 5: tableOf(16_384) } }), DEPLOYMENT).module);
});

test("no engine is made of a module that is declared well and whose code is nonsense", () => {
  assert.throws(() => new Guest(assemble({ body: [op.drop] }), DEPLOYMENT), {
    name: "EngineRefused",
    message: "the module does not compile",
  });
});

test("all 56 host functions are there under their types, 44 of them of WASI", () => {
  const imports = Object.entries(HOST_FUNCTIONS).flatMap(([module, functions]) =>
    Object.keys(functions).map((name) => `${module}.${name}`),
  );
  assert.equal(imports.length, 56);
  assert.equal(Object.keys(HOST_FUNCTIONS["wasi_snapshot_preview1"] ?? {}).length, 44);
  assert.ok(new Guest(assemble({ imports }), DEPLOYMENT).module);
});

test("a pointer and a length are two numbers of 32 bits, an offset in a file one of 64", () => {
  assert.equal(wasmType("i32 iovecs i64 out4 -> i32"), "i32 i32 i32 i64 i32 -> i32");
  assert.equal(wasmType(" -> "), " -> ");
});

test("memory grows to 2 MiB in all and not a page further, as when the broker has no more for it", () => {
  const memory = runOnce(
    new Guest(
      scriptedGuest([
        ["grow", 32],
        ["grow", 31],
        ["grow", 1],
        ["grow", 0],
      ]),
      DEPLOYMENT,
    ),
    [],
    () => true,
  );
  assert.deepEqual(
    [0, 1, 2, 3].map((index) => memory.getUint32(resultAt(index)) | 0),
    [-1, 1, -1, 32],
  );
});
