/** The producer over a client that answers when and what a test wants. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { openKafkaProducer } from "../../../hosts/dataflow/kafka/producer.ts";
import { turn } from "./fake-binder.ts";
import { plainBytes, valuesOf } from "./fetched.ts";
import { client, ok, options, refused, values, type Answer } from "./fake-producer-client.ts";
import { createMemoryLog } from "./memory-log.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 5000;

test("a batch is written once all replicas in sync have it", async () => {
  const { producer, requests, told } = await client({ ...options(), idempotent: false });
  const written = producer.produce("even", 3, plainBytes(0n, ["2"]));
  await turn();
  const [request] = requests;
  assert.equal(request?.acks, -1);
  assert.deepEqual(Object.keys(request?.batch.reduce() ?? {}), ["3"]);
  request?.answer([ok("even", 3)]);
  await written;
  assert.equal(told["idempotent"], false);
});

test("batches of one partition go one after the other, those of others at the same time", async () => {
  const { producer, requests } = await client();
  const written = ["2", "4", "6"].map(async (text) => producer.produce("even", 0, plainBytes(0n, [text])));
  written.push(producer.produce("even", 1, plainBytes(0n, ["8"])), producer.produce("odd", 0, plainBytes(0n, ["1"])));
  await turn();
  assert.deepEqual(values(requests), [
    ["even", "2"],
    ["even", "8"],
    ["odd", "1"],
  ]);
  for (const [index, partition] of [0, 1, 0].entries()) requests[index]?.answer([ok(index === 2 ? "odd" : "even", partition)]);
  await turn();
  assert.deepEqual(values(requests.slice(3)), [["even", "4"]]);
  requests[3]?.answer([ok("even", 0)]);
  await turn();
  requests[4]?.answer([ok("even", 0)]);
  await Promise.all(written);
});

test("an answer that does not name the partition is not taken for an acknowledgement", async () => {
  const wrong: readonly (readonly Answer[])[] = [[], [ok("even", 1)], [ok("odd", 0)], [{ topicName: "even", partition: 0, errorCode: 6 }]];
  for (const answers of wrong) {
    const { producer, requests } = await client();
    const written = producer.produce("even", 0, plainBytes(0n, ["2"]));
    await turn();
    requests[0]?.answer(answers);
    await assert.rejects(written, { code: "PRODUCE_UNCONFIRMED", retriable: true, message: /even-0/ });
  }
});

test("after a batch that failed nothing is appended any more, in no partition", { timeout: TEST_MS_MAX }, async () => {
  const { producer, requests } = await client();
  const failing = producer.produce("even", 0, plainBytes(0n, ["2"]));
  const after = producer.produce("even", 0, plainBytes(0n, ["4"]));
  const elsewhere = producer.produce("even", 1, plainBytes(0n, ["6"]));
  const [cause] = [new Error("out of order")];
  await turn();
  requests[0]?.refuse(cause);
  const failure = { code: "PRODUCE_FAILED", retriable: true, cause, message: /even-0/ };
  await assert.rejects(failing, failure);
  await assert.rejects(after, failure);
  assert.equal(requests.length, 2);
  // kafkajs asks before each attempt, and then learns that there is none.
  assert.throws(
    () => requests[1]?.batch.reduce(),
    (error) => error instanceof AppError && !error.retriable && error.cause instanceof AppError && error.cause.cause === cause,
  );
  requests[1]?.refuse(cause);
  await assert.rejects(elsewhere, { code: "PRODUCE_FAILED", cause });
  const later = producer.produce("odd", 0, plainBytes(0n, ["1"]));
  await turn();
  assert.throws(() => requests[2]?.batch.reduce(), { code: "BINDER_CLOSED" });
  requests[2]?.refuse(cause);
  await assert.rejects(later);
});

test("a batch that nobody acknowledges is given up after two minutes", async (context) => {
  context.mock.timers.enable({ apis: ["Date"], now: 0 });
  const { producer, requests } = await client();
  const written = producer.produce("even", 0, plainBytes(0n, ["2"]));
  await turn();
  context.mock.timers.setTime(119_999);
  assert.ok(requests[0]?.batch.reduce());
  context.mock.timers.setTime(120_000);
  assert.throws(
    () => requests[0]?.batch.reduce(),
    (error: Error & { readonly retriable?: boolean }) => {
      assert.equal(error.retriable, false, "kafkajs must not try again");
      requests[0]?.refuse(error);
      return true;
    },
  );
  await assert.rejects(written, { code: "BROKER_UNAVAILABLE", retriable: true, message: /even-0 for 120 s/ });
});

test("a refusal that no further attempt changes is final", async () => {
  for (const [type, code, retriable] of [
    ["TOPIC_AUTHORIZATION_FAILED", "PRODUCE_REFUSED", false],
    ["NOT_ENOUGH_REPLICAS", "PRODUCE_FAILED", true],
    ["OUT_OF_ORDER_SEQUENCE_NUMBER", "PRODUCE_FAILED", true],
  ] as const) {
    const { producer, requests } = await client();
    const written = producer.produce("even", 0, plainBytes(0n, ["2"]));
    await turn();
    requests[0]?.refuse(refused(type));
    await assert.rejects(written, { code, retriable, message: /even-0/ });
  }
});

test("each batch begins with the sequence number behind the last acknowledged record of its partition, and round again after 2^31", async () => {
  const { producer, requests } = await client();
  const sequences = (): readonly unknown[] => requests.map(({ topic, batch }) => [topic, batch.baseSequence]);
  const write = async (topic: string, bytes: Uint8Array): Promise<void> => {
    const written = producer.produce(topic, 0, bytes);
    await turn();
    requests.at(-1)?.answer([ok(topic, 0)]);
    await written;
  };
  await write("even", plainBytes(0n, ["2", "4", "6"]));
  await write("odd", plainBytes(0n, ["1"]));
  await write("even", plainBytes(0n, ["8"]));
  assert.deepEqual(sequences(), [
    ["even", 0],
    ["odd", 0],
    ["even", 3],
  ]);
  // A batch that says so of itself: to write two thousand million records takes too long.
  await write("even", claiming(2 ** 31 - 6));
  await write("even", plainBytes(0n, ["2", "4", "6", "8"]));
  await write("even", plainBytes(0n, ["2"]));
  assert.deepEqual(sequences().slice(4), [
    ["even", 2 ** 31 - 2],
    ["even", 2],
  ]);
});

/** A batch whose header claims this number of records. */
function claiming(recordCount: number): Uint8Array {
  const bytes = Buffer.from(plainBytes(0n, ["2"]));
  bytes.writeInt32BE(recordCount, 57);
  return bytes;
}

