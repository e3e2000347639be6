/** Sequence numbers of a producer go round inside transactions as they do outside, on a real broker. */
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import type { TestContext } from "node:test";
import type { BatchProducer } from "../../hosts/dataflow/binder.ts";
import { createKafka, TRANSACTION_RETRY } from "../../hosts/dataflow/kafka/kafka-client.ts";
import { type Kafka, type KafkaTransaction } from "../../hosts/dataflow/kafka/kafkajs.ts";
import { installLane } from "../../hosts/dataflow/kafka/lane.ts";
import { openKafkaProducer } from "../../hosts/dataflow/kafka/producer.ts";
import { Router } from "../../hosts/embed.ts";
import { dumpedBatches, tool } from "../broker/dump.ts";
import { useBroker } from "../broker/use-broker.ts";
import { coreModule } from "../core-module.ts";
import { options } from "../hosts/dataflow/fake-producer-client.ts";
import { plainBytes } from "../hosts/dataflow/fetched.ts";
import { createMemoryLog } from "../hosts/dataflow/memory-log.ts";

const SEQUENCE_COUNT = 2 ** 31;
const RECORDS_BEFORE = 1000;
const BATCH_RECORDS = 300;
/** Nobody is in this group: it takes positions of whoever has none of its generations. */
const MEMBER = { group: "sequences", memberId: "", generation: -1 };

const broker = await useBroker();

broker.test(
  "the numbers of a partition go round in a transaction, and across transactions, and begin anew with the next epoch",
  async (context) => {
    const topic = "round";
    await broker.topics.create(topic, 1);
    const transactionalId = `sequences-${randomUUID()}`;
    const producer = await openProducer(context, transactionalId, SEQUENCE_COUNT - RECORDS_BEFORE);
    await producer.produce(topic, 0, claiming(SEQUENCE_COUNT - RECORDS_BEFORE));
    let position = 0n;
    for (const batches of [2, 3, 1]) {
      for (let count = 0; count < batches; count += 1) await producer.produce(topic, 0, plainBytes(0n, texts()));
      position += 1n;
      await producer.transaction?.commit([{ topic, partition: 0, offset: position }], MEMBER);
    }
    const next = await openProducer(context, transactionalId, 0);
    await next.produce(topic, 0, plainBytes(0n, texts()));
    await next.transaction?.commit([{ topic, partition: 0, offset: position }], MEMBER);

    const batches = await dumpedBatches(broker.cluster, topic);
    const sequences = batches.filter((batch) => / isControl: false /u.test(batch)).map(sequencesOf);
    assert.deepEqual(sequences, [
      [SEQUENCE_COUNT - 1000, SEQUENCE_COUNT - 701],
      [SEQUENCE_COUNT - 700, SEQUENCE_COUNT - 401],
      [SEQUENCE_COUNT - 400, SEQUENCE_COUNT - 101],
      [SEQUENCE_COUNT - 100, 199],
      [200, 499],
      [500, 799],
      [0, 299],
    ]);
    const committed = await tool("consumer.ConsoleConsumer", consoleArguments(topic, sequences.length * BATCH_RECORDS));
    assert.equal(committed.trimEnd().split("\n").length, sequences.length * BATCH_RECORDS);
  },
);

function texts(): string[] {
  return Array.from({ length: BATCH_RECORDS }, (_, index) => String(2 * index));
}

function sequencesOf(batch: string): number[] {
  return [/ baseSequence: (-?\d+) /u, / lastSequence: (-?\d+) /u].map((pattern) => Number(pattern.exec(batch)?.[1]));
}

function consoleArguments(topic: string, records: number): readonly string[] {
  const { bootstrap } = broker.cluster;
  const reading = ["--from-beginning", "--isolation-level", "read_committed", "--max-messages", String(records), "--timeout-ms", "30000"];
  return ["--bootstrap-server", bootstrap, "--topic", topic, ...reading];
}

/** A batch whose header claims this number of records. */
function claiming(recordCount: number): Uint8Array {
  const bytes = Buffer.from(plainBytes(0n, ["2"]));
  bytes.writeInt32BE(recordCount, 57);
  return bytes;
}

/** The app's producer. It takes the records before this sequence number for written: to write two thousand million takes too long. */
async function openProducer(context: TestContext, transactionalId: string, firstSequence: number): Promise<BatchProducer> {
  const router = new Router(coreModule());
  installLane((batch, stamp) => {
    router.stampProducer(batch, stamp);
  });
  const log = createMemoryLog();
  const kafka = createKafka({ clientId: "test", brokers: [broker.cluster.bootstrap], requestTimeoutMs: 10_000 }, TRANSACTION_RETRY, log);
  const producer = await openKafkaProducer(firstSequence === 0 ? kafka : acknowledgingFirst(kafka), {
    ...options(log),
    transactions: { transactionalId, timeoutMs: 10_000, metadataMaxAgeMs: 10_000, requestTimeoutMs: 10_000 },
  });
  context.after(async () => producer.close());
  return producer;
}

/** A client whose first batch is acknowledged by nobody but this function. */
function acknowledgingFirst(kafka: Kafka): Kafka {
  let isFirst = true;
  const after = (open: KafkaTransaction): KafkaTransaction => ({
    ...open,
    sendBatch: async (batches) => {
      if (!isFirst) return open.sendBatch(batches);
      isFirst = false;
      return (batches.topicMessages ?? []).map(({ topic }) => ({ topicName: topic, partition: 0, errorCode: 0 }));
    },
  });
  const producer: Kafka["producer"] = (config) => {
    const opened = kafka.producer(config);
    return { ...opened, transaction: async () => after(await opened.transaction()) };
  };
  return { producer } as Kafka;
}
