/** One finished RecordBatch, tried until a broker has taken or refused it, or the time is over. */
import { AppError, protocolType } from "../errors.ts";
import type { Producer } from "./kafkajs.ts";
import { BatchToProduce } from "./produce-codec.ts";

/** Kafka's own delivery.timeout.ms. */
export const DELIVERY_TIMEOUT_MS = 120_000;
/** What kafkajs gets beyond the deadline to notice it. */
const GRACE_MS = 5000;
const ALL_IN_SYNC_REPLICAS = -1;
/** The protocol's names of refusals that another attempt does not change. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_RECORD",
  "INVALID_TIMESTAMP",
  "UNSUPPORTED_FOR_MESSAGE_FORMAT",
  "POLICY_VIOLATION",
]);
/** What to do about a refusal, by the same names. */
const CURES: ReadonlyMap<string, string> = new Map([
  ["TOPIC_AUTHORIZATION_FAILED", "grant Write and Describe on the topic"],
  ["INVALID_RECORD", "a compacted topic takes no records without a key"],
  ["INVALID_TIMESTAMP", "the topic's message.timestamp.before.max.ms and .after.max.ms do not allow the timestamp of a record"],
]);
const TOO_LARGE: ReadonlySet<string> = new Set(["MESSAGE_TOO_LARGE", "RECORD_LIST_TOO_LARGE"]);

/** A batch and its way: the same for every attempt to send it. */
export interface Delivery {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Uint8Array;
  readonly baseSequence: number;
  /** A batch that is not acknowledged by then costs the producer, and its records are read again. */
  readonly timeoutMs: number;
  /** Asked before every attempt; an error ends them. */
  readonly stopped: () => Error | null;
}

/** Nobody sees it but kafkajs, which retries any error that does not say it is final. */
class ExpiredError extends Error {
  override readonly name = "ExpiredError";
  readonly retriable = false;
}

/** What became of a delivery that was not an error: `too-large` is a refusal that came before anything was appended. */
export type Delivered = "acknowledged" | "too-large";

/** Sends one batch until it is acknowledged by every in-sync replica. Rejects with an `AppError` that names the partition. */
export async function deliver(producer: Pick<Producer, "sendBatch">, delivery: Delivery): Promise<Delivered> {
  const { topic, partition, bytes, baseSequence, timeoutMs, stopped } = delivery;
  const place = `${topic}-${partition}`;
  const deadline = Date.now() + timeoutMs;
  const batch = new BatchToProduce(bytes, partition, baseSequence, () => stopped() ?? (Date.now() < deadline ? null : new ExpiredError()));
  const tooLate = Promise.withResolvers<never>();
  // kafkajs asks the batch before each attempt, but may be kept from attempting at all, for want of metadata.
  const timer = setTimeout(() => {
    tooLate.reject(new ExpiredError());
  }, timeoutMs + GRACE_MS).unref();
  try {
    // The type asks for an array of messages; the lane's codec takes this in its place.
    const topicMessages = [{ topic, messages: batch as unknown as [] }];
    const answers = await Promise.race([producer.sendBatch({ acks: ALL_IN_SYNC_REPLICAS, topicMessages }), tooLate.promise]);
    const confirmed = answers.some((answer) => answer.topicName === topic && answer.partition === partition && answer.errorCode === 0);
    if (confirmed) return "acknowledged";
    throw new AppError("PRODUCE_UNCONFIRMED", true, `the broker's answer does not name ${place}: it may not have the records`);
  } catch (error) {
    if (error instanceof AppError) throw error;
    if (Date.now() >= deadline) throw expired(place, timeoutMs, batch.refusal ?? undefined);
    const type = protocolType(error) ?? "";
    if (TOO_LARGE.has(type)) return "too-large";
    // The broker has a batch with this sequence number, and of these there is only one.
    if (type === "DUPLICATE_SEQUENCE_NUMBER") return "acknowledged";
    throw produceError(place, type, error);
  } finally {
    clearTimeout(timer);
  }
}

function expired(place: string, timeoutMs: number, cause: unknown): AppError {
  return new AppError("BROKER_UNAVAILABLE", true, `no acknowledgement from ${place} for ${timeoutMs / 1000} s`, cause);
}

/** Returns what a refusal means: some never go away by themselves, and to go on trying would write the other outputs over and over. */
function produceError(place: string, type: string, cause: unknown): AppError {
  const isFinal = FINAL_REFUSALS.has(type);
  const cure = CURES.get(type);
  const message = cure === undefined ? `could not write to ${place}` : `could not write to ${place} (${cure})`;
  return new AppError(isFinal ? "PRODUCE_REFUSED" : "PRODUCE_FAILED", !isFinal, message, cause);
}
