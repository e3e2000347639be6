import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { createInFlight } from "../../../hosts/dataflow/in-flight.ts";

const LONG_MS = 5000;
const TEST_MS_MAX = 10_000;

/** Whether a promise has settled after all that was ready has run. */
async function hasSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  promise.then(
    () => (settled = true),
    () => (settled = true),
  );
  await new Promise(setImmediate);
  return settled;
}

test("bytes count until they are acknowledged", async () => {
  const inFlight = createInFlight(100, systemClock);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  inFlight.add(30, first.promise);
  inFlight.add(12, second.promise);
  assert.equal(inFlight.bytes, 42);
  second.resolve();
  await hasSettled(second.promise);
  assert.equal(inFlight.bytes, 30);
  first.resolve();
  await hasSettled(first.promise);
  assert.equal(inFlight.bytes, 0);
});

test("bytes that failed count no more, and nobody's rejection is left alone", { timeout: TEST_MS_MAX }, async () => {
  const inFlight = createInFlight(100, systemClock);
  const sent = Promise.withResolvers<void>();
  inFlight.add(42, sent.promise);
  sent.reject(new Error("refused"));
  await inFlight.drained();
  assert.equal(inFlight.bytes, 0);
});

test("there is room as long as fewer bytes than the bound are in flight", async () => {
  const inFlight = createInFlight(100, systemClock);
  const sent = Promise.withResolvers<void>();
  inFlight.add(99, sent.promise);
  assert.equal(await inFlight.room(LONG_MS), true);
  inFlight.add(1, sent.promise);
  assert.equal(await inFlight.room(1), false);
  const room = inFlight.room(LONG_MS);
  assert.equal(await hasSettled(room), false);
  sent.resolve();
  assert.equal(await room, true);
});

test("a batch above the bound goes when there is room, so that it never blocks for ever", async () => {
  const inFlight = createInFlight(100, systemClock);
  assert.equal(await inFlight.room(LONG_MS), true);
  const sent = Promise.withResolvers<void>();
  inFlight.add(1_000_000, sent.promise);
  const room = inFlight.room(LONG_MS);
  sent.resolve();
  assert.equal(await room, true);
});

test("an acknowledgement that leaves no room yet says so at once, so that the caller may look again", async () => {
  const inFlight = createInFlight(100, systemClock);
  const [small, large] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  inFlight.add(10, small.promise);
  inFlight.add(200, large.promise);
  const room = inFlight.room(LONG_MS);
  small.resolve();
  assert.equal(await room, false);
  large.resolve();
  assert.equal(await inFlight.room(LONG_MS), true);
});

test("it is drained when the last one of all is acknowledged, also one without bytes", async () => {
  const inFlight = createInFlight(100, systemClock);
  await inFlight.drained();
  const all = [0, 10, 20].map((bytes) => {
    const sent = Promise.withResolvers<void>();
    inFlight.add(bytes, sent.promise);
    return sent;
  });
  const drained = inFlight.drained();
  for (const sent of all.toReversed()) {
    assert.equal(await hasSettled(drained), false);
    sent.resolve();
  }
  await drained;
});

test("what is added while it drains is waited for, too", async () => {
  const inFlight = createInFlight(100, systemClock);
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  inFlight.add(1, first.promise);
  const drained = inFlight.drained();
  inFlight.add(1, second.promise);
  first.resolve();
  assert.equal(await hasSettled(drained), false);
  second.resolve();
  await drained;
});
