/** The producer's transactions over a kafkajs whose answers are the test's to give. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupMember, Position } from "../../../hosts/dataflow/binder.ts";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { memberOf } from "../../../hosts/dataflow/kafka/offset-codecs.ts";
import { openTransactions, type Transactions } from "../../../hosts/dataflow/kafka/transactions.ts";
import { refused } from "./fake-producer-client.ts";

const MEMBER: GroupMember = { group: "group", memberId: "member", generation: 7 };
const POSITIONS: readonly Position[] = [
  { topic: "in", partition: 1, offset: 5n },
  { topic: "too", partition: 0, offset: 2n ** 60n },
  { topic: "in", partition: 0, offset: 0n },
];

/** What kafkajs is asked to do, in a word each; errors by the word are thrown, one after the other, when it is. */
class Asked {
  readonly words: string[] = [];
  readonly errors: [word: string, error: Error][] = [];
  told: object = {};
  offsets: { consumerGroupId: string; topics: Parameters<typeof memberOf>[0] } | null = null;

  async note(word: string): Promise<void> {
    this.words.push(word);
    const [next] = this.errors;
    if (next?.[0] !== word) return Promise.resolve();
    this.errors.shift();
    throw next[1];
  }

  kafka(): Kafka {
    const transaction = {
      sendBatch: async () => this.note("send"),
      sendOffsets: async (offsets: NonNullable<Asked["offsets"]>) => {
        this.offsets = offsets;
        return this.note("offsets");
      },
      commit: async () => this.note("commit"),
      abort: async () => this.note("abort"),
    };
    const producer = {
      connect: async () => this.note("connect"),
      transaction: async () => {
        await this.note("begin");
        return transaction;
      },
      disconnect: async () => this.note("disconnect"),
    };
    return {
      producer: (told: object) => {
        this.told = told;
        return producer;
      },
    } as unknown as Kafka;
  }

  async open(): Promise<Transactions> {
    const transactions = await openTransactions(this.kafka(), {
      transactionalId: "router-1",
      timeoutMs: 15_000,
      metadataMaxAgeMs: 10_000,
      requestTimeoutMs: 10_000,
    });
    this.words.length = 0;
    return transactions;
  }
}

test("a producer has its transactional id and timeout, and its epoch when it is open", async () => {
  const asked = new Asked();
  await openTransactions(asked.kafka(), { transactionalId: "router-1", timeoutMs: 15_000, metadataMaxAgeMs: 1, requestTimeoutMs: 1 });
  const { transactionalId, transactionTimeout } = asked.told as Record<string, unknown>;
  assert.deepEqual({ transactionalId, transactionTimeout }, { transactionalId: "router-1", transactionTimeout: 15_000 });
  assert.deepEqual(asked.words, ["connect", "begin"]);
});

for (const [type, cure] of [
  ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", /grant Write and Describe on the transactional ids/u],
  ["INVALID_TRANSACTION_TIMEOUT", /transaction\.max\.timeout\.ms/u],
] as const) {
  test(`a producer that is refused by ${type} says what to do, and is let go`, async () => {
    const asked = new Asked();
    asked.errors.push(["begin", refused(type)]);
    await assert.rejects(asked.open(), (error) => error instanceof AppError && !error.retriable && cure.test(error.message));
    assert.deepEqual(asked.words, ["connect", "begin", "disconnect"]);
  });
}

test("a producer that can't be opened now can be tried again", async () => {
  const asked = new Asked();
  const error = new Error("no connection");
  asked.errors.push(["connect", error]);
  await assert.rejects(asked.open(), error);
  assert.deepEqual(asked.words, ["connect", "disconnect"]);
});

test("a commit sends the positions by topic, as the member that they come from, then the end, and the next one begins", async () => {
  const asked = new Asked();
  const transactions = await asked.open();
  transactions.began();
  await transactions.commit(POSITIONS, MEMBER);
  assert.deepEqual(asked.words, ["offsets", "commit", "begin"]);
  assert.equal(asked.offsets?.consumerGroupId, "group");
  assert.equal(memberOf(asked.offsets.topics), MEMBER);
  assert.deepEqual(asked.offsets.topics, [
    {
      topic: "in",
      partitions: [
        { partition: 1, offset: "5" },
        { partition: 0, offset: "0" },
      ],
    },
    { topic: "too", partitions: [{ partition: 0, offset: "1152921504606846976" }] },
  ]);
  assert.equal(transactions.isEmpty, true);
});

for (const type of [
  "CONCURRENT_TRANSACTIONS",
  "GROUP_LOAD_IN_PROGRESS",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
  "UNKNOWN_TOPIC_OR_PARTITION",
]) {
  test(`positions that are answered with ${type} are sent again`, async () => {
    const asked = new Asked();
    const transactions = await asked.open();
    asked.errors.push(["offsets", refused(type)], ["offsets", refused(type)]);
    await transactions.commit(POSITIONS, MEMBER);
    assert.deepEqual(asked.words, ["offsets", "offsets", "offsets", "commit", "begin"]);
  });
}

for (const type of ["ILLEGAL_GENERATION", "UNKNOWN_MEMBER_ID", "REBALANCE_IN_PROGRESS", "FENCED_INSTANCE_ID"]) {
  test(`positions that are answered with ${type} are not sent again, and the transaction is aborted`, async () => {
    const asked = new Asked();
    const transactions = await asked.open();
    const error = refused(type);
    asked.errors.push(["offsets", error]);
    transactions.began();
    await assert.rejects(transactions.commit(POSITIONS, MEMBER), error);
    await transactions.close();
    assert.deepEqual(asked.words, ["offsets", "abort", "disconnect"]);
  });
}

for (const [word, error] of [
  ["offsets", new Error("Request TxnOffsetCommit timed out")],
  ["offsets", refused("INVALID_TXN_STATE")],
  ["offsets", refused("INVALID_PRODUCER_EPOCH")],
  ["commit", new Error("Closed connection")],
  ["commit", refused("NOT_COORDINATOR_FOR_GROUP")],
  ["commit", refused("CONCURRENT_TRANSACTIONS")],
] as const) {
  test(`a commit whose ${word} end with "${error.message}, ${String((error.cause as Error | undefined)?.message)}" is tried once, and nothing is sent after it`, async () => {
    const asked = new Asked();
    const transactions = await asked.open();
    asked.errors.push([word, error]);
    transactions.began();
    await assert.rejects(transactions.commit(POSITIONS, MEMBER), error);
    assert.equal(transactions.isEmpty, false);
    await transactions.close();
    assert.deepEqual(asked.words, word === "offsets" ? ["offsets", "disconnect"] : ["offsets", "commit", "disconnect"]);
  });
}

test("an empty transaction is not aborted when the producer is closed", async () => {
  const asked = new Asked();
  await (await asked.open()).close();
  assert.deepEqual(asked.words, ["disconnect"]);
});

test("a transaction with a batch that may be in the log or not is left to the next producer's epoch", async () => {
  const asked = new Asked();
  const transactions = await asked.open();
  transactions.began();
  transactions.doubt();
  await transactions.close();
  assert.deepEqual(asked.words, ["disconnect"]);
});

test("a producer whose abort fails is let go all the same", async () => {
  const asked = new Asked();
  const transactions = await asked.open();
  const error = new Error("Closed connection");
  asked.errors.push(["abort", error]);
  transactions.began();
  await assert.rejects(transactions.close(), error);
  assert.deepEqual(asked.words, ["abort", "disconnect"]);
});
