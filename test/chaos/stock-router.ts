/**
 * The control: the same job by kafkajs's public interface alone, as its documentation teaches. Each batch of the input is sent on with one
 * `sendBatch`, awaited, with all in-sync replicas acknowledging, and its offsets are committed after that; or both in a transaction, where the
 * properties ask for transactions. What this loses or doubles, the faults can make a router lose or double.
 */
import { randomUUID } from "node:crypto";
import { Kafka, Partitioners, logLevel, type Batch, type EachBatchPayload, type Message, type ProducerBatch } from "kafkajs";

const CLIENT_ID = "stock-router";
const bindings = "spring.cloud.stream.bindings";
const transaction = "spring.cloud.stream.kafka.binder.transaction";
/** kafkajs waits for so long when the coordinator still ends the transaction before, so by default it makes four transactions a second. */
const INITIAL_RETRY_MS = 20;
const properties = new Map(process.argv.slice(2).map((argument) => argument.replace(/^--/u, "").split("=", 2) as [string, string]));

function property(name: string): string {
  const value = properties.get(name);
  if (value === undefined) throw new Error(`--${name} is missing`);
  return value;
}

const input = property(`${bindings}.input.destination`);
const even = { topic: property(`${bindings}.even.destination`), prefix: Buffer.from("Even timestamp: ") };
const odd = { topic: property(`${bindings}.odd.destination`), prefix: Buffer.from("Odd timestamp:") };

const kafka = new Kafka({
  clientId: CLIENT_ID,
  brokers: property("spring.cloud.stream.kafka.binder.brokers").split(","),
  logLevel: logLevel.INFO,
});
const idPrefix = properties.get(`${transaction}.transaction-id-prefix`);
const producer = kafka.producer({
  createPartitioner: Partitioners.DefaultPartitioner,
  allowAutoTopicCreation: false,
  ...(idPrefix === undefined
    ? {}
    : {
        idempotent: true,
        maxInFlightRequests: 1,
        transactionalId: `${idPrefix}${randomUUID()}`,
        transactionTimeout: Number(property(`${transaction}.producer.configuration.transaction.timeout.ms`)),
        retry: { initialRetryTime: INITIAL_RETRY_MS },
      }),
});
const group = property(`${bindings}.input.group`);
const consumer = kafka.consumer({ groupId: group, sessionTimeout: 15_000 });

async function route(payload: EachBatchPayload): Promise<void> {
  const { batch } = payload;
  const routed = { [even.topic]: [] as Message[], [odd.topic]: [] as Message[] };
  for (const { key, value, headers, timestamp } of batch.messages) {
    const last = value?.at(-1) ?? 0;
    if (value === null || last < 0x30 || last > 0x39) continue;
    const { topic, prefix } = last % 2 === 0 ? even : odd;
    routed[topic]?.push({ key, value: Buffer.concat([prefix, value]), headers: headers ?? {}, timestamp });
  }
  if (!payload.isRunning() || payload.isStale()) return;
  const topicMessages = Object.entries(routed).map(([topic, messages]) => ({ topic, messages }));
  const toSend = { acks: -1, topicMessages: topicMessages.filter(({ messages }) => messages.length > 0) };
  if (idPrefix === undefined) {
    await producer.sendBatch(toSend);
    payload.resolveOffset(batch.lastOffset());
    await payload.commitOffsetsIfNecessary();
  } else {
    await sendInTransaction(toSend, batch);
    payload.resolveOffset(batch.lastOffset());
  }
  await payload.heartbeat();
}

async function sendInTransaction(toSend: ProducerBatch, batch: Batch): Promise<void> {
  const open = await producer.transaction();
  try {
    await open.sendBatch(toSend);
    const partitions = [{ partition: batch.partition, offset: String(BigInt(batch.lastOffset()) + 1n) }];
    await open.sendOffsets({ consumerGroupId: group, topics: [{ topic: batch.topic, partitions }] });
    await open.commit();
  } catch (error) {
    await open.abort();
    throw error;
  }
}

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  process.once(signal, () => {
    void consumer
      .disconnect()
      .then(async () => producer.disconnect())
      .finally(() => process.exit(0));
  });
}
consumer.on(consumer.events.GROUP_JOIN, () => console.log(`Routing ${input} to ${even.topic} and ${odd.topic}`));
// As Kubernetes would: a process that can't go on is started anew.
consumer.on(consumer.events.CRASH, ({ payload }) => {
  if (!payload.restart) process.exit(1);
});
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [input], fromBeginning: true });
await consumer.run({
  autoCommit: idPrefix === undefined,
  autoCommitInterval: 1000,
  eachBatchAutoResolve: false,
  // A producer has one transaction at a time.
  partitionsConsumedConcurrently: idPrefix === undefined ? 3 : 1,
  eachBatch: route,
});
