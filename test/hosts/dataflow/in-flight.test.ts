import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { createInFlight } from "../../../hosts/dataflow/in-flight.ts";

const LONG_MS = 5000;
const TEST_MS_MAX = 10_000;
const PLACE = "even/0";

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
  inFlight.add(30, PLACE, first.promise);
  inFlight.add(12, PLACE, second.promise);
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
  inFlight.add(42, PLACE, sent.promise);
  sent.reject(new Error("refused"));
  await inFlight.drained();
  assert.equal(inFlight.bytes, 0);
});

test("there is room as long as fewer bytes than the bound are in flight", async () => {
  const inFlight = createInFlight(100, systemClock);
  const sent = Promise.withResolvers<void>();
  inFlight.add(99, PLACE, sent.promise);
  assert.equal(await inFlight.room([PLACE], LONG_MS), true);
  inFlight.add(1, PLACE, sent.promise);
  assert.equal(await inFlight.room([PLACE], 1), false);
  const room = inFlight.room([PLACE], LONG_MS);
  assert.equal(await hasSettled(room), false);
  sent.resolve();
  assert.equal(await room, true);
});

test("a batch above the bound goes when there is room, so that it never blocks for ever", async () => {
  const inFlight = createInFlight(100, systemClock);
  assert.equal(await inFlight.room([PLACE], LONG_MS), true);
  const sent = Promise.withResolvers<void>();
  inFlight.add(1_000_000, PLACE, sent.promise);
  const room = inFlight.room([PLACE], LONG_MS);
  sent.resolve();
  assert.equal(await room, true);
});

test("an acknowledgement that leaves no room yet says so at once, so that the caller may look again", async () => {
  const inFlight = createInFlight(100, systemClock);
  const [small, large] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  inFlight.add(10, PLACE, small.promise);
  inFlight.add(200, PLACE, large.promise);
  const room = inFlight.room([PLACE], LONG_MS);
  small.resolve();
  assert.equal(await room, false);
  large.resolve();
  assert.equal(await inFlight.room([PLACE], LONG_MS), true);
});

test("it is drained when the last one of all is acknowledged, also one without bytes", async () => {
  const inFlight = createInFlight(100, systemClock);
  await inFlight.drained();
  const all = [0, 10, 20].map((bytes) => {
    const sent = Promise.withResolvers<void>();
    inFlight.add(bytes, PLACE, sent.promise);
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
  inFlight.add(1, PLACE, first.promise);
  const drained = inFlight.drained();
  inFlight.add(1, PLACE, second.promise);
  first.resolve();
  assert.equal(await hasSettled(drained), false);
  second.resolve();
  await drained;
});

test("a place has room for four batches, whatever their size and whatever is on its way elsewhere", async () => {
  const inFlight = createInFlight(1_000_000, systemClock);
  const add = (place: string): PromiseWithResolvers<void> => {
    const sent = Promise.withResolvers<void>();
    inFlight.add(1, place, sent.promise);
    return sent;
  };
  for (let batch = 1; batch <= 9; batch++) add("even/1");
  const sent = [1, 2, 3].map(() => add(PLACE));
  assert.equal(await inFlight.room([PLACE], LONG_MS), true);
  sent.push(add(PLACE));
  const room = inFlight.room([PLACE], LONG_MS);
  assert.equal(await hasSettled(room), false);
  sent[2]?.resolve();
  assert.equal(await room, true);
  assert.equal(await inFlight.room([PLACE, "even/1"], 1), false);
});
