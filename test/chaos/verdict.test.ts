/** What a run's exit code says. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isFaultless, type RunResult } from "./run.ts";

const ACCOUNT = {
  input: 9,
  routed: 6,
  deadLetters: 1,
  missing: 0,
  unexpected: 0,
  disordered: 0,
  duplicated: 0,
  tombstones: 1,
  unroutable: 2,
};

function resultOf(account: Partial<RunResult["account"]>, surprises: readonly string[] = []): RunResult {
  return { account: { ...ACCOUNT, ...account }, faults: 1, idleFaults: 0, slowestRecoveryMs: 0, surprises, logs: null };
}

test("a run is faultless when nothing is missing, unexpected, disordered or surprising", () => {
  for (const isExactlyOnce of [false, true]) {
    assert.equal(isFaultless(resultOf({}), isExactlyOnce), true);
    for (const wrong of ["missing", "unexpected", "disordered"] as const) {
      assert.equal(isFaultless(resultOf({ [wrong]: 1 }), isExactlyOnce), false, wrong);
    }
    assert.equal(isFaultless(resultOf({}, ["a router ended by itself"]), isExactlyOnce), false);
  }
});

test("a record that is there twice is a fault where delivery is exactly once, and only there", () => {
  assert.equal(isFaultless(resultOf({ duplicated: 1 }), false), true);
  assert.equal(isFaultless(resultOf({ duplicated: 1 }), true), false);
});
