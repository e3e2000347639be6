import { setTimeout } from "node:timers/promises";
import type { BatchProducer, GroupMember, Position, Transaction } from "../binder.ts";
import type { Codec } from "../codecs.ts";
import { compressBatch } from "../compressed-batch.ts";
import { AppError } from "../errors.ts";
import type { Logger } from "../log.ts";
import type { KafkaMeters } from "../metrics/kafka-meters.ts";
import { recordCountOf, splitBatch } from "../record-batch.ts";
import { deliver, DELIVERY_TIMEOUT_MS, type Delivered } from "./delivery.ts";
import { createPartitioner, type Kafka, type Producer } from "./kafkajs.ts";
import { LentMemory } from "./lent-memory.ts";
import { openTransactions, type TransactionOptions, type Transactions } from "./transactions.ts";

/** kafkajs is told to retry for ever, which it wants of an idempotent producer; each delivery ends it by its deadline. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER };
const CLOSE_TIMEOUT_MS = 3000;
/** Sequence numbers go from 0 to 2^31 - 1 and round again (Kafka's DefaultRecordBatch.incrementSequence). */
const SEQUENCE_COUNT = 2 ** 31;
/** Of a size that was refused: to try each size just below it would cost a refusal each, and the halves of a batch are well below. */
const LESS = 0.75;
const LOGGER = "router.kafka";

export interface KafkaProducerOptions {
  /** Of no meaning to transactions, which always are. */
  readonly idempotent: boolean;
  /** Null for a producer without transactions. */
  readonly transactions: TransactionOptions | null;
  readonly metadataMaxAgeMs: number;
  readonly crc32c: (bytes: Uint8Array) => number;
  readonly log: Logger;
  readonly meters: KafkaMeters;
}

/** What the producer keeps of a partition that it writes to. */
interface Target {
  readonly topic: string;
  readonly partition: number;
  /** Settles when all batches so far are written or have failed. */
  last: Promise<void>;
  /** Sequence number of the next record; it moves on only with an acknowledgement. */
  nextSequence: number;
  /** Batches of this size and above are split before they are sent, since the topic has refused one of about that size. */
  tooLargeBytes: number;
}

/** What is to be written, in one request or in parts. */
interface Batch {
  readonly plain: Uint8Array;
  readonly codec: Codec;
  /** How long it waited for the batches before it. */
  readonly queuedMs: number;
}

/** Opens a producer of finished RecordBatches. */
export async function openKafkaProducer(kafka: Kafka, options: KafkaProducerOptions): Promise<BatchProducer> {
  if (options.transactions === null) return new KafkaProducer(await connect(kafka, options), options, null);
  const transactions = await openTransactions(kafka, options.transactions);
  return new KafkaProducer(transactions, options, transactions);
}

async function connect(kafka: Kafka, options: KafkaProducerOptions): Promise<Sender> {
  const producer = kafka.producer({
    idempotent: options.idempotent,
    createPartitioner,
    allowAutoTopicCreation: false,
    // kafkajs does not ask who leads a partition when a broker only does not answer: without this a hanging one would be tried for two minutes.
    metadataMaxAge: options.metadataMaxAgeMs,
    retry: RETRY,
  });
  try {
    await producer.connect();
  } catch (error) {
    // It may have sockets open, though it has no producer id.
    await producer.disconnect().catch(() => {});
    throw error;
  }
  return { sendBatch: async (batches) => producer.sendBatch(batches), close: async () => producer.disconnect() };
}

/** What carries batches to the brokers. */
type Sender = Pick<Producer, "sendBatch"> & { close(): Promise<void> };

class KafkaProducer implements BatchProducer {
  readonly transaction?: Transaction;
  readonly #sender: Sender;
  readonly #transactions: Transactions | null;
  readonly #options: KafkaProducerOptions;
  readonly #targets = new Map<string, Target>();
  readonly #memory = new LentMemory();
  #stopped: Error | null = null;

  constructor(sender: Sender, options: KafkaProducerOptions, transactions: Transactions | null) {
    this.#sender = sender;
    this.#options = options;
    this.#transactions = transactions;
    if (transactions === null) return;
    this.transaction = {
      get isEmpty() {
        return transactions.isEmpty;
      },
      commit: async (positions, member) => this.#commit(transactions, positions, member),
    };
  }

