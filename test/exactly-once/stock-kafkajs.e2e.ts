/** What becomes of records when kafkajs's own producer meets the faults that the app's has to survive. docs/exactly-once.md has it as a table. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { setTimeout } from "node:timers/promises";
import { Kafka, Partitioners, logLevel, type Producer, type ProducerConfig, type RecordMetadata, type Transaction } from "kafkajs";
import { until } from "../broker/topics.ts";
import { untilDecided } from "./offsets.ts";
import { ErrorCode, isCommit } from "./requests.ts";
import { loggedRecords, type LoggedRecord } from "./transaction-log.ts";
import { useProxiedBroker } from "./use-proxied-broker.ts";

const REQUEST_TIMEOUT_MS = 1000;
const broker = await useProxiedBroker();

function kafkaOf(requestTimeout = REQUEST_TIMEOUT_MS): Kafka {
  // The first retries come so soon that a transaction does not wait for the markers of the one before.
  const retry = { initialRetryTime: 5, maxRetryTime: 100, retries: 20 };
  return new Kafka({ clientId: "stock", brokers: [broker.bootstrap], requestTimeout, retry, logLevel: logLevel.NOTHING });
}

async function openProducer(context: TestContext, config: ProducerConfig, requestTimeout?: number): Promise<Producer> {
  const producer = kafkaOf(requestTimeout).producer({ createPartitioner: Partitioners.DefaultPartitioner, ...config });
  await producer.connect();
  context.after(async () => producer.disconnect());
  return producer;
}

/** A producer whose own sends are tried once, as the application decides what to do about those that fail. */
async function openTransactional(context: TestContext, transactionalId: string, requestTimeout?: number): Promise<Producer> {
  return openProducer(context, { transactionalId, retry: { retries: 0 } }, requestTimeout);
}

/** Creates a topic and awaits that its leader knows of it: a batch that is refused for that would take a fault's place. */
async function create(topic: string, partitions = 1): Promise<void> {
  await broker.topics.create(topic, partitions);
  await untilDecided(broker.cluster.bootstrap, topic, partitions);
}

/** Reads a partition when the markers of its transactions are written, which may be a little after their ends are acknowledged. */
async function decidedRecords(topic: string, partition = 0): Promise<readonly LoggedRecord[]> {
  await untilDecided(broker.cluster.bootstrap, topic, partition + 1);
  return loggedRecords(broker.cluster, topic, partition);
}

/** Asks for what a group has committed when there is something. */
async function committedOffsets(group: string, topic: string): Promise<readonly number[]> {
  await until(`${group} has committed something`, async () => (await broker.topics.committed(group, topic)).some((offset) => offset >= 0));
  return broker.topics.committed(group, topic);
}

/** Until the end of the transaction before is written everywhere, the coordinator takes nothing for the next one; that is no fault. */
async function inTurn<Result>(attempt: () => Promise<Result>): Promise<Result> {
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      const { type, cause } = error as { type?: string; cause?: { type?: string } };
      if ((type ?? cause?.type) !== "CONCURRENT_TRANSACTIONS") throw error;
      await setTimeout(10);
    }
  }
}

async function send(to: Pick<Producer, "send">, topic: string, values: readonly string[], partition = 0): Promise<RecordMetadata[]> {
  return inTurn(async () => to.send({ topic, messages: values.map((value) => ({ value, partition })) }));
}

async function sendOffset(to: Transaction, group: string, topic: string, offset: number): Promise<void> {
  const topics = [{ topic, partitions: [{ partition: 0, offset: String(offset) }] }];
  return inTurn(async () => to.sendOffsets({ consumerGroupId: group, topics }));
}

broker.test("a second copy of an EndTxn that commits ends the next transaction, which can't be aborted any more", async (context) => {
  await create("late-commit");
  const producer = await openTransactional(context, "late-commit");
  const copy = broker.proxy.copy({ api: "EndTxn", where: isCommit });
  const first = await producer.transaction();
  await send(first, "late-commit", ["first"]);
  await first.commit();
  const second = await producer.transaction();
  await send(second, "late-commit", ["half of the second"]);
  assert.equal((await copy.deliver()).errorCode, ErrorCode.none);
  // The one while the coordinator still writes the markers, the other one after that.
  await assert.rejects(second.abort(), ({ type }: { type: string }) => ["CONCURRENT_TRANSACTIONS", "INVALID_TXN_STATE"].includes(type));
  assert.deepEqual(await decidedRecords("late-commit"), ["first: committed", "half of the second: committed"]);
});

broker.test("a second copy of an EndTxn that aborts takes away what the next transaction had, and its commit succeeds", async (context) => {
  await create("late-abort", 2);
  const producer = await openTransactional(context, "late-abort");
  const copy = broker.proxy.copy({ api: "EndTxn" });
  const first = await producer.transaction();
  await send(first, "late-abort", ["first"]);
  await first.abort();
  const second = await producer.transaction();
  await send(second, "late-abort", ["lost"]);
  assert.equal((await copy.deliver()).errorCode, ErrorCode.none);
  await send(second, "late-abort", ["kept"], 1);
  await second.commit();
  assert.deepEqual(await decidedRecords("late-abort"), ["first: aborted", "lost: aborted"]);
  assert.deepEqual(await decidedRecords("late-abort", 1), ["kept: committed"]);
});

