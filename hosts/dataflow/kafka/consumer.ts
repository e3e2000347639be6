import { setTimeout } from "node:timers/promises";
import type { BatchConsumer, FetchHandler, PartitionProgress, Position, Transaction } from "../binder.ts";
import { AppError } from "../errors.ts";
import type { KafkaMeters } from "../metrics/kafka-meters.ts";
import { BatchReader } from "./batch-reader.ts";
import type { Beginnings, Plan } from "./beginnings.ts";
import { createConsumer, type ConsumerClient, type GroupOptions } from "./group-consumer.ts";
import type { Consumer, EachBatchPayload, Kafka } from "./kafkajs.ts";
import type { BeginOf } from "./group-lane.ts";
import type { LogWatch } from "./log-watch.ts";
import { Membership, refusalOf } from "./membership.ts";
import { readBatch } from "./read-batch.ts";

/** Three heartbeats missed, and a little more. */
const UNHEARD_MS_MIN = 10_000;
const HEARTBEATS_MISSED_MAX = 3;
/** A consumer that hears nothing for so long, and does not give up by itself, is given up: it would sit there for ever and read nothing. */
const SILENT_MS_MAX = 120_000;
/** Longest try to commit before anything has been fetched. */
const FIRST_COMMIT_MS_MAX = 10_000;
/** Partitions whose handlers may wait at the same time. */
const CONCURRENT_PARTITIONS = 8;

/** What consumers of one binder share: the client, and what is known of the logs from one consumer to the next. */
export interface ConsumerGround {
  readonly client: ConsumerClient;
  readonly kafka: Kafka;
  readonly beginnings: Beginnings;
  readonly watch: LogWatch;
  /** The generation of its group that a member joined last. */
  readonly generationOf: (memberId: string) => number | null;
  /** Tells the lane where partitions begin that a group has committed nothing of. */
  readonly setBeginnings: (group: string, begin: BeginOf | null) => void;
  /** Tells the lane what a group's member does before it joins anew. */
  readonly setRevoking: (group: string, revoking: (() => Promise<void>) | null) => void;
  readonly crc32c: (bytes: Uint8Array) => number;
  /** How far this thread is in each partition that it has fetched. */
  readonly fetchProgress: () => readonly PartitionProgress[];
  readonly meters: KafkaMeters;
}

/** Opens a consumer that hands whole RecordBatches to `handler`. Resolves when it has joined its group. */
export async function openKafkaConsumer(ground: ConsumerGround, options: GroupOptions, handler: FetchHandler): Promise<BatchConsumer> {
  const plan = await ground.beginnings.plan(options);
  const consumer = new KafkaConsumer(ground, options, { plan, handler });
  await consumer.open();
  return consumer;
}

class KafkaConsumer implements BatchConsumer {
  readonly ended: Promise<void>;
  readonly #consumer: Consumer;
  readonly #options: GroupOptions;
  readonly #plan: Plan;
  readonly #reader: BatchReader;
  readonly #membership: Membership;
  readonly #ground: ConsumerGround;
  readonly #unheardMs: number;
  readonly #end = Promise.withResolvers<void>();
  readonly #joined = Promise.withResolvers<void>();
  /** Where an error of the reader is kept, for kafkajs tells of another one. */
  readonly #failure: { error: unknown } = { error: null };
  #heardMs = Date.now();
  #last: EachBatchPayload | null = null;
  #stopMeters = (): void => {};
  #silence: NodeJS.Timeout | null = null;
  #isPaused: boolean;
  /** Whether it was closed before it had joined. */
  #isGivenUp = false;

