import { setTimeout } from "node:timers/promises";
import type { BatchProducer } from "../binder.ts";
import { AppError, protocolType } from "../errors.ts";
import { createPartitioner, type Kafka, type Producer } from "./kafkajs.ts";
import { BatchToProduce } from "./produce-codec.ts";

/** kafkajs is told to retry for ever, which it wants of an idempotent producer; the lane's batches end it by their deadline. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER };
/** Kafka's own delivery.timeout.ms. A batch that is not acknowledged by then costs the producer, and its records are read again. */
const DELIVERY_TIMEOUT_MS = 120_000;
const ALL_IN_SYNC_REPLICAS = -1;
/** What kafkajs gets beyond the deadline to notice it. */
const GRACE_MS = 5000;
const CLOSE_TIMEOUT_MS = 3000;
/** The protocol's names of refusals that another attempt does not change. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_RECORD",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
  "POLICY_VIOLATION",
]);

/** Opens a producer of finished RecordBatches. */
export async function openKafkaProducer(kafka: Kafka, idempotent: boolean): Promise<BatchProducer> {
  const producer = kafka.producer({ idempotent, createPartitioner, allowAutoTopicCreation: false, retry: RETRY });
  let stopped: Error | null = null;
  try {
    await producer.connect();
  } catch (error) {
    // It may have sockets open, though it has no producer id.
    await producer.disconnect().catch(() => {});
    throw error;
  }

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
      stopped ??= new AppError("BINDER_CLOSED", false, "the producer has failed", error);
      throw error;
    } finally {
      if (last.get(key) === sent) last.delete(key);
    }
  };

  const close = async (): Promise<void> => {
    stopped ??= new AppError("BINDER_CLOSED", false, "the producer is closed");
    // An attempt that runs sees at its next turn that it is to end. One that never gets there is left behind.
    await settledWithin([...last.values()], CLOSE_TIMEOUT_MS);
    await producer.disconnect();
  };
  return { produce, close };
}

async function settledWithin(promises: readonly Promise<void>[], timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([Promise.allSettled(promises), setTimeout(timeoutMs, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}

/** Sends one batch; rejects with an `AppError` that names the partition. */
async function sendBatch(
  producer: Producer,
  topic: string,
  partition: number,
  bytes: Uint8Array,
  stopped: () => Error | null,
): Promise<void> {
  const place = `${topic}-${partition}`;
  const deadline = Date.now() + DELIVERY_TIMEOUT_MS;
  const expired = new AppError("BROKER_UNAVAILABLE", true, `no acknowledgement from ${place} for ${DELIVERY_TIMEOUT_MS / 1000} s`);
  // kafkajs retries any error that does not say it is final.
  const final = new AppError("BINDER_CLOSED", false, "the batch has expired", expired);
  const batch = new BatchToProduce(bytes, partition, () => stopped() ?? (Date.now() < deadline ? null : final));
  const timer = new AbortController();
  // kafkajs asks the batch before each attempt, but may be kept from attempting at all, for want of metadata.
  const tooLate = setTimeout(DELIVERY_TIMEOUT_MS + GRACE_MS, expired, { signal: timer.signal, ref: false }).then(
    (error) => Promise.reject(error),
    () => new Promise<never>(() => {}),
  );
  try {
    // The type asks for an array of messages; the lane's codec takes this in its place.
    const topicMessages = [{ topic, messages: batch as unknown as [] }];
    const answers = await Promise.race([producer.sendBatch({ acks: ALL_IN_SYNC_REPLICAS, topicMessages }), tooLate]);
    const confirmed = answers.some((answer) => answer.topicName === topic && answer.partition === partition && answer.errorCode === 0);
    if (!confirmed)
      throw new AppError("PRODUCE_UNCONFIRMED", true, `the broker's answer does not name ${place}: it may not have the records`);
  } catch (error) {
    if (error instanceof AppError && error !== final) throw error;
    throw Date.now() < deadline ? produceError(place, error) : expired;
  } finally {
    timer.abort();
  }
}

/** Returns what a refusal means: some never go away by themselves, and to go on trying would write the other outputs over and over. */
function produceError(place: string, error: unknown): AppError {
  const type = protocolType(error);
  if (type === "MESSAGE_TOO_LARGE" || type === "RECORD_LIST_TOO_LARGE") {
    const cure = "raise the topic's max.message.bytes, or set router.output-batch-bytes below it";
    return new AppError("PRODUCE_REFUSED", false, `${place} does not take batches of this size: ${cure}`, error);
  }
  const isFinal = FINAL_REFUSALS.has(type ?? "");
  return new AppError(isFinal ? "PRODUCE_REFUSED" : "PRODUCE_FAILED", !isFinal, `could not write to ${place}`, error);
}
