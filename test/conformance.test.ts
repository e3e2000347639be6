import assert from "node:assert/strict";
import test from "node:test";
import { Router } from "../hosts/embed.ts";
import { readCases } from "./case-text.ts";
import { runConformance } from "./conformance.ts";
import { coreModule } from "./core-module.ts";
import { targetsOf } from "./core/targets.ts";

const cases = readCases();

test("no two cases have the same name", () => {
  assert.equal(new Set(cases.map(({ name }) => name)).size, cases.length);
});

runConformance(
  cases,
  targetsOf("core", (rule) => new Router(coreModule(), rule)),
);
