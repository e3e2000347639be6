import type { BatchProducer } from "../binder.ts";
import { AppError } from "../errors.ts";
import { createPartitioner, type Kafka, type Producer } from "./kafkajs.ts";
import { BatchToProduce } from "./produce-codec.ts";

/** kafkajs is told to retry for ever, which it wants of an idempotent producer; the lane's batches end it by their deadline. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER };
/** Kafka's own delivery.timeout.ms. A batch that is not acknowledged by then costs the producer, and its records are read again. */
const DELIVERY_TIMEOUT_MS = 120_000;
const ALL_IN_SYNC_REPLICAS = -1;

/** Opens a producer of finished RecordBatches. */
export async function openKafkaProducer(kafka: Kafka, idempotent: boolean): Promise<BatchProducer> {
  const producer = kafka.producer({ idempotent, createPartitioner, allowAutoTopicCreation: false, retry: RETRY });
  let stopped: Error | null = null;
  await producer.connect();

  // kafkajs takes a request apart by broker and forgets the part of a partition whose leader has just moved: it resolves, and the records are
  // gone. One partition a request leaves nothing to forget. And one request in flight a partition: of two, the later may overtake.
  const last = new Map<string, Promise<void>>();
  const whyStopped = (): Error | null => stopped;
  const produce = async (topic: string, partition: number, bytes: Uint8Array): Promise<void> => {
    const key = `${topic}/${partition}`;
    const before = last.get(key) ?? Promise.resolve();
    const sent = before.then(async () => sendBatch(producer, topic, partition, bytes, whyStopped));
    last.set(key, sent);
    try {
      await sent;
    } catch (error) {
      // What comes after a batch that failed must not be appended before it: the producer ends here.
      stopped ??= asFinal(error);
      throw error;
    } finally {
      if (last.get(key) === sent) last.delete(key);
    }
  };

  const close = async (): Promise<void> => {
    stopped ??= new AppError("BINDER_CLOSED", false, "the producer is closed");
    await Promise.allSettled(last.values());
    await producer.disconnect();
  };
  return { produce, close };
}

/** kafkajs retries any error that does not say it is final. */
function asFinal(cause: unknown): Error {
  return new AppError("BINDER_CLOSED", false, "the producer has failed", cause);
}

async function sendBatch(
  producer: Producer,
  topic: string,
  partition: number,
  bytes: Uint8Array,
  stopped: () => Error | null,
): Promise<void> {
  const deadline = Date.now() + DELIVERY_TIMEOUT_MS;
  const expired = new AppError(
    "BROKER_UNAVAILABLE",
    true,
    `no acknowledgement from ${topic}-${partition} for ${DELIVERY_TIMEOUT_MS / 1000} s`,
  );
  const batch = new BatchToProduce(bytes, partition, () => stopped() ?? (Date.now() < deadline ? null : asFinal(expired)));
  const answers = await producer.sendBatch({
    acks: ALL_IN_SYNC_REPLICAS,
    // The type asks for an array of messages; the lane's codec takes this in its place.
    topicMessages: [{ topic, messages: batch as unknown as [] }],
  });
  const confirmed = answers.some((answer) => answer.topicName === topic && answer.partition === partition && answer.errorCode === 0);
  if (!confirmed) {
    throw new AppError(
      "PRODUCE_UNCONFIRMED",
      true,
      `the broker's answer does not name ${topic}-${partition}: it is not known to have the records`,
    );
  }
}
