import assert from "node:assert/strict";
import { test } from "node:test";
import { createWindow, type Window } from "../../../../hosts/dataflow/metrics/window.ts";

/** A window of three spans of ten seconds, and its time. */
function opened(): { readonly window: Window; readonly at: (ms: number) => void } {
  let nowMs = 0;
  return {
    window: createWindow({ now: () => nowMs, spans: 3, spanMs: 10_000 }),
    at: (ms) => (nowMs = ms),
  };
}

test("nothing has no maximum, no rate and no mean", () => {
  const { window } = opened();
  assert.equal(window.max(), 0);
  assert.equal(window.rate(), 0);
  assert.ok(Number.isNaN(window.mean()));
});

test("a mean, a maximum and a rate are of all values of the last spans", () => {
  const { window, at } = opened();
  window.add(2);
  at(10_000);
  window.add(6);
  window.add(4);
  at(25_000);
  assert.equal(window.mean(), 4);
  assert.equal(window.max(), 6);
  assert.equal(window.rate(), 12 / 25);
});

test("the oldest span falls away as a new one begins, and only then", () => {
  const { window, at } = opened();
  window.add(9);
  at(10_000);
  window.add(1);
  at(29_999);
  assert.equal(window.max(), 9);
  at(30_000);
  assert.equal(window.max(), 1);
  assert.equal(window.mean(), 1);
  at(40_000);
  assert.equal(window.max(), 0);
});

test("after a long silence a value is alone", () => {
  const { window, at } = opened();
  window.add(9);
  at(1_000_000);
  window.add(1);
  assert.deepEqual([window.max(), window.mean()], [1, 1]);
});