test("a batch that the broker says it has already is acknowledged", async () => {
  const { producer, requests } = await client();
  const written = producer.produce("even", 0, plainBytes(0n, ["2", "4"]));
  await turn();
  requests[0]?.refuse(refused("DUPLICATE_SEQUENCE_NUMBER"));
  await written;
  void producer.produce("even", 0, plainBytes(0n, ["6"])).catch(() => {});
  await turn();
  assert.equal(requests[1]?.batch.baseSequence, 2);
});

test("a batch that is too large goes out in parts with consecutive sequence numbers, before anything else, and so do those after it", async () => {
  const log = createMemoryLog();
  const { producer, requests } = await client(options(log));
  const texts = ["2", "4", "6", "8"].map((digit) => digit.repeat(100));
  const [head, tail] = [texts.slice(0, 2), texts.slice(2)];
  const first = producer.produce("even", 0, plainBytes(0n, texts));
  const second = producer.produce("even", 0, plainBytes(0n, texts));
  await turn();
  requests[0]?.refuse(refused("MESSAGE_TOO_LARGE"));
  await turn();
  for (let index = 1; index < 5; index++) {
    requests[index]?.answer([ok("even", 0)]);
    await turn();
  }
  await Promise.all([first, second]);
  assert.deepEqual(
    requests.map(({ batch }) => [batch.baseSequence, valuesOf(batch.bytes)]),
    [
      [0, texts],
      [0, head],
      [2, tail],
      [4, head],
      [6, tail],
    ],
  );
  assert.equal(log.lines.filter((line) => /even-0.*max\.message\.bytes.*router\.output-batch-bytes/u.test(line)).length, 1);
});

test("a record that is nearly as long as the batch that was too large is tried by itself", async () => {
  const { producer, requests } = await client();
  const texts = ["2", "4".repeat(1000)];
  const written = producer.produce("even", 0, plainBytes(0n, texts));
  await turn();
  requests[0]?.refuse(refused("MESSAGE_TOO_LARGE"));
  for (const index of [1, 2]) {
    await turn();
    requests[index]?.answer([ok("even", 0)]);
  }
  await written;
  assert.deepEqual(
    values(requests.slice(1)),
    texts.map((text) => ["even", text]),
  );
});

test("a single record that is too large is refused for good, with what to do", async () => {
  const { producer, requests } = await client();
  const written = producer.produce("even", 0, plainBytes(0n, ["2"]));
  await turn();
  requests[0]?.refuse(refused("RECORD_LIST_TOO_LARGE"));
  await assert.rejects(written, { code: "PRODUCE_REFUSED", retriable: false, message: /even-0.*single record.*max\.message\.bytes/ });
});

test("a producer that can't connect leaves nothing open", async () => {
  let disconnects = 0;
  const refusal = new Error("no producer id");
  const kafka = {
    producer: () => ({
      connect: async () => Promise.reject(refusal),
      disconnect: async () => {
        disconnects++;
        return Promise.resolve();
      },
    }),
  };
  await assert.rejects(openKafkaProducer(kafka as unknown as Kafka, options()), refusal);
  assert.equal(disconnects, 1);
});

test("closing ends the attempts, waits for what is on its way, and then disconnects", { timeout: TEST_MS_MAX }, async () => {
  const { producer, requests, disconnected } = await client();
  const written = producer.produce("even", 0, plainBytes(0n, ["2"]));
  await turn();
  const closed = producer.close();
  await turn();
  assert.equal(disconnected(), false);
  assert.throws(() => requests[0]?.batch.reduce(), { code: "BINDER_CLOSED" });
  requests[0]?.answer([ok("even", 0)]);
  await Promise.all([written, closed]);
  assert.equal(disconnected(), true);
});
