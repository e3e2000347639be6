import assert from "node:assert/strict";
import { test } from "node:test";
import {
  addGroup,
  addGroupsAhead,
  addPartitions,
  beginFirst,
  beginNext,
  type GroupToAdd,
  type PartitionsToAdd,
} from "../../../hosts/dataflow/kafka/added-to-transaction.ts";

/** What was sent, a `topic/partition` each. */
type Sent = readonly string[];

const producerOf = (transactionalId: string): Omit<GroupToAdd, "groupId"> => ({ transactionalId, producerId: "5", producerEpoch: 3 });

const asking = (transactionalId: string, places: Sent): PartitionsToAdd => ({
  ...producerOf(transactionalId),
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

test("what a producer asks for that has been replaced is sent, and has no part in the transaction of the next one", async () => {
  const group = { ...producerOf("j"), groupId: "group" };
  beginFirst("j");
  await addPartitions({ ...asking("j", ["even/0"]), producerEpoch: 4 }, async () => Promise.resolve());
  await addPartitions(asking("j", ["odd/0"]), async () => Promise.resolve());
  await addGroup(group, async () => Promise.resolve());
  let sent = 0;
  const send = async (): Promise<number> => Promise.resolve(++sent);
  await addPartitions({ ...asking("j", ["odd/0"]), producerEpoch: 4 }, send);
  await addGroup({ ...group, producerEpoch: 4 }, send);
  assert.equal(sent, 2);
});

test("of producers that others have opened every request is sent", async () => {
  assert.deepEqual(await add("f", ["even/0"]), ["even/0"]);
  assert.deepEqual(await add("f", ["even/0"]), ["even/0"]);
});

test("the group of the transaction before is sent ahead, and whoever asks for it waits for that", async () => {
  beginFirst("g");
  const group: GroupToAdd = { ...producerOf("g"), groupId: "group" };
  assert.equal(await addGroup(group, async (asked) => Promise.resolve(asked)), group);
  beginNext("g");
  const answered = Promise.withResolvers<string>();
  const sent: GroupToAdd[] = [];
  const send = async (asked: GroupToAdd): Promise<unknown> => {
    sent.push(asked);
    return answered.promise;
  };
  addGroupsAhead(producerOf("g"), send);
  addGroupsAhead(producerOf("g"), send);
  assert.deepEqual(sent, [group]);
  let isAdded = false;
  const added = addGroup(group, send).then((answer) => {
    isAdded = true;
    return answer;
  });
  await new Promise(setImmediate);
  assert.equal(isAdded, false);
  answered.resolve("done");
  assert.equal(await added, "done");
  assert.equal(sent.length, 1);
});

test("a group that could not be added ahead is an error for the one who asks, and sent when that one asks again", async () => {
  beginFirst("h");
  const group: GroupToAdd = { ...producerOf("h"), groupId: "group" };
  await addGroup(group, async () => Promise.resolve());
  beginNext("h");
  const error = new Error("no answer came");
  addGroupsAhead(producerOf("h"), async () => Promise.reject(error));
  await new Promise(setImmediate);
  await assert.rejects(
    addGroup(group, async () => assert.fail("it is not known what became of the one before")),
    error,
  );
  assert.equal(await addGroup(group, async () => Promise.resolve("done")), "done");
});

test("a group that a transaction had no positions of is not sent ahead in the next one", async () => {
  beginFirst("i");
  await addGroup({ ...producerOf("i"), groupId: "group" }, async () => Promise.resolve());
  beginNext("i");
  beginNext("i");
  let isSent = false;
  addGroupsAhead(producerOf("i"), async () => Promise.resolve((isSent = true)));
  assert.equal(isSent, false);
});
