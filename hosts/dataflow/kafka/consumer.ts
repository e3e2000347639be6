import { randomUUID } from "node:crypto";
import type { BatchConsumer, ConsumerOptions, FetchHandler, Position } from "../binder.ts";
import { AppError } from "../errors.ts";
import type { BatchMessage } from "./fetch-codec.ts";
import type { Consumer, EachBatchPayload, Kafka } from "./kafkajs.ts";

/**
 * A fetch on an idle topic returns after this long, and a stop waits for it. It costs no latency, since the broker answers as soon as it has
 * a byte.
 */
const FETCH_WAIT_MS = 500;
const SESSION_TIMEOUT_MS = 45_000;
const HEARTBEAT_INTERVAL_MS = 3000;
/** Largest share of a fetch for one partition, and largest fetch. */
const PARTITION_BYTES_MAX = 1 << 20;
const FETCH_BYTES_MAX = 32 << 20;
/** Partitions whose handlers may wait at the same time. */
const CONCURRENT_PARTITIONS = 8;

/** Opens a consumer that hands whole RecordBatches to `handler`. Resolves when it has joined its group. */
export async function openKafkaConsumer(kafka: Kafka, options: ConsumerOptions, handler: FetchHandler): Promise<BatchConsumer> {
  const consumer = kafka.consumer({
    groupId: options.group ?? `anonymous.${randomUUID()}`,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: PARTITION_BYTES_MAX,
    maxBytes: FETCH_BYTES_MAX,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    // After a crash the app opens a new consumer by itself: kafkajs's own restart would go on from positions that were never acknowledged.
    retry: { initialRetryTime: 100, maxRetryTime: 1000, retries: 5, restartOnFailure: async () => Promise.resolve(false) },
  });
  const { ended, resolveEnded, rejectEnded } = endOf();
  const failure: { error: unknown } = { error: null };
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      options.onAssigned?.();
      resolve();
    });
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    rejectEnded(failure.error ?? payload.error);
  });
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...options.topics], fromBeginning: options.startOffset === "earliest" });
    await consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
      eachBatch: async (payload) => handleBatch(payload, handler, failure),
    });
    await Promise.race([joined, ended]);
  } catch (error) {
    await consumer.disconnect().catch(() => {});
    throw error;
  }
  return {
    commit: async (positions: readonly Position[]) => commit(consumer, positions),
    close: async () => {
      await consumer.disconnect();
      resolveEnded();
    },
    ended,
  };
}

/** Returns a promise and its two ends. A rejection that nobody awaits yet must not end the process. */
function endOf(): { ended: Promise<void>; resolveEnded: () => void; rejectEnded: (error: unknown) => void } {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => {});
  return { ended: promise, resolveEnded: resolve, rejectEnded: reject };
}

async function commit(consumer: Consumer, positions: readonly Position[]): Promise<void> {
  await consumer.commitOffsets(positions.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset.toString() })));
}

/**
 * Runs the handler. Its own errors end the consumer: kafkajs would run the same batch again in the same session, where its first half may be
 * on its way already. Errors of the heartbeat are kafkajs's and pass through: they make it join the group again.
 */
async function handleBatch(payload: EachBatchPayload, handler: FetchHandler, failure: { error: unknown }): Promise<void> {
  const { batch } = payload;
  const messages = batch.messages as unknown as readonly BatchMessage[];
  const lastMessage = messages.at(-1);
  if (lastMessage === undefined) return;
  const groupErrors = new Set<unknown>();
  const heartbeat = async (): Promise<void> => {
    try {
      await payload.heartbeat();
    } catch (error) {
      groupErrors.add(error);
      throw error;
    }
  };
  try {
    const fetchOffset = BigInt((batch as unknown as { readonly fetchedOffset: string }).fetchedOffset);
    const { topic, partition } = batch;
    await handler({ topic, partition, fetchOffset, batches: messages, nextOffset: lastMessage.lastOffset + 1n }, heartbeat);
  } catch (error) {
    if (groupErrors.has(error)) throw error;
    failure.error ??= error;
    throw new AppError("BINDER_CLOSED", false, "the handler of fetched batches has failed", error);
  }
}
