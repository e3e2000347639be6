import { setTimeout } from "node:timers/promises";
import type { BatchConsumer, ConsumerOptions, FetchHandler, Position } from "../binder.ts";
import { AppError } from "../errors.ts";
import { BatchReader } from "./batch-reader.ts";
import type { Beginnings, Plan } from "./beginnings.ts";
import type { BatchMessage, OutOfRangeMessage } from "./fetch-codec.ts";
import { instanceAssigner } from "./instance-assigner.ts";
import { PATIENT_RETRY, type Consumer, type EachBatchPayload, type Kafka } from "./kafkajs.ts";
import type { BeginOf } from "./lane.ts";
import type { LogWatch } from "./log-watch.ts";
import { Membership, refusalOf } from "./membership.ts";

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
/** A consumer that hears nothing for so long, and does not give up by itself, is given up: it would sit there for ever and read nothing. */
const SILENT_MS_MAX = 120_000;
/** Longest try to commit before anything has been fetched. */
const FIRST_COMMIT_MS_MAX = 10_000;
/** Partitions that were added while the consumer runs are found within this time. */
const METADATA_MAX_AGE_MS = 10_000;
/** Largest share of a fetch for one partition, and largest fetch. */
const PARTITION_BYTES_MAX = 1 << 20;
const FETCH_BYTES_MAX = 32 << 20;
/** Partitions whose handlers may wait at the same time. */
const CONCURRENT_PARTITIONS = 8;

/** What consumers of one binder share: the client, and what is known of the logs from one consumer to the next. */
export interface ConsumerGround {
  readonly kafka: Kafka;
  readonly beginnings: Beginnings;
  readonly watch: LogWatch;
  /** The generation of its group that a member joined last. */
  readonly generationOf: (memberId: string) => number | null;
  /** Tells the lane where partitions begin that a group has committed nothing of. */
  readonly setBeginnings: (group: string, begin: BeginOf | null) => void;
  readonly crc32c: (bytes: Uint8Array) => number;
}

/** Opens a consumer that hands whole RecordBatches to `handler`. Resolves when it has joined its group. */
export async function openKafkaConsumer(ground: ConsumerGround, options: GroupOptions, handler: FetchHandler): Promise<BatchConsumer> {
  const plan = await ground.beginnings.plan(options);
  const consumer = new KafkaConsumer(ground, options, { plan, handler });
  await consumer.open();
  return consumer;
}

type GroupOptions = ConsumerOptions & { readonly group: string };

class KafkaConsumer implements BatchConsumer {
  readonly ended: Promise<void>;
  readonly #consumer: Consumer;
  readonly #options: GroupOptions;
  readonly #plan: Plan;
  readonly #reader: BatchReader;
  readonly #membership: Membership;
  readonly #setBeginnings: ConsumerGround["setBeginnings"];
  readonly #end = Promise.withResolvers<void>();
  readonly #joined = Promise.withResolvers<void>();
  /** Where an error of the reader is kept, for kafkajs tells of another one. */
  readonly #failure: { error: unknown } = { error: null };
  #heardMs = Date.now();
  #last: EachBatchPayload | null = null;
  #silence: NodeJS.Timeout | null = null;

  constructor(ground: ConsumerGround, options: GroupOptions, { plan, handler }: { readonly plan: Plan; readonly handler: FetchHandler }) {
    const { kafka, beginnings, watch, generationOf, setBeginnings, crc32c } = ground;
    this.#options = options;
    this.#setBeginnings = setBeginnings;
    this.#plan = plan;
    this.#consumer = createConsumer(kafka, options);
    this.#reader = new BatchReader({
      ...options,
      handler,
      watch,
      crc32c,
      range: async (topic, partition) => beginnings.range(topic, partition),
    });
    this.#membership = new Membership(generationOf);
    this.ended = this.#end.promise;
    // A rejection that nobody awaits yet must not end the process.
    this.ended.catch(() => {});
  }

  async open(): Promise<void> {
    this.#listen();
    try {
      // One that fails for good, or is silent for too long, may never get to the end of its joining.
      await Promise.race([this.#join(), this.ended]);
    } catch (error) {
      this.#stopListening();
      await this.#consumer.disconnect().catch(() => {});
      throw this.#refusalOf(error);
    }
  }

  async #join(): Promise<void> {
    await this.#consumer.connect();
    // What is to begin elsewhere is in the plan.
    await this.#consumer.subscribe({ topics: [...this.#options.topics], fromBeginning: true });
    await this.#consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: CONCURRENT_PARTITIONS,
      eachBatch: async (payload) => {
        this.#last = payload;
        await readBatch(payload, { reader: this.#reader, membership: this.#membership, failure: this.#failure });
      },
    });
    await this.#joined.promise;
  }

  isHeard(): boolean {
    return Date.now() - this.#heardMs < UNHEARD_MS;
  }

  async commit(positions: readonly Position[]): Promise<void> {
    // Of the others another member knows more by now.
    const own = positions.filter(({ topic, partition }) => this.#reader.isAssigned(topic, partition));
    if (own.length === 0) return;
    try {
      await commit(this.#consumer, this.#last, own);
    } catch (error) {
      throw this.#membership.failed(error);
    }
    this.#plan.committed(own);
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#consumer.disconnect();
    this.#end.resolve();
  }

  #listen(): void {
    this.#setBeginnings(this.#options.group, (topic, partition) => {
      const offset = this.#plan.ofUncommitted(topic, partition);
      if (offset !== null) this.#options.onBegun?.({ topic, partition, offset });
      return offset;
    });
    const { events } = this.#consumer;
    this.#consumer.on(events.HEARTBEAT, () => {
      this.#heardMs = Date.now();
    });
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      this.#heardMs = Date.now();
      this.#begin(payload);
      this.#joined.resolve();
    });
    this.#consumer.on(events.CRASH, ({ payload }) => {
      this.#end.reject(this.#failure.error ?? this.#refusalOf(payload.error));
    });
    this.#silence = setInterval(() => {
      if (Date.now() - this.#heardMs < SILENT_MS_MAX) return;
      this.#end.reject(new AppError("BROKER_UNAVAILABLE", true, `the group has not been heard of for ${SILENT_MS_MAX / 1000} s`));
    }, UNHEARD_MS).unref();
  }

  #refusalOf(error: unknown): unknown {
    return refusalOf(error, this.#options.group, this.#options.topics);
  }

  #stopListening(): void {
    this.#setBeginnings(this.#options.group, null);
    if (this.#silence !== null) clearInterval(this.#silence);
  }

  /** Before the first fetch of an assignment: has kafkajs begin where it would not by itself. */
  #begin({ memberId, memberAssignment }: GroupJoin): void {
    const kept = this.#reader.assigned(memberAssignment, this.#membership.joined(memberId));
    const resets = this.#plan.resets(memberAssignment).filter((position) => !kept.some((known) => isSame(known, position)));
    const begun = [...resets, ...kept];
    for (const { topic, partition, offset } of begun) this.#consumer.seek({ topic, partition, offset: offset.toString() });
    this.#options.onAssigned?.(begun);
  }
}

