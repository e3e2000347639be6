/** The producer when it has transactions: what goes into one, and what becomes of it when a batch fails. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchProducer } from "../../../hosts/dataflow/binder.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import type { BatchToProduce } from "../../../hosts/dataflow/kafka/produce-codec.ts";
import { openKafkaProducer } from "../../../hosts/dataflow/kafka/producer.ts";
import { ok, options, refused } from "./fake-producer-client.ts";
import { plainBytes } from "./fetched.ts";

const MEMBER = { group: "group", memberId: "member", generation: 1 };
const POSITIONS = [{ topic: "in", partition: 0, offset: 1n }];
const TRANSACTIONS = { transactionalId: "router-1", timeoutMs: 15_000, metadataMaxAgeMs: 10_000, requestTimeoutMs: 10_000 };
const BATCH = plainBytes(0n, ["1"]);

/** A producer, and what it has asked of kafkajs; the answers to batches are the test's to give. */
async function open(): Promise<{ producer: BatchProducer; words: string[]; sends: PromiseWithResolvers<unknown>[] }> {
  const words: string[] = [];
  const sends: PromiseWithResolvers<unknown>[] = [];
  const note = async (word: string): Promise<void> => {
    words.push(word);
    return Promise.resolve();
  };
  const transaction = {
    sendBatch: async ({ topicMessages }: { topicMessages: readonly { messages: BatchToProduce }[] }) => {
      // As kafkajs does before each attempt.
      for (const { messages } of topicMessages) messages.reduce();
      words.push("send");
      const send = Promise.withResolvers<unknown>();
      sends.push(send);
      return send.promise;
    },
    sendOffsets: async () => note("offsets"),
    commit: async () => note("commit"),
    abort: async () => note("abort"),
  };
  const kafkajs = {
    connect: async () => Promise.resolve(),
    transaction: async () => Promise.resolve(transaction),
    disconnect: async () => note("disconnect"),
  };
  const kafka = { producer: () => kafkajs } as unknown as Kafka;
  return { producer: await openKafkaProducer(kafka, { ...options(), transactions: TRANSACTIONS }), words, sends };
}

const turns = async (): Promise<void> => {
  for (let left = 20; left > 0; left--) await new Promise(setImmediate);
};

test("a commit waits until every batch is acknowledged", async () => {
  const { producer, words, sends } = await open();
  assert.equal(producer.transaction?.isEmpty, true);
  const written = [producer.produce("even", 0, BATCH), producer.produce("even", 0, BATCH), producer.produce("odd", 1, BATCH)];
  assert.equal(producer.transaction.isEmpty, false);
  const committed = producer.transaction.commit(POSITIONS, MEMBER);
  await turns();
  assert.deepEqual(words, ["send", "send"], "one at a time for each partition");
  sends[0]?.resolve([ok("even", 0)]);
  sends[1]?.resolve([ok("odd", 1)]);
  await turns();
  assert.deepEqual(words, ["send", "send", "send"]);
  sends[2]?.resolve([ok("even", 0)]);
  await Promise.all([...written, committed]);
  assert.deepEqual(words, ["send", "send", "send", "offsets", "commit"]);
  assert.equal(producer.transaction.isEmpty, true);
});

test("a transaction with a batch that failed is neither committed nor aborted: the next producer's epoch decides it", async () => {
  const { producer, words, sends } = await open();
  const written = producer.produce("even", 0, BATCH);
  const committed = producer.transaction?.commit(POSITIONS, MEMBER);
  await turns();
  sends[0]?.reject(refused("INVALID_PRODUCER_EPOCH"));
  await assert.rejects(written);
  await assert.rejects(committed ?? Promise.resolve(), { code: "BINDER_CLOSED" });
  await producer.close();
  assert.deepEqual(words, ["send", "disconnect"]);
});

test("a producer that is closed aborts what is in its transaction when all of that is acknowledged", async () => {
  const { producer, words, sends } = await open();
  const written = producer.produce("even", 0, BATCH);
  await turns();
  sends[0]?.resolve([ok("even", 0)]);
  await written;
  await producer.close();
  assert.deepEqual(words, ["send", "abort", "disconnect"]);
});

test("a producer that is closed writes and commits nothing more", async () => {
  const { producer, words } = await open();
  const { transaction } = producer;
  assert.ok(transaction !== undefined);
  await transaction.commit(POSITIONS, MEMBER);
  await producer.close();
  await assert.rejects(producer.produce("even", 0, BATCH), { code: "BINDER_CLOSED" });
  await assert.rejects(transaction.commit(POSITIONS, MEMBER), { code: "BINDER_CLOSED" });
  assert.deepEqual(words, ["offsets", "commit", "disconnect"]);
});
