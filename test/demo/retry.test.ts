import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../hosts/dataflow/errors.ts";
import { openPatiently } from "../../hosts/demo/retry.ts";

const loading = new AppError("BROKER_UNAVAILABLE", true, "the coordinator is loading");

/** Returns a function that fails so often with the error, and how often it was called. */
function failing(times: number, error: Error): { open: () => Promise<string>; calls: () => number } {
  let calls = 0;
  const open = async (): Promise<string> => {
    calls++;
    if (calls <= times) throw error;
    return Promise.resolve("open");
  };
  return { open, calls: () => calls };
}

test("what fails for a while is opened in the end", async () => {
  const { open, calls } = failing(2, loading);
  assert.equal(await openPatiently(open, new AbortController().signal), "open");
  assert.equal(calls(), 3);
});

test("what can't be mended by waiting is not tried again", async () => {
  const { open, calls } = failing(1, new AppError("TOPIC_MISSING", false, "no topic"));
  await assert.rejects(openPatiently(open, new AbortController().signal), /no topic/);
  assert.equal(calls(), 1);
});

test("a stop ends the patience", async () => {
  const { open, calls } = failing(9, loading);
  await assert.rejects(openPatiently(open, AbortSignal.abort()), loading);
  assert.equal(calls(), 1);
});
