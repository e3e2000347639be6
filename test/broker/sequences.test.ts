/** What a real broker makes of the sequence numbers that the lane gives to its batches. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { createKafka, PATIENT_RETRY } from "../../hosts/dataflow/kafka/kafka-client.ts";
import { createPartitioner, type Producer } from "../../hosts/dataflow/kafka/kafkajs.ts";
import { deliver, type Delivered } from "../../hosts/dataflow/kafka/delivery.ts";
import { installLane } from "../../hosts/dataflow/kafka/lane.ts";
import { Router } from "../../hosts/embed.ts";
import { coreModule } from "../core-module.ts";
import { plainBytes } from "../hosts/dataflow/fetched.ts";
import { createMemoryLog } from "../hosts/dataflow/memory-log.ts";
import { useBroker } from "./use-broker.ts";

const SEQUENCE_COUNT = 2 ** 31;
const THREE = ["2", "4", "6"];
const broker = await useBroker();

/** A producer of kafkajs with an id of its own, and the lane under it. */
async function openProducer(context: TestContext): Promise<Producer> {
  const stamper = new Router(coreModule());
  installLane((batch, stamp) => {
    stamper.stampProducer(batch, stamp);
  });
  const kafka = createKafka(
    { clientId: "test", brokers: [broker.cluster.bootstrap], requestTimeoutMs: 10_000 },
    PATIENT_RETRY,
    createMemoryLog(),
  );
  const producer = kafka.producer({ idempotent: true, createPartitioner });
  await producer.connect();
  context.after(async () => producer.disconnect());
  return producer;
}

async function write(producer: Producer, topic: string, baseSequence: number, texts: readonly string[] = THREE): Promise<Delivered> {
  return deliver(producer, { topic, partition: 0, bytes: plainBytes(0n, texts), baseSequence, timeoutMs: 10_000, stopped: () => null });
}

broker.test("a batch that is sent a second time with its number is acknowledged and not appended again", async (context) => {
  const producer = await openProducer(context);
  await broker.topics.create("again", 1);
  for (const sequence of [0, 0, 3, 3, 0]) assert.equal(await write(producer, "again", sequence), "acknowledged");
  assert.deepEqual(await broker.topics.endOffsets("again"), [6]);
});

broker.test("a batch whose number leaves a gap is refused", async (context) => {
  const producer = await openProducer(context);
  await broker.topics.create("gap", 1);
  await write(producer, "gap", 0);
  await assert.rejects(write(producer, "gap", 4), { code: "PRODUCE_FAILED", retriable: true });
  assert.deepEqual(await broker.topics.endOffsets("gap"), [3]);
});

broker.test("after the last number comes the first one, also in the middle of a batch", async (context) => {
  for (const [topic, last] of [
    ["round", SEQUENCE_COUNT - 3],
    ["round-inside", SEQUENCE_COUNT - 2],
  ] as const) {
    const producer = await openProducer(context);
    await broker.topics.create(topic, 1);
    // Of a producer that it does not know, the broker takes any number first.
    await write(producer, topic, last);
    const next = (last + THREE.length) % SEQUENCE_COUNT;
    await write(producer, topic, next);
    await write(producer, topic, next + THREE.length);
    assert.deepEqual(await broker.topics.endOffsets(topic), [9]);
  }
});

broker.test("the numbers of a batch that was too large are free for its parts", async (context) => {
  const producer = await openProducer(context);
  await broker.topics.create("large", 1, { "max.message.bytes": "500" });
  await write(producer, "large", 0);
  const long = ["2".repeat(300), "4".repeat(300)];
  assert.equal(await write(producer, "large", 3, long), "too-large");
  for (const [index, text] of long.entries()) assert.equal(await write(producer, "large", 3 + index, [text]), "acknowledged");
  await write(producer, "large", 5);
  assert.deepEqual(await broker.topics.endOffsets("large"), [8]);
});