broker.test("a commit without an answer leaves a producer that can neither commit nor abort nor begin again", async (context) => {
  await create("unanswered");
  const producer = await openTransactional(context, "unanswered");
  const transaction = await producer.transaction();
  await send(transaction, "unanswered", ["decided"]);
  const lost = broker.proxy.loseAnswer({ api: "EndTxn" });
  await assert.rejects(transaction.commit(), { name: "KafkaJSRequestTimeoutError" });
  assert.equal((await (await lost.met).answered).errorCode, ErrorCode.none);
  await assert.rejects(transaction.abort());
  await assert.rejects(producer.transaction());
  assert.deepEqual(await decidedRecords("unanswered"), ["decided: committed"]);
});

broker.test(
  "a batch behind one whose acknowledgement was lost is acknowledged and not written when it has as many records",
  async (context) => {
    await create("equal");
    const producer = await openTransactional(context, "equal");
    const first = await producer.transaction();
    broker.proxy.loseAnswer({ api: "Produce" });
    await assert.rejects(send(first, "equal", ["a1", "a2"]));
    await first.abort();
    const second = await producer.transaction();
    const [acknowledged] = await send(second, "equal", ["b1", "b2"]);
    assert.equal(acknowledged?.errorCode, ErrorCode.none);
    await second.commit();
    assert.deepEqual(await decidedRecords("equal"), ["a1: aborted", "a2: aborted"]);
  },
);

broker.test(
  "a batch of an aborted transaction that comes late is committed with the next one, whose own batch is dropped",
  async (context) => {
    await create("late-batch");
    const producer = await openTransactional(context, "late-batch");
    // Without a record of this producer the partition would take any number, also from the later one.
    const first = await producer.transaction();
    const late = broker.proxy.hold({ api: "Produce" });
    await assert.rejects(send(first, "late-batch", ["a1", "a2"]));
    await first.abort();
    const second = await producer.transaction();
    const own = broker.proxy.hold({ api: "Produce" });
    const sent = send(second, "late-batch", ["b1", "b2"]);
    await own.met;
    assert.equal((await late.deliver()).errorCode, ErrorCode.none);
    assert.equal((await own.deliver()).errorCode, ErrorCode.none);
    await sent;
    await second.commit();
    assert.deepEqual(await decidedRecords("late-batch"), ["a1: committed", "a2: committed"]);
  },
);

broker.test(
  "of two batches in line, the lost acknowledgement of the first makes that one come twice and the other one never",
  async (context) => {
    await create("in-line");
    const producer = await openProducer(context, {
      idempotent: true,
      maxInFlightRequests: 1,
      retry: { initialRetryTime: 1000, retries: 5 },
    });
    const lost = broker.proxy.loseAnswer({ api: "Produce" }, { close: true });
    const first = send(producer, "in-line", ["a1", "a2"]);
    await lost.met;
    const both = [first, send(producer, "in-line", ["b1", "b2"])];
    for (const [acknowledged] of await Promise.all(both)) assert.equal(acknowledged?.errorCode, ErrorCode.none);
    assert.deepEqual(await decidedRecords("in-line"), ["a1: committed", "a2: committed", "a1: committed", "a2: committed"]);
  },
);

broker.test("offsets of an aborted transaction that come late replace those of the next one", async (context) => {
  await create("late-offsets");
  const producer = await openTransactional(context, "late-offsets");
  const late = broker.proxy.hold({ api: "TxnOffsetCommit" });
  const first = await producer.transaction();
  await assert.rejects(sendOffset(first, "late-offsets-group", "late-offsets", 5));
  await first.abort();
  const second = await producer.transaction();
  await sendOffset(second, "late-offsets-group", "late-offsets", 10);
  assert.equal((await late.deliver()).errorCode, ErrorCode.none);
  await second.commit();
  assert.deepEqual(await committedOffsets("late-offsets-group", "late-offsets"), [5]);
});

broker.test("whatever comes late is refused when another producer has taken over the transactional id", async (context) => {
  await create("refused");
  const producer = await openTransactional(context, "refused");
  const first = await producer.transaction();
  await send(first, "refused", ["a1", "a2"]);
  const late = [broker.proxy.hold({ api: "Produce" }), broker.proxy.hold({ api: "TxnOffsetCommit" }), broker.proxy.hold({ api: "EndTxn" })];
  await assert.rejects(send(first, "refused", ["a3", "a4"]));
  await assert.rejects(sendOffset(first, "refused-group", "refused", 5));
  await assert.rejects(first.commit());
  const second = await (await openTransactional(context, "refused")).transaction();
  await send(second, "refused", ["b1", "b2"]);
  await sendOffset(second, "refused-group", "refused", 10);
  for (const { deliver } of late) assert.equal((await deliver()).errorCode, ErrorCode.invalidProducerEpoch);
  await second.commit();
  assert.deepEqual(await decidedRecords("refused"), ["a1: aborted", "a2: aborted", "b1: committed", "b2: committed"]);
  assert.deepEqual(await committedOffsets("refused-group", "refused"), [10]);
});

broker.test("offsets are taken from a producer whose consumer is no member of the group", async (context) => {
  await create("strangers");
  const consumer = kafkaOf(10_000).consumer({ groupId: "strangers-group" });
  await consumer.connect();
  context.after(async () => consumer.disconnect());
  await consumer.subscribe({ topics: ["strangers"] });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ eachMessage: async () => {} });
  await joined;
  const stranger = await openTransactional(context, "strangers");
  const transaction = await stranger.transaction();
  const offsets = broker.proxy.seen({ api: "TxnOffsetCommit" });
  await sendOffset(transaction, "strangers-group", "strangers", 7);
  assert.equal((await offsets).request.version, 1, "a version without generation and member");
  await transaction.commit();
  assert.deepEqual(await committedOffsets("strangers-group", "strangers"), [7]);
});
