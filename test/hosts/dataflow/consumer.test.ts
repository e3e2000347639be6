/** The consumer over a client that joins, fetches and crashes when a test wants it to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { FetchedBatches } from "../../../hosts/dataflow/binder.ts";
import { FakeClient, ignore, open } from "./fake-client.ts";
import { plainBytes } from "./fetched.ts";

test("a consumer reads with its group from the start, commits by itself never, and leaves restarts to the app", async () => {
  const client = new FakeClient();
  await open(client);
  assert.equal(client.options["groupId"], "group");
  assert.deepEqual(client.subscribed, { topics: ["in"], fromBeginning: true });
  assert.equal(client.runOptions["autoCommit"], false);
  const { restartOnFailure } = client.options["retry"] as { restartOnFailure: () => Promise<boolean> };
  assert.equal(await restartOnFailure(), false);
});

test("an isolation level and an instance are what kafkajs is told", async () => {
  const plain = new FakeClient();
  await open(plain);
  assert.equal(plain.options["readUncommitted"], false);
  assert.equal(plain.options["partitionAssigners"], undefined);
  const other = new FakeClient();
  await open(other, ignore, { isolationLevel: "read_uncommitted", instance: { index: 1, count: 3 } });
  assert.equal(other.options["readUncommitted"], true);
  assert.equal((other.options["partitionAssigners"] as readonly unknown[]).length, 1);
});

test("what is fetched is handed over with the offset that was asked for and the one behind the last batch", async () => {
  const client = new FakeClient();
  const seen: FetchedBatches[] = [];
  await open(client, async (fetched, heartbeat) => {
    seen.push(fetched);
    await heartbeat();
  });
  let heartbeats = 0;
  await client.fetch(plainBytes(10n, ["1", "2"]), "11", async () => {
    heartbeats++;
    return Promise.resolve();
  });
  const [fetched] = seen;
  assert.deepEqual(
    [fetched?.topic, fetched?.partition, fetched?.fetchOffset, fetched?.nextOffset, fetched?.batches.length, heartbeats],
    ["in", 2, 11n, 12n, 1, 1],
  );
  await client.fetch(new Uint8Array(), "12");
  assert.equal(seen.length, 1);
});

test("positions are committed once, in decimal, as the member of the last fetch", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  await client.fetch(plainBytes(0n, ["1"]), "0");
  await consumer.commit([{ topic: "in", partition: 2, offset: 2n ** 53n + 1n }]);
  assert.deepEqual(client.commits, [{ topics: [{ topic: "in", partitions: [{ partition: 2, offset: "9007199254740993" }] }] }]);
});

test("positions are committed also before the first fetch", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  await consumer.commit([{ topic: "in", partition: 2, offset: 7n }]);
  assert.deepEqual(client.commits, [[{ topic: "in", partition: 2, offset: "7" }]]);
});

test("kafkajs is told to go on behind what is taken, also when the heartbeat fails in the middle", async () => {
  const client = new FakeClient();
  const lost = new Error("connection closed");
  await open(client, async (_, heartbeat, taken) => {
    taken(1n);
    await heartbeat();
  });
  await client.fetch(plainBytes(0n, ["1", "2", "3"]), "0");
  assert.deepEqual(client.resolved, ["0", "2"]);
  await assert.rejects(
    client.fetch(plainBytes(3n, ["1"]), "3", async () => Promise.reject(lost)),
    lost,
  );
  assert.deepEqual(client.resolved, ["0", "2", "0"]);
  // Only taken up to there, and so the next fetch begins there.
  await client.fetch(plainBytes(1n, ["2", "3"]), "1");
});

test("an error of the handler ends the consumer with that error, and kafkajs is told not to try again", async () => {
  const client = new FakeClient();
  const cause = new Error("not routed");
  const consumer = await open(client, async () => Promise.reject(cause));
  const failed = client.fetch(plainBytes(0n, ["1"]), "0");
  await assert.rejects(failed, { code: "BINDER_CLOSED", retriable: false });
  client.crash(new Error("what kafkajs makes of it"));
  await assert.rejects(consumer.ended, cause);
});

test("an error of the heartbeat is kafkajs's own and passes through", async () => {
  const client = new FakeClient();
  const rebalance = new Error("the group is rebalancing");
  await open(client, async (_, heartbeat) => heartbeat());
  const failed = client.fetch(plainBytes(0n, ["1"]), "0", async () => Promise.reject(rebalance));
  await assert.rejects(failed, rebalance);
});

test("a crash ends the consumer with its error", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  client.crash(new Error("broker away"));
  await assert.rejects(consumer.ended, /broker away/u);
});

test("a consumer that can't connect, or crashes before it has joined, is disconnected again", async () => {
  const away = new FakeClient();
  away.connectError = new Error("refused");
  await assert.rejects(open(away), /refused/u);
  const crashing = new FakeClient();
  crashing.joins = false;
  const opening = open(crashing);
  await new Promise(setImmediate);
  crashing.crash(new Error("no coordinator"));
  await assert.rejects(opening, /no coordinator/u);
  assert.deepEqual([away.disconnects, crashing.disconnects], [1, 1]);
});

test("closing disconnects, and then the consumer has ended", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  await consumer.close();
  await consumer.ended;
  assert.equal(client.disconnects, 1);
});

test("a refusal by the broker names the topic or the group and what to grant, and ends the app", async () => {
  for (const [type, message, retriable] of [
    ["TOPIC_AUTHORIZATION_FAILED", /read in: grant Read and Describe/u, false],
    ["GROUP_AUTHORIZATION_FAILED", /group group: grant Read/u, false],
    ["INCONSISTENT_GROUP_PROTOCOL", /group group .*auto-rebalance-enabled/u, true],
  ] as const) {
    const client = new FakeClient();
    const consumer = await open(client);
    client.crash(new Error("what kafkajs makes of it", { cause: Object.assign(new Error(type), { type }) }));
    await assert.rejects(consumer.ended, { code: "INPUT_REFUSED", retriable, message });
  }
});

test("a paused consumer has kafkajs fetch nothing of its topics, and stays in the group", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  assert.deepEqual(client.pauses, []);
  consumer.pause();
  assert.deepEqual([client.pauses, client.disconnects], [[[{ topic: "in" }]], 0]);
  consumer.resume();
  assert.deepEqual(client.resumes, [[{ topic: "in" }]]);
});

test("a consumer that is on its way out can be paused and resumed all the same: it is no error of who asks", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  client.hasLeft = true;
  consumer.pause();
  consumer.resume();
  client.crash(new Error("broker away"));
  await assert.rejects(consumer.ended, /broker away/u);
});

test("a consumer that is opened paused is so before its first fetch, and after each time that it joins", async () => {
  const client = new FakeClient();
  const consumer = await open(client, ignore, { isPaused: true });
  assert.equal(client.pauses.length, 1);
  client.join();
  assert.equal(client.pauses.length, 2);
  consumer.resume();
  client.join();
  assert.equal(client.pauses.length, 2);
});
