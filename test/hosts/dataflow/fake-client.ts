/** A client that joins, fetches and crashes when a test wants it to, and the consumer over it. */
import {
  USUAL_READING,
  type BatchConsumer,
  type ConsumerOptions,
  type FetchHandler,
  type PartitionProgress,
} from "../../../hosts/dataflow/binder.ts";
import { createBeginnings } from "../../../hosts/dataflow/kafka/beginnings.ts";
import { openKafkaConsumer } from "../../../hosts/dataflow/kafka/consumer.ts";
import { batchMessages } from "../../../hosts/dataflow/kafka/fetch-codec.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import type { BeginOf } from "../../../hosts/dataflow/kafka/group-lane.ts";
import { createLogWatch } from "../../../hosts/dataflow/kafka/log-watch.ts";
import { createMetrics, type Metrics } from "../../../hosts/dataflow/metrics.ts";
import { createKafkaMeters } from "../../../hosts/dataflow/metrics/kafka-meters.ts";
import { Router } from "../../../hosts/embed.ts";
import { coreModule } from "../../core-module.ts";
import { config } from "./config-checks.ts";

type EachBatch = (payload: object) => Promise<void>;

/** What kafkajs was told, and levers for what it tells. */
const core = new Router(coreModule());
const crc32c = (bytes: Uint8Array): number => core.crc32c(bytes);

export class FakeClient {
  options: Readonly<Record<string, unknown>> = {};
  subscribed: unknown = null;
  runOptions: Readonly<Record<string, unknown>> = {};
  disconnects = 0;
  /** Whether `run` ends with a joined group, as it does when all is well. */
  joins = true;
  connectError: Error | null = null;
  commitError: Error | null = null;
  /** Whether it has left its group, as it does before it tells of a crash: then it can be neither paused nor resumed. */
  hasLeft = false;
  /** What the lane was told of partitions that the group has committed nothing of. */
  beginOf: BeginOf | null = null;
  /** What the lane knows of the fetches of this process. */
  progress: readonly PartitionProgress[] = [];
  /** What is known of the logs. */
  readonly watch = createLogWatch();
  readonly metrics: Metrics = createMetrics({ tags: {}, now: () => 0 });
  readonly #listeners = new Map<string, (event: object) => void>();

  get kafka(): Kafka {
    const consumer = {
      events: { GROUP_JOIN: "group-join", CRASH: "crash", FETCH: "fetch" },
      on: (event: string, listener: (event: object) => void) => this.#listeners.set(event, listener),
      connect: async () => {
        if (this.connectError !== null) throw this.connectError;
        return Promise.resolve();
      },
      subscribe: async (subscription: object) => {
        this.subscribed = subscription;
        return Promise.resolve();
      },
      run: async (options: Readonly<Record<string, unknown>>) => {
        this.runOptions = options;
        if (this.joins) this.join();
        return Promise.resolve();
      },
      seek: (position: object) => this.seeks.push(position),
      pause: (topics: object) => this.#steered(this.pauses, topics),
      resume: (topics: object) => this.#steered(this.resumes, topics),
      commitOffsets: async (offsets: object) => {
        this.commits.push(offsets);
        return Promise.resolve();
      },
      disconnect: async () => {
        this.disconnects++;
        return Promise.resolve();
      },
    };
    const admin = {
      connect: async () => Promise.resolve(),
      disconnect: async () => Promise.resolve(),
      fetchTopicOffsets: async () => Promise.resolve([0, 1, 2].map((partition) => ({ partition, low: "10", high: `${90 + partition}` }))),
    };
    const client = {
      admin: () => admin,
      consumer: (options: Readonly<Record<string, unknown>>) => {
        this.options = options;
        return consumer;
      },
    };
    return client as unknown as Kafka;
  }

  /** Offsets that kafkajs was told to be behind. */
  readonly resolved: string[] = [];
  readonly commits: object[] = [];
  readonly seeks: object[] = [];
  readonly pauses: object[] = [];
  readonly resumes: object[] = [];

  /** Of the group, as the broker tells it to who joins. */
  generation = 1;
  memberId = "member";

  join(memberAssignment: Readonly<Record<string, readonly number[]>> = { in: [1, 2] }): void {
    this.#listeners.get("group-join")?.({ payload: { memberId: this.memberId, memberAssignment } });
  }

  /** A broker has answered a fetch. */
  answered(duration: number): void {
    this.#listeners.get("fetch")?.({ payload: { duration } });
  }

  crash(error: Error): void {
    this.#listeners.get("crash")?.({ payload: { error } });
  }

  #steered(calls: object[], topics: object): void {
    if (this.hasLeft) throw new Error("Consumer group was not initialized, consumer#run must be called first");
    calls.push(topics);
  }

  /** Hands a fetch over as kafkajs does. */
  async fetch(records: Uint8Array, fetchedOffset: string, heartbeat: () => Promise<void> = async () => Promise.resolve()): Promise<void> {
    const messages = batchMessages(Buffer.from(records), []);
    const batch = { topic: "in", partition: 2, messages, fetchedOffset, highWatermark: "1000" };
    const resolveOffset = (offset: string): void => {
      this.resolved.push(offset);
    };
    const commitOffsetsIfNecessary = async (offsets: object): Promise<void> => {
      if (this.commitError !== null) throw this.commitError;
      this.commits.push(offsets);
      return Promise.resolve();
    };
    await (this.runOptions["eachBatch"] as EachBatch)({ batch, heartbeat, resolveOffset, commitOffsetsIfNecessary });
  }
}

const GROUP: ConsumerOptions & { readonly group: string } = {
  ...USUAL_READING,
  topics: ["in"],
  group: "group",
  startOffset: "earliest",
};
/** Takes everything. */
export const ignore: FetchHandler = async () => Promise.resolve();

/** Opens a consumer over the client. */
export async function open(client: FakeClient, handler = ignore, options: Partial<typeof GROUP> = {}): Promise<BatchConsumer> {
  const beginnings = createBeginnings(client.kafka);
  return openKafkaConsumer(
    {
      kafka: client.kafka,
      client: config().client,
      beginnings,
      watch: client.watch,
      generationOf: () => client.generation,
      setRevoking: () => {},
      setBeginnings: (_group, begin) => (client.beginOf = begin),
      crc32c,
      fetchProgress: () => client.progress,
      meters: createKafkaMeters(client.metrics, "client", () => 0),
    },
    { ...GROUP, ...options },
    handler,
  );
}
