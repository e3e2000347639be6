/** kafkajs's consumer, told what the lane and the configuration want of it. */
import type { ConsumerOptions } from "../binder.ts";
import { instanceAssigner } from "./instance-assigner.ts";
import { PATIENT_RETRY } from "./kafka-client.ts";
import { type Consumer, type Kafka } from "./kafkajs.ts";

/** What is read, and by which group. */
export type GroupOptions = ConsumerOptions & { readonly group: string };

/** What Kafka's consumer is told. */
export interface ConsumerClient {
  /**
   * A fetch on an idle topic returns after this long, and a stop waits for it. It costs no latency as long as the broker answers when it has
   * a byte.
   */
  readonly fetchWaitMs: number;
  readonly fetchBytesMin: number;
  readonly fetchBytesMax: number;
  /** Largest share of a fetch for one partition. */
  readonly partitionBytesMax: number;
  /** A member that dies keeps its partitions for this long, so it is short; the heartbeats do not wait for slow acknowledgements. */
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
  /** Partitions that were added while the consumer runs are found within this time. */
  readonly metadataMaxAgeMs: number;
}

/** Returns a consumer that is not connected yet. */
export function createConsumer(kafka: Kafka, client: ConsumerClient, { group, isolationLevel, instance }: GroupOptions): Consumer {
  return kafka.consumer({
    groupId: group,
    maxWaitTimeInMs: client.fetchWaitMs,
    minBytes: client.fetchBytesMin,
    maxBytesPerPartition: client.partitionBytesMax,
    maxBytes: client.fetchBytesMax,
    sessionTimeout: client.sessionTimeoutMs,
    heartbeatInterval: client.heartbeatIntervalMs,
    rebalanceTimeout: client.rebalanceTimeoutMs,
    metadataMaxAge: client.metadataMaxAgeMs,
    // Whether topics are created, and with how many partitions, is the app's configuration to say, not the broker's.
    allowAutoTopicCreation: false,
    // The broker then sends no list of aborted transactions, and the lane's filter leaves nothing out.
    readUncommitted: isolationLevel === "read_uncommitted",
    ...(instance === null ? {} : { partitionAssigners: [instanceAssigner(instance)] }),
    // After a crash the app opens a new consumer by itself: kafkajs's own restart would go on from positions that were never acknowledged.
    retry: { ...PATIENT_RETRY, restartOnFailure: async () => Promise.resolve(false) },
  });
}
