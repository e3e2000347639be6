import type { BatchConsumer, ConsumerOptions, FetchHandler, Position } from "../binder.ts";
import { AppError } from "../errors.ts";
import type { BatchMessage } from "./fetch-codec.ts";
import { PATIENT_RETRY, type Consumer, type EachBatchPayload, type Kafka } from "./kafkajs.ts";

/**
 * A fetch on an idle topic returns after this long, and a stop waits for it. It costs no latency, since the broker answers as soon as it has
 * a byte.
 */
const FETCH_WAIT_MS = 500;
/** A member that dies keeps its partitions for this long, so it is short; the heartbeats do not wait for slow acknowledgements. */
const SESSION_TIMEOUT_MS = 15_000;
const HEARTBEAT_INTERVAL_MS = 3000;
/** Three heartbeats missed, and a little more. */
const UNHEARD_MS = 10_000;
/** Largest share of a fetch for one partition, and largest fetch. */
const PARTITION_BYTES_MAX = 1 << 20;
const FETCH_BYTES_MAX = 32 << 20;
/** Partitions whose handlers may wait at the same time. */
const CONCURRENT_PARTITIONS = 8;

/** Opens a consumer that hands whole RecordBatches to `handler`. Resolves when it has joined its group. */
export async function openKafkaConsumer(
  kafka: Kafka,
  options: ConsumerOptions & { readonly group: string },
  handler: FetchHandler,
): Promise<BatchConsumer> {
  const consumer = kafka.consumer({
    groupId: options.group,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: PARTITION_BYTES_MAX,
    maxBytes: FETCH_BYTES_MAX,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    // After a crash the app opens a new consumer by itself: kafkajs's own restart would go on from positions that were never acknowledged.
    retry: { ...PATIENT_RETRY, restartOnFailure: async () => Promise.resolve(false) },
  });
  let heardMs = Date.now();
  let last: EachBatchPayload | null = null;
  consumer.on(consumer.events.HEARTBEAT, () => {
    heardMs = Date.now();
  });
  const { ended, resolveEnded, rejectEnded } = endOf();
  const failure: { error: unknown } = { error: null };
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, () => {
      heardMs = Date.now();
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
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
      eachBatch: async (payload) => {
        last = payload;
        await handleBatch(payload, handler, failure);
      },
    });
    await Promise.race([joined, ended]);
  } catch (error) {
    await consumer.disconnect().catch(() => {});
    throw error;
  }
  return {
    isHeard: () => Date.now() - heardMs < UNHEARD_MS,
    commit: async (positions: readonly Position[]) => commit(consumer, last, positions),
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

/**
 * Commits as the member of this moment. kafkajs's own `commitOffsets` would try again by itself, perhaps as a member of the next generation and
 * for partitions that are another's by then; only before the first fetch there is nothing better, and nothing to be afraid of.
 */
async function commit(consumer: Consumer, payload: EachBatchPayload | null, positions: readonly Position[]): Promise<void> {
  const commits = positions.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset.toString() }));
  if (payload === null) {
    await consumer.commitOffsets(commits);
    return;
  }
  const topics = [...Map.groupBy(commits, ({ topic }) => topic)];
  await payload.commitOffsetsIfNecessary({
    topics: topics.map(([topic, partitions]) => ({
      topic,
      partitions: partitions.map(({ partition, offset }) => ({ partition, offset })),
    })),
  });
}

/**
 * Runs the handler. Its own errors end the consumer: kafkajs would run the same batch again in the same session, where its first half may be
 * on its way already. Errors of the heartbeat are kafkajs's and pass through: it joins the group again or
 * only fetches again, from the offset that was resolved last.
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
    const nextOffset = lastMessage.lastOffset + 1n;
    const taken = (offset: bigint): void => {
      payload.resolveOffset((offset - 1n).toString());
    };
    await handler({ topic, partition, fetchOffset, batches: messages, nextOffset }, heartbeat, taken);
    taken(nextOffset);
  } catch (error) {
    if (groupErrors.has(error)) throw error;
    failure.error ??= error;
    throw new AppError("BINDER_CLOSED", false, "the handler of fetched batches has failed", error);
  }
}
