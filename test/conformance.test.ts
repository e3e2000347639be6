import assert from "node:assert/strict";
import test from "node:test";
import { readCases } from "./case-text.ts";
import { runConformance } from "./conformance.ts";
import { CORE_TARGETS } from "./core/targets.ts";

const cases = readCases();

test("no two cases have the same name", () => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

runConformance(cases, CORE_TARGETS);
