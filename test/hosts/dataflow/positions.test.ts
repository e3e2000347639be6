import assert from "node:assert/strict";
import { test } from "node:test";
import { createPositions } from "../../../hosts/dataflow/positions.ts";

/** Lets everything run that is ready to. */
async function turn(): Promise<void> {
  await new Promise(setImmediate);
}

function acknowledgement(): PromiseWithResolvers<void> {
  return Promise.withResolvers<void>();
}

test("a position can be committed once all of its stretch is acknowledged", async () => {
  const positions = createPositions();
  const [even, odd] = [acknowledgement(), acknowledgement()];
  positions.add("t", 0, 10n, [even.promise, odd.promise]);
  await turn();
  assert.deepEqual(positions.take(), []);
  even.resolve();
  await turn();
  assert.deepEqual(positions.take(), []);
  odd.resolve();
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 10n }]);
});

test("a stretch that writes nothing can be committed at once", async () => {
  const positions = createPositions();
  positions.add("t", 0, 10n, []);
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 10n }]);
});

test("a later stretch waits for the earlier ones, in whatever order the acknowledgements come", async () => {
  const positions = createPositions();
  const stretches = [10n, 20n, 30n].map((nextOffset) => {
    const sent = acknowledgement();
    positions.add("t", 0, nextOffset, [sent.promise]);
    return sent;
  });
  stretches[2]?.resolve();
  stretches[1]?.resolve();
  await turn();
  assert.deepEqual(positions.take(), []);
  stretches[0]?.resolve();
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 30n }]);
});

test("partitions do not wait for each other", async () => {
  const positions = createPositions();
  positions.add("t", 0, 10n, [acknowledgement().promise]);
  positions.add("t", 1, 20n, []);
  positions.add("u", 0, 30n, []);
  await turn();
  assert.deepEqual(positions.take(), [
    { topic: "t", partition: 1, offset: 20n },
    { topic: "u", partition: 0, offset: 30n },
  ]);
});

test("a position is given out once", async () => {
  const positions = createPositions();
  positions.add("t", 0, 10n, []);
  await turn();
  assert.equal(positions.take().length, 1);
  assert.deepEqual(positions.take(), []);
  positions.add("t", 0, 11n, []);
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 11n }]);
});

test("an acknowledgement that never comes stops its partition for good, and the rejection is not left alone", async () => {
  const positions = createPositions();
  positions.add("t", 0, 10n, [Promise.reject(new Error("refused"))]);
  positions.add("t", 0, 20n, []);
  positions.add("t", 1, 5n, []);
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 1, offset: 5n }]);
});

test("a position that the group did not take can be taken again", async () => {
  const positions = createPositions();
  positions.add("t", 0, 10n, []);
  await turn();
  positions.putBack(positions.take());
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 10n }]);
});

test("a position that is put back does not hide a newer one", async () => {
  const positions = createPositions();
  positions.add("t", 0, 10n, []);
  await turn();
  const taken = positions.take();
  positions.add("t", 0, 20n, []);
  await turn();
  positions.putBack(taken);
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 20n }]);
});

test("after a new assignment nothing of before can be committed", async () => {
  const positions = createPositions();
  const late = acknowledgement();
  positions.add("t", 0, 10n, []);
  positions.add("t", 1, 10n, [late.promise]);
  await turn();
  const taken = positions.take();
  positions.add("t", 0, 11n, []);
  positions.clear();
  late.resolve();
  await turn();
  positions.putBack(taken);
  assert.deepEqual(positions.take(), []);
  positions.add("t", 0, 5n, []);
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 5n }]);
});

test("a new assignment does not let a position overtake what was on its way before", async () => {
  const positions = createPositions();
  const before = acknowledgement();
  positions.add("t", 0, 10n, [before.promise]);
  positions.clear();
  positions.add("t", 0, 20n, []);
  await turn();
  assert.deepEqual(positions.take(), []);
  before.resolve();
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 20n }]);
});

test("a stretch that is added a second time does not take the group back", async () => {
  const positions = createPositions();
  for (const nextOffset of [10n, 20n, 10n]) positions.add("t", 0, nextOffset, []);
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 20n }]);
  positions.add("t", 0, 10n, []);
  await turn();
  assert.deepEqual(positions.take(), []);
});

test("a partition that begins at another offset can be committed there, behind what was on its way", async () => {
  const positions = createPositions();
  const sent = acknowledgement();
  positions.add("t", 0, 90n, []);
  await turn();
  const taken = positions.take();
  positions.add("t", 0, 100n, [sent.promise]);
  positions.begin("t", 0, 7n);
  positions.putBack(taken);
  await turn();
  assert.deepEqual(positions.take(), []);
  sent.resolve();
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 7n }]);
  positions.add("t", 0, 8n, []);
  await turn();
  assert.deepEqual(positions.take(), [{ topic: "t", partition: 0, offset: 8n }]);
});
