/**
 * kafkajs's transactions, one after the other, as exactly once needs them. kafkajs sends the end of a transaction once and never again, and is of no
 * use when that fails. Here that is a rule: a second copy of the request may arrive when the next transaction of the same producer epoch is open,
 * and end that one (KAFKA-17754). So may any other late request, as long as the epoch is the same. Therefore, whatever is not known to have
 * been done or refused costs the producer; the next one's InitProducerId raises the epoch, which decides what is open, and shuts out what is late.
 */
import { setTimeout } from "node:timers/promises";
import type { GroupMember, Position } from "../binder.ts";
import { AppError, protocolType } from "../errors.ts";
import { beginFirst, beginNext } from "./added-to-transaction.ts";
import { coordinatorRefusal } from "./group-lane.ts";
import { createPartitioner, type Kafka, type KafkaTransaction, type Producer } from "./kafkajs.ts";
import { fencedOffsets } from "./offset-codecs.ts";

export interface TransactionOptions {
  /** Of this process alone, among all that live: whoever else opens a producer with it ends this one. */
  readonly transactionalId: string;
  /** The coordinator aborts a transaction that is open for longer. */
  readonly timeoutMs: number;
  readonly metadataMaxAgeMs: number;
  /** Longest time for which the group's coordinator is asked again that has answered that it can't take positions just now. */
  readonly requestTimeoutMs: number;
}

/** For what kafkajs tries again by itself, which it does for as long as a delivery lasts. */
const RETRY = { initialRetryTime: 50, maxRetryTime: 1000, retries: Number.MAX_SAFE_INTEGER };
/** Answers that say: not now. They are definite, and to send the same positions again in the same transaction changes nothing. */
const NOT_NOW: ReadonlySet<string> = new Set([
  "CONCURRENT_TRANSACTIONS",
  "GROUP_LOAD_IN_PROGRESS",
  "GROUP_COORDINATOR_NOT_AVAILABLE",
  "NOT_COORDINATOR_FOR_GROUP",
  "UNKNOWN_TOPIC_OR_PARTITION",
]);
/** Answers that say: never as this member. The transaction is open, and nothing of it is in doubt. */
const FENCED: ReadonlySet<string> = new Set(["FENCED_INSTANCE_ID", "ILLEGAL_GENERATION", "REBALANCE_IN_PROGRESS", "UNKNOWN_MEMBER_ID"]);
const AGAIN_MS = 20;
/** What to do about a refusal that no other attempt changes, by the protocol's names. */
const CURES: ReadonlyMap<string, string> = new Map([
  ["TRANSACTIONAL_ID_AUTHORIZATION_FAILED", "grant Write and Describe on the transactional ids with this prefix"],
  ["CLUSTER_AUTHORIZATION_FAILED", "grant Write and Describe on the transactional ids with this prefix"],
  ["INVALID_TRANSACTION_TIMEOUT", "set transaction.timeout.ms to no more than the brokers' transaction.max.timeout.ms"],
]);

/** Opens a producer with transactions. What is open of an earlier one with the same id has been decided when this resolves. */
export async function openTransactions(kafka: Kafka, options: TransactionOptions): Promise<Transactions> {
  const { transactionalId, timeoutMs, metadataMaxAgeMs } = options;
  const producer = kafka.producer({
    transactionalId,
    transactionTimeout: timeoutMs,
    createPartitioner,
    allowAutoTopicCreation: false,
    metadataMaxAge: metadataMaxAgeMs,
    retry: RETRY,
  });
  try {
    await producer.connect();
    return new Transactions(producer, await producer.transaction(), options);
  } catch (error) {
    await producer.disconnect().catch(() => {});
    const reason = coordinatorRefusal(transactionalId) ?? error;
    const cure = CURES.get(protocolType(reason) ?? "");
    if (cure === undefined) throw error;
    throw new AppError("TRANSACTIONS_REFUSED", false, `the brokers refuse transactions as ${transactionalId}: ${cure}`, reason);
  }
}

/** The transactions of one producer. */
export class Transactions {
  readonly #producer: Producer;
  readonly #options: TransactionOptions;
  #current: KafkaTransaction;
  #isEmpty = true;
  /** Whether a request of the transaction may have been done or not. */
  #isDoubtful = false;

  constructor(producer: Producer, first: KafkaTransaction, options: TransactionOptions) {
    this.#producer = producer;
    this.#current = first;
    this.#options = options;
    beginFirst(options.transactionalId);
  }

  /** Whether nothing was sent since the last commit. */
  get isEmpty(): boolean {
    return this.#isEmpty;
  }

  /** Takes note that something is about to be sent. */
  began(): void {
    this.#isEmpty = false;
  }

  /** Takes note that a batch may be in the log or not. */
  doubt(): void {
    this.#isDoubtful = true;
  }

  /** Sends batches in the open transaction. */
  async sendBatch(batches: Parameters<Producer["sendBatch"]>[0]): ReturnType<Producer["sendBatch"]> {
    return this.#current.sendBatch(batches);
  }

  /** Commits what was sent and the positions; the next transaction begins. After a rejection nothing but `close` may be called. */
  async commit(positions: readonly Position[], member: GroupMember): Promise<void> {
    this.#isEmpty = false;
    this.#isDoubtful = true;
    await this.#sendOffsets(positions, member);
    await this.#current.commit();
    this.#isDoubtful = false;
    // Nothing is sent for this: the transaction begins at the brokers with the first batch.
    this.#current = await this.#producer.transaction();
    beginNext(this.#options.transactionalId);
    this.#isEmpty = true;
  }

  async #sendOffsets(positions: readonly Position[], member: GroupMember): Promise<void> {
    const topics = fencedOffsets(positions, member);
    const deadline = Date.now() + this.#options.requestTimeoutMs;
    for (;;) {
      try {
        await this.#current.sendOffsets({ consumerGroupId: member.group, topics });
        return;
      } catch (error) {
        const type = protocolType(error) ?? "";
        if (NOT_NOW.has(type) && Date.now() < deadline) {
          await setTimeout(AGAIN_MS);
          continue;
        }
        this.#isDoubtful = !FENCED.has(type);
        throw error;
      }
    }
  }

  /** Aborts what is open, if nothing of it is in doubt, and lets go. What is in doubt is for the next producer's epoch to decide. */
  async close(): Promise<void> {
    try {
      if (!this.#isEmpty && !this.#isDoubtful) await this.#current.abort();
    } finally {
      await this.#producer.disconnect();
    }
  }
}
