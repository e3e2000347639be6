/** The consumer as a member of its group: what it is assigned, where it begins there, and what it commits. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Position } from "../../../hosts/dataflow/binder.ts";
import { FakeClient, ignore, open } from "./fake-client.ts";
import { plainBytes } from "./fetched.ts";

test("a consumer that is told to begin at the end has the group begin there of what it has not committed, and has that committed", async () => {
  const client = new FakeClient();
  const begun: Position[] = [];
  const consumer = await open(client, ignore, { startOffset: "latest", onBegun: (position) => begun.push(position) });
  assert.deepEqual(client.seeks, []);
  assert.equal(client.beginOf?.("in", 2), 92n);
  // One that was added later.
  assert.equal(client.beginOf("in", 3), null);
  assert.deepEqual(begun, [{ topic: "in", partition: 2, offset: 92n }]);
  assert.deepEqual(client.subscribed, { topics: ["in"], fromBeginning: true });
  await consumer.close();
  assert.equal(client.beginOf, null);
});

test("a reset holds over assignments until it is committed", async () => {
  const client = new FakeClient();
  const begun: (readonly Position[])[] = [];
  const consumer = await open(client, ignore, { resetOffsets: true, onAssigned: (positions) => begun.push(positions) });
  client.join({ in: [2] });
  assert.equal(client.seeks.length, 3);
  await consumer.commit([{ topic: "in", partition: 2, offset: 11n }]);
  client.join();
  assert.deepEqual(client.seeks.slice(3), [{ topic: "in", partition: 1, offset: "10" }]);
  assert.deepEqual(begun[1], [{ topic: "in", partition: 2, offset: 10n }]);
});

test("positions of partitions that are assigned to others are not committed", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  client.join({ in: [2] });
  const position = { topic: "in", partition: 1, offset: 7n };
  await consumer.commit([position]);
  assert.deepEqual(client.commits, []);
  await consumer.commit([position, { topic: "in", partition: 2, offset: 8n }]);
  assert.deepEqual(client.commits, [[{ topic: "in", partition: 2, offset: "8" }]]);
});

test("it is open when the group is joined, and says each time that partitions are assigned", async () => {
  const client = new FakeClient();
  client.joins = false;
  let assignments = 0;
  const opening = open(client, ignore, { onAssigned: () => assignments++ });
  await new Promise(setImmediate);
  assert.equal(assignments, 0);
  client.join();
  await opening;
  client.join();
  assert.equal(assignments, 2);
});

test("what was seen of a log is forgotten when somebody has set the group back behind what this consumer has committed", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  await client.fetch(plainBytes(0n, ["1", "2"]), "0");
  await consumer.commit([{ topic: "in", partition: 2, offset: 2n }]);
  client.watch.begin("in-2", 2n);
  assert.deepEqual(client.watch.look("in-2", 1n, [], 0), { log: "behind" });
  client.watch.begin("in-2", 1n);
  assert.deepEqual(client.watch.look("in-2", 1n, [], 0), { log: "same" });
});

test("a consumer that was given up before it had joined gets no partitions when it does, which nobody would route", async () => {
  const client = new FakeClient();
  client.joins = false;
  let assignments = 0;
  const opening = open(client, ignore, { onAssigned: () => assignments++ });
  await new Promise(setImmediate);
  client.crash(new Error("gone"));
  await assert.rejects(opening, /gone/u);
  assert.equal(client.disconnects, 1);
  // kafkajs's listeners are called within its join, which ends with their error.
  assert.throws(() => {
    client.join();
  }, /the consumer is closed/u);
  assert.equal(assignments, 0);
});

test("a consumer that has not heard of its group for two minutes is given up", async (context) => {
  context.mock.timers.enable({ apis: ["Date", "setInterval"], now: 0 });
  const client = new FakeClient();
  const consumer = await open(client);
  context.mock.timers.tick(110_000);
  client.join();
  context.mock.timers.tick(110_000);
  assert.equal(await Promise.race([consumer.ended.catch(() => "given up"), Promise.resolve("alive")]), "alive");
  context.mock.timers.tick(20_000);
  await assert.rejects(consumer.ended, { code: "BROKER_UNAVAILABLE", retriable: true, message: /120 s/u });
});

test("a member of the next generation goes on where it is with the partitions that stay, and has that committed", async () => {
  const client = new FakeClient();
  const begun: (readonly Position[])[] = [];
  await open(client, ignore, { onAssigned: (positions) => begun.push(positions) });
  await client.fetch(plainBytes(0n, ["1", "2", "3"]), "0");
  client.generation = 2;
  client.join({ in: [2] });
  assert.deepEqual(client.seeks, [{ topic: "in", partition: 2, offset: "3" }]);
  assert.deepEqual(begun, [[], [{ topic: "in", partition: 2, offset: 3n }]]);
  // A member that joins again while the group is stable is told the generation that it has.
  client.join({ in: [2] });
  assert.equal(client.seeks.length, 2);
  // Two generations on, or as another member: somebody else may have had the partition in between.
  client.generation = 4;
  client.join({ in: [2] });
  await client.fetch(plainBytes(3n, ["1"]), "3");
  client.generation = 5;
  client.memberId = "member again";
  client.join({ in: [2] });
  assert.equal(client.seeks.length, 2);
});

test("when the coordinator does not answer, kafkajs is told at the next chance to look for another one, once", async () => {
  const closed = Object.assign(new Error("closed"), { name: "KafkaJSConnectionClosedError" });
  const wanted = { type: "NOT_COORDINATOR_FOR_GROUP", cause: closed };
  const client = new FakeClient();
  const consumer = await open(client, async (_, heartbeat) => heartbeat());
  await assert.rejects(
    client.fetch(plainBytes(0n, ["1"]), "0", async () => Promise.reject(closed)),
    wanted,
  );
  client.join();
  await client.fetch(plainBytes(0n, ["1"]), "0");
  client.commitError = closed;
  await assert.rejects(consumer.commit([{ topic: "in", partition: 2, offset: 1n }]), wanted);
  client.commitError = null;
  await assert.rejects(client.fetch(plainBytes(1n, ["1"]), "1"), wanted);
  client.join();
  await client.fetch(plainBytes(1n, ["1"]), "1");
});

test("a consumer that begins at what is committed goes on nowhere else after an assignment", async () => {
  const client = new FakeClient();
  const begun: (readonly Position[])[] = [];
  await open(client, ignore, { beginsAtCommitted: true, onAssigned: (positions) => begun.push(positions) });
  await client.fetch(plainBytes(10n, ["1", "2"]), "10");
  client.generation = 2;
  client.join();
  assert.deepEqual(begun, [[], []]);
  assert.deepEqual(client.seeks, []);
});

test("positions are committed in a transaction as the member of the assignment, those of others left out", async () => {
  const client = new FakeClient();
  const committed: unknown[] = [];
  const consumer = await open(client);
  client.join({ in: [2] });
  const transaction = {
    isEmpty: false,
    commit: async (...commit: unknown[]) => {
      committed.push(commit);
      return Promise.resolve();
    },
  };
  const own = { topic: "in", partition: 2, offset: 8n };
  await consumer.commit([{ topic: "in", partition: 1, offset: 7n }, own], transaction);
  assert.deepEqual(committed, [[[own], { group: "group", memberId: "member", generation: 1 }]]);
  assert.deepEqual(client.commits, []);
});

test("a reset that is committed in a transaction is done", async () => {
  const client = new FakeClient();
  const consumer = await open(client, ignore, { resetOffsets: true });
  const transaction = { isEmpty: true, commit: async () => Promise.resolve() };
  await consumer.commit(
    [1, 2].map((partition) => ({ topic: "in", partition, offset: 10n })),
    transaction,
  );
  client.join();
  assert.equal(client.seeks.length, 2);
});

test("a partition that is further than its beginning does not begin again when a second broker says that nothing is committed", async () => {
  const client = new FakeClient();
  const begun: Position[] = [];
  await open(client, ignore, { startOffset: "latest", onBegun: (position) => begun.push(position) });
  client.beginOf?.("in", 2);
  await client.fetch(plainBytes(92n, ["1"]), "92");
  client.beginOf?.("in", 2);
  client.join({ in: [1] });
  client.beginOf?.("in", 2);
  assert.deepEqual(begun, [{ topic: "in", partition: 2, offset: 92n }]);
});
