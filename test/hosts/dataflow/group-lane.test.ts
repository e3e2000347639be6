/** What the lane changes of kafkajs's dealings with coordinators, at kafkajs's own table of requests. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import { beginFirst, beginNext } from "../../../hosts/dataflow/kafka/added-to-transaction.ts";
import { generationOf, setBeginnings, setRevoking } from "../../../hosts/dataflow/kafka/group-lane.ts";
import { coordinatorCalls, protocolTable, type ProtocolRequest } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { installLane } from "../../../hosts/dataflow/kafka/lane.ts";
import { fencedOffsets } from "../../../hosts/dataflow/kafka/offset-codecs.ts";

/** What a coordinator answers, one error after the other; then it answers well. */
const busy: string[] = [];
let asked = 0;
const PRODUCER = { transactionalId: "id", producerId: "5", producerEpoch: 3 };
const calls = coordinatorCalls();
const answer = async (): Promise<string> => {
  asked++;
  const type = busy.shift();
  if (type !== undefined) throw Object.assign(new Error(type), { type });
  return Promise.resolve("done");
};
calls.addOffsetsToTxn = answer;
calls.addPartitionsToTxn = answer;
calls.initProducerId = answer;
installLane(() => {});

const request = (api: keyof ReturnType<typeof protocolTable>, version: number, options: object): ProtocolRequest =>
  protocolTable()[api].protocol({ version })(options as never);

const offsetFetch = (version: number): ProtocolRequest =>
  request("OffsetFetch", version, { groupId: "group", topics: [{ topic: "in", partitions: [{ partition: 0 }] }] });

const versionOf = (call: ProtocolRequest): number => call.request.apiVersion;

/** An answer to OffsetFetch as it is decoded. */
const fetched = (offset: string, errorCode = 0): object => ({
  responses: [{ topic: "in", partitions: [{ partition: 0, offset, metadata: null, errorCode }] }],
  errorCode: 0,
});

test("a member joins when what it has before is finished", async () => {
  const finished = Promise.withResolvers<void>();
  setRevoking("group", async () => finished.promise);
  const join = request("JoinGroup", 5, { groupId: "group", memberId: "", groupProtocols: [] });
  let isSent = false;
  const sent = join.request.encode().then(() => (isSent = true));
  await new Promise(setImmediate);
  assert.equal(isSent, false);
  finished.resolve();
  await sent;
  setRevoking("group", null);
  await join.request.encode();
});

test("the generation of a member is that of its last assignment, not of a join that is under way", async () => {
  const joined = { throttleTime: 0, errorCode: 0, generationId: 9, groupProtocol: "p", leaderId: "a", memberId: "a", members: [] };
  const synced = { throttleTime: 0, errorCode: 0, memberAssignment: Buffer.alloc(0) };
  await request("SyncGroup", 3, { groupId: "group", memberId: "a", generationId: 8 }).response.parse(synced);
  await request("JoinGroup", 5, { groupId: "group", memberId: "a" }).response.parse(joined);
  assert.equal(generationOf("a"), 8);
  assert.equal(generationOf("b"), null);
});

test("kafkajs chooses the versions that exactly once needs, and its own below them", () => {
  const { OffsetFetch, TxnOffsetCommit } = protocolTable();
  assert.ok(OffsetFetch.versions.includes("7") && TxnOffsetCommit.versions.includes("3"));
  assert.deepEqual(
    [1, 4, 5, 6, 7].map((version) => versionOf(offsetFetch(version))),
    [1, 4, 4, 4, 7],
  );
  const stock = { transactionalId: "id", groupId: "group", producerId: "1", producerEpoch: 0, topics: [] };
  assert.deepEqual(
    [0, 1, 2, 3].map((version) => versionOf(request("TxnOffsetCommit", version, stock))),
    [0, 1, 1, 1],
  );
});

test("positions of a member are committed as that member, or not at all", () => {
  const topics = fencedOffsets([{ topic: "in", partition: 0, offset: 1n }], { group: "group", memberId: "m", generation: 1 });
  const options = { transactionalId: "id", groupId: "group", producerId: "1", producerEpoch: 0, topics };
  assert.equal(request("TxnOffsetCommit", 3, options).request.apiVersion, 3);
  assert.throws(
    () => request("TxnOffsetCommit", 2, options),
    (error) => error instanceof AppError && error.code === "TRANSACTIONS_REFUSED" && !error.retriable,
  );
});

test("what is committed is asked for again, and the member heard of meanwhile, while a transaction is open that commits more", async () => {
  await assert.rejects(offsetFetch(7).response.parse(fetched("5", 88)), { name: "KafkaJSBrokerNotFound" });
  assert.deepEqual(await offsetFetch(7).response.parse(fetched("5")), fetched("5"));
});

test("other errors of such an answer are kafkajs's to judge", async () => {
  await assert.rejects(offsetFetch(7).response.parse(fetched("5", 29)), { type: "TOPIC_AUTHORIZATION_FAILED" });
});

test("partitions that nothing is committed of begin where they are told to, in any version", async () => {
  setBeginnings("group", () => 42n);
  for (const version of [4, 7]) assert.deepEqual(await offsetFetch(version).response.parse(fetched("-1")), fetched("42"));
  setBeginnings("group", null);
  assert.deepEqual(await offsetFetch(7).response.parse(fetched("-1")), fetched("-1"));
});

test("a coordinator that still ends the transaction before is asked again at once, and only then", async () => {
  busy.push("CONCURRENT_TRANSACTIONS", "CONCURRENT_TRANSACTIONS");
  asked = 0;
  assert.equal(await calls.addPartitionsToTxn.call({}, { ...PRODUCER, topics: [] }), "done");
  assert.equal(asked, 3);
  busy.push("CONCURRENT_TRANSACTIONS");
  assert.equal(await calls.initProducerId.call({}, PRODUCER), "done");
  assert.equal(asked, 5);
  busy.push("INVALID_PRODUCER_EPOCH");
  await assert.rejects(calls.addPartitionsToTxn.call({}, { ...PRODUCER, topics: [] }), { type: "INVALID_PRODUCER_EPOCH" });
  assert.equal(asked, 6);
});

test("a transaction gets the group of the one before with its first partitions, and is not told so twice", async () => {
  const producer = { ...PRODUCER, transactionalId: "ahead" };
  const group = { ...producer, groupId: "group" };
  beginFirst("ahead");
  busy.push("CONCURRENT_TRANSACTIONS");
  asked = 0;
  await calls.addOffsetsToTxn.call({}, group);
  assert.equal(asked, 2);
  beginNext("ahead");
  await calls.addPartitionsToTxn.call({}, { ...producer, topics: [{ topic: "even", partitions: [0] }] });
  assert.equal(asked, 4);
  await calls.addOffsetsToTxn.call({}, group);
  assert.equal(asked, 4);
});