interface GroupJoin {
  readonly memberId: string;
  readonly memberAssignment: Readonly<Record<string, readonly number[]>>;
}

function createConsumer(kafka: Kafka, { group, isolationLevel, instance }: GroupOptions): Consumer {
  return kafka.consumer({
    groupId: group,
    maxWaitTimeInMs: FETCH_WAIT_MS,
    maxBytesPerPartition: PARTITION_BYTES_MAX,
    maxBytes: FETCH_BYTES_MAX,
    sessionTimeout: SESSION_TIMEOUT_MS,
    heartbeatInterval: HEARTBEAT_INTERVAL_MS,
    metadataMaxAge: METADATA_MAX_AGE_MS,
    // Whether topics are created, and with how many partitions, is the app's configuration to say, not the broker's.
    allowAutoTopicCreation: false,
    // The broker then sends no list of aborted transactions, and the lane's filter leaves nothing out.
    readUncommitted: isolationLevel === "read_uncommitted",
    ...(instance === null ? {} : { partitionAssigners: [instanceAssigner(instance)] }),
    // After a crash the app opens a new consumer by itself: kafkajs's own restart would go on from positions that were never acknowledged.
    retry: { ...PATIENT_RETRY, restartOnFailure: async () => Promise.resolve(false) },
  });
}

/**
 * Commits as the member of this moment. kafkajs's own `commitOffsets` would try again by itself, perhaps as a member of the next generation and
 * for partitions that are another's by then; only before the first fetch there is nothing better, and nothing to be afraid of.
 */
async function commit(consumer: Consumer, payload: EachBatchPayload | null, positions: readonly Position[]): Promise<void> {
  const commits = positions.map(({ topic, partition, offset }) => ({ topic, partition, offset: offset.toString() }));
  if (payload === null) {
    await Promise.race([consumer.commitOffsets(commits), lateCommit()]);
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

/** Rejects when kafkajs, which would try for a long time, must have had its chance. */
async function lateCommit(): Promise<never> {
  await setTimeout(FIRST_COMMIT_MS_MAX, undefined, { ref: false });
  throw new AppError("BROKER_UNAVAILABLE", true, `the group did not take the first positions within ${FIRST_COMMIT_MS_MAX / 1000} s`);
}

/**
 * Reads one fetch. Errors of the reader end the consumer: kafkajs would run the same batch again in the same session, where its first half may
 * be on its way already. Errors of the heartbeat are kafkajs's and pass through: it joins the group again or
 * only fetches again, from the offset that was resolved last.
 */
async function readBatch(payload: EachBatchPayload, { reader, membership, failure }: ReadOptions): Promise<void> {
  const lost = membership.lost();
  if (lost !== null) throw lost;
  const { topic, partition, highWatermark, messages, fetchedOffset } = payload.batch as unknown as LaneBatch;
  const groupErrors = new Set<unknown>();
  const heartbeat = async (): Promise<void> => {
    try {
      await payload.heartbeat();
    } catch (error) {
      const groupError = membership.failed(error);
      groupErrors.add(groupError);
      throw groupError;
    }
  };
  try {
    await reader.read({
      topic,
      partition,
      fetchOffset: BigInt(fetchedOffset),
      highWatermark: BigInt(highWatermark),
      batches: messages.every(isBatch) ? messages : null,
      heartbeat,
      moveTo: (nextOffset) => {
        payload.resolveOffset((nextOffset - 1n).toString());
      },
    });
  } catch (error) {
    if (groupErrors.has(error)) throw error;
    failure.error ??= error;
    throw new AppError("BINDER_CLOSED", false, "the handler of fetched batches has failed", error);
  }
}

interface ReadOptions {
  readonly reader: BatchReader;
  readonly membership: Membership;
  readonly failure: { error: unknown };
}

function isSame(left: Position, right: Position): boolean {
  return left.topic === right.topic && left.partition === right.partition;
}

/** What kafkajs takes for a batch of messages. */
interface LaneBatch {
  readonly topic: string;
  readonly partition: number;
  readonly fetchedOffset: string;
  readonly highWatermark: string;
  readonly messages: readonly (BatchMessage | OutOfRangeMessage)[];
}

function isBatch(message: BatchMessage | OutOfRangeMessage): message is BatchMessage {
  return !("outOfRange" in message);
}