  // kafkajs takes a request apart by broker and forgets the part of a partition whose leader has just moved: it resolves, and the records are
  // gone. One partition a request leaves nothing to forget. And one request in flight a partition: of two, the later may overtake.
  async produce(topic: string, partition: number, bytes: Uint8Array, codec: Codec = "none"): Promise<void> {
    const target = this.#targetOf(topic, partition);
    const calledMs = performance.now();
    this.#transactions?.began();
    const written = target.last.then(async () => this.#write(target, { plain: bytes, codec, queuedMs: performance.now() - calledMs }));
    target.last = written;
    try {
      await written;
    } catch (error) {
      // What comes after a batch that failed must not be appended before it, and the broker may have the batch, so that its sequence numbers
      // are neither used nor free: the producer ends here, and with it its producer id.
      this.#transactions?.doubt();
      this.#stopped ??= new AppError("BINDER_CLOSED", false, "the producer has failed", error);
      throw error;
    }
  }

  copy(batch: Uint8Array): Uint8Array {
    return this.#memory.copy(batch);
  }

  async #commit(transactions: Transactions, positions: readonly Position[], member: GroupMember): Promise<void> {
    // A batch that is still on its way would be in the next transaction, or in none.
    await Promise.allSettled(this.#lasts());
    if (this.#stopped !== null) throw this.#stopped;
    try {
      await transactions.commit(positions, member);
    } catch (error) {
      this.#stopped ??= new AppError("BINDER_CLOSED", false, "the transaction was not committed", error);
      throw error;
    }
  }

  async close(): Promise<void> {
    this.#stopped ??= new AppError("BINDER_CLOSED", false, "the producer is closed");
    // An attempt that runs sees at its next turn that it is to end. One that never gets there is left behind.
    if (!(await settledWithin(this.#lasts(), CLOSE_TIMEOUT_MS))) this.#transactions?.doubt();
    await this.#sender.close();
  }

  #lasts(): Promise<void>[] {
    return [...this.#targets.values()].map(({ last }) => last);
  }

  #targetOf(topic: string, partition: number): Target {
    const key = `${topic}/${partition}`;
    const known = this.#targets.get(key);
    if (known !== undefined) return known;
    const target = { topic, partition, last: Promise.resolve(), nextSequence: 0, tooLargeBytes: Infinity };
    this.#targets.set(key, target);
    return target;
  }

  /**
   * Writes one batch, in parts if the topic does not take it whole. The parts follow each other as the whole would have: nothing comes between.
   * Each is compressed once, so that all attempts to send it have the same bytes.
   */
  async #write(target: Target, batch: Batch): Promise<void> {
    const { topic, partition } = target;
    const { plain, codec } = batch;
    const bytes = codec === "none" ? plain : await compressBatch(plain, codec, this.#options.crc32c);
    // A single record is always tried: it can't be split, and only the topic can say that it is too large.
    const records = recordCountOf(plain);
    if (bytes.length < target.tooLargeBytes || records === 1) {
      const outcome = await this.#deliver(target, batch, bytes);
      if (outcome === "acknowledged") {
        target.nextSequence = (target.nextSequence + records) % SEQUENCE_COUNT;
        return;
      }
      this.#options.log.warn(
        LOGGER,
        `${topic}-${partition} does not take a RecordBatch of ${bytes.length} bytes: splitting it, and those to come. ` +
          "Cheaper: raise the topic's max.message.bytes, or set router.output-batch-bytes below it",
      );
      target.tooLargeBytes = Math.ceil(bytes.length * LESS);
    }
    // A refusal comes before anything is appended, so the sequence numbers of the whole are free for its parts.
    const parts = splitBatch(plain, this.#options.crc32c);
    if (parts === null) throw recordTooLarge(target, bytes.length);
    for (const part of parts) await this.#write(target, { plain: part, codec, queuedMs: 0 });
  }

  /** Has one batch delivered, and the meters told. */
  async #deliver(target: Target, { plain, queuedMs }: Batch, bytes: Uint8Array): Promise<Delivered> {
    const { topic, partition, nextSequence: baseSequence } = target;
    const delivered = this.#options.meters.delivering();
    const startMs = performance.now();
    const records = recordCountOf(plain);
    let attempts = 0;
    const stopped = (): Error | null => {
      attempts++;
      return this.#stopped;
    };
    let outcome: Delivered | "failed" = "failed";
    try {
      const timeoutMs = this.#options.transactions?.timeoutMs ?? DELIVERY_TIMEOUT_MS;
      outcome = await deliver(this.#sender, { topic, partition, bytes, baseSequence, timeoutMs, stopped });
      // Of two attempts, one may be stuck on its way to a broker that hangs, and be sent from this memory yet.
      if (outcome === "acknowledged" && attempts === 1) this.#memory.release(plain);
      return outcome;
    } finally {
      const latencyMs = performance.now() - startMs;
      delivered({ bytes: bytes.length, plainBytes: plain.length, records, queuedMs, latencyMs, attempts, outcome });
    }
  }
}

function recordTooLarge({ topic, partition }: Target, sizeBytes: number): AppError {
  const cure = "raise the topic's max.message.bytes";
  return new AppError("PRODUCE_REFUSED", false, `${topic}-${partition} does not take a single record of ${sizeBytes} bytes: ${cure}`);
}

/** Returns whether all have settled in time. */
async function settledWithin(promises: readonly Promise<void>[], timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = setTimeout(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const haveSettled = await Promise.race([Promise.allSettled(promises).then(() => true), late]);
  timer.abort();
  return haveSettled;
}
