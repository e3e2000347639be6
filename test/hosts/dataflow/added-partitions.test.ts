import assert from "node:assert/strict";
import { test } from "node:test";
import { addPartitions, beginFirst, beginNext, type PartitionsToAdd } from "../../../hosts/dataflow/kafka/added-partitions.ts";

/** What was sent, a `topic/partition` each. */
type Sent = readonly string[];

const asking = (transactionalId: string, places: Sent): PartitionsToAdd => ({
  transactionalId,
  topics: places.map((place) => {
    const [topic = "", partition = ""] = place.split("/");
    return { topic, partitions: [partition] };
  }),
});

/** Asks for partitions; returns what was sent for that, in order, or null for nothing. */
async function add(transactionalId: string, places: Sent, error: Error | null = null): Promise<Sent | null> {
  let sent: Sent | null = null;
  await addPartitions(asking(transactionalId, places), async ({ topics }) => {
    sent = topics.flatMap(({ topic, partitions }) => partitions.map((partition) => `${topic}/${partition}`));
    if (error !== null) throw error;
    return Promise.resolve();
  }).catch((thrown: unknown) => {
    assert.equal(thrown, error);
  });
  return sent;
}

test("a transaction is given with its first request what the one before wrote to, and nothing twice", async () => {
  beginFirst("a");
  assert.deepEqual(await add("a", ["even/0"]), ["even/0"]);
  assert.deepEqual(await add("a", ["odd/1"]), ["odd/1"]);
  assert.equal(await add("a", ["even/0"]), null);
  beginNext("a");
  assert.deepEqual(await add("a", ["odd/1"]), ["odd/1", "even/0"]);
  assert.equal(await add("a", ["even/0"]), null);
  assert.deepEqual(await add("a", ["even/2"]), ["even/2"]);
});

test("what a transaction did not write to is not added to the next one", async () => {
  beginFirst("b");
  await add("b", ["even/0"]);
  await add("b", ["odd/0"]);
  beginNext("b");
  await add("b", ["even/0"]);
  beginNext("b");
  assert.deepEqual(await add("b", ["even/0"]), ["even/0"]);
});

test("a partition that another request is adding is waited for", async () => {
  beginFirst("c");
  await add("c", ["even/0"]);
  await add("c", ["odd/0"]);
  beginNext("c");
  const answered = Promise.withResolvers<void>();
  const first = addPartitions(asking("c", ["even/0"]), async () => answered.promise);
  let isAdded = false;
  const second = addPartitions(asking("c", ["odd/0"]), async () => assert.fail("it is on its way")).then(() => (isAdded = true));
  await new Promise(setImmediate);
  assert.equal(isAdded, false);
  answered.resolve();
  await Promise.all([first, second]);
});

test("a request that fails adds nothing, and the next one is for what is asked for alone", async () => {
  beginFirst("d");
  await add("d", ["even/0"]);
  await add("d", ["gone/0"]);
  beginNext("d");
  assert.deepEqual(await add("d", ["even/0"], new Error("no such topic")), ["even/0", "gone/0"]);
  assert.deepEqual(await add("d", ["even/0"]), ["even/0"]);
  assert.equal(await add("d", ["even/0"]), null);
});

test("a new producer's first transaction is given nothing of the one before it", async () => {
  beginFirst("e");
  await add("e", ["even/0"]);
  beginFirst("e");
  assert.deepEqual(await add("e", ["odd/0"]), ["odd/0"]);
});

test("of producers that others have opened every request is sent", async () => {
  assert.deepEqual(await add("f", ["even/0"]), ["even/0"]);
  assert.deepEqual(await add("f", ["even/0"]), ["even/0"]);
});