  constructor(ground: ConsumerGround, options: GroupOptions, { plan, handler }: { readonly plan: Plan; readonly handler: FetchHandler }) {
    const { kafka, client, beginnings, watch, generationOf, crc32c } = ground;
    this.#ground = ground;
    this.#options = options;
    this.#isPaused = options.isPaused ?? false;
    this.#plan = plan;
    this.#consumer = createConsumer(kafka, client, options);
    this.#unheardMs = Math.max(UNHEARD_MS_MIN, HEARTBEATS_MISSED_MAX * Math.max(client.heartbeatIntervalMs, client.fetchWaitMs));
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
      this.#isGivenUp = true;
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
        const { meters } = this.#ground;
        await readBatch(payload, { reader: this.#reader, membership: this.#membership, failure: this.#failure, meters });
      },
    });
    await this.#joined.promise;
  }

  isHeard(): boolean {
    return Date.now() - this.#heardMs < this.#unheardMs;
  }

  progress(): readonly PartitionProgress[] {
    const own = this.#ground.fetchProgress().filter((entry) => this.#reader.isAssigned(entry.topic, entry.partition));
    // What the last fetch brought has been taken, perhaps, though the next one is not answered yet.
    return own.map(({ topic, partition, position, endOffset }) => {
      return { topic, partition, position: this.#reader.positionOf(topic, partition) ?? position, endOffset };
    });
  }

  async commit(positions: readonly Position[], transaction?: Transaction): Promise<void> {
    // Of the others another member knows more by now.
    const own = positions.filter(({ topic, partition }) => this.#reader.isAssigned(topic, partition));
    if (own.length === 0) return;
    if (transaction === undefined) await this.#commit(own);
    else await transaction.commit(own, this.#membership.member(this.#options.group));
    this.#plan.committed(own);
    for (const { topic, partition, offset } of own) this.#ground.watch.committed(`${topic}-${partition}`, offset);
  }

  async #commit(positions: readonly Position[]): Promise<void> {
    try {
      await commit(this.#consumer, this.#last, positions);
    } catch (error) {
      throw this.#membership.failed(error);
    }
  }

  pause(): void {
    this.#isPaused = true;
    this.#askOf("pause");
  }

  resume(): void {
    this.#isPaused = false;
    this.#askOf("resume");
  }

  /** kafkajs throws once it has let go of its group, which is before it tells of its end: then the next consumer is opened as it is wanted. */
  #askOf(what: "pause" | "resume"): void {
    try {
      this.#consumer[what](this.#topics());
    } catch {
      // Nothing is fetched any more.
    }
  }

  #topics(): { topic: string }[] {
    return this.#options.topics.map((topic) => ({ topic }));
  }

  async close(): Promise<void> {
    this.#stopListening();
    await this.#consumer.disconnect();
    this.#end.resolve();
  }

  #listen(): void {
    const { meters, setBeginnings, setRevoking } = this.#ground;
    this.#stopMeters = meters.consuming(() => this.progress());
    const { onRevoking } = this.#options;
    if (onRevoking !== undefined) setRevoking(this.#options.group, onRevoking);
    setBeginnings(this.#options.group, (topic, partition) => {
      const offset = this.#plan.ofUncommitted(topic, partition);
      // kafkajs may ask twice, of two brokers, and be further than that when the second answer comes.
      const isNew = this.#reader.isAssigned(topic, partition) && this.#reader.positionOf(topic, partition) === null;
      if (offset !== null && isNew) this.#options.onBegun?.({ topic, partition, offset });
      return offset;
    });
    const { events } = this.#consumer;
    this.#consumer.on(events.HEARTBEAT, () => {
      this.#heardMs = Date.now();
    });
    this.#consumer.on(events.FETCH, ({ payload }) => {
      meters.answered(payload.duration);
    });
    this.#consumer.on(events.GROUP_JOIN, ({ payload }) => {
      // kafkajs goes on with a join that it has begun, whether it is disconnected or not. An error here ends it, and has the member leave: nobody
      // would route its partitions.
      if (this.#isGivenUp) throw new AppError("BINDER_CLOSED", true, "the consumer is closed");
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
    }, UNHEARD_MS_MIN).unref();
  }

  #refusalOf(error: unknown): unknown {
    return refusalOf(error, this.#options.group, this.#options.topics);
  }

  #stopListening(): void {
    this.#ground.setBeginnings(this.#options.group, null);
    this.#ground.setRevoking(this.#options.group, null);
    this.#stopMeters();
    if (this.#silence !== null) clearInterval(this.#silence);
  }

  /** Before the first fetch of an assignment: has kafkajs begin where it would not by itself. */
  #begin({ memberId, memberAssignment }: GroupJoin): void {
    const isNext = this.#membership.joined(memberId) && this.#options.beginsAtCommitted !== true;
    const kept = this.#reader.assigned(memberAssignment, isNext);
    const resets = this.#plan.resets(memberAssignment).filter((position) => !kept.some((known) => isSame(known, position)));
    const begun = [...resets, ...kept];
    if (this.#isPaused) this.#consumer.pause(this.#topics());
    for (const { topic, partition, offset } of begun) this.#consumer.seek({ topic, partition, offset: offset.toString() });
    this.#options.onAssigned?.(begun);
  }
}

interface GroupJoin {
  readonly memberId: string;
  readonly memberAssignment: Readonly<Record<string, readonly number[]>>;
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

function isSame(left: Position, right: Position): boolean {
  return left.topic === right.topic && left.partition === right.partition;
}
