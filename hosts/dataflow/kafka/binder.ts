/** The binder over a real Kafka: kafkajs with the RecordBatch lane in it. */
import { randomUUID } from "node:crypto";
import type { Binder } from "../binder.ts";
import type { KafkaClientConfig } from "../config-kafka-client.ts";
import type { TransactionConfig } from "../config-kafka.ts";
import type { KafkaMeters } from "../metrics/kafka-meters.ts";
import { OPEN_ACCESS, type Access } from "./access.ts";
import { explainerOf } from "./access-fault.ts";
import { createBeginnings } from "./beginnings.ts";
import { openKafkaConsumer } from "./consumer.ts";
import { PATIENT_RETRY, SHORT_RETRY, TRANSACTION_RETRY, createKafka } from "./kafka-client.ts";
import { generationOf, setBeginnings, setRevoking } from "./group-lane.ts";
import { fetchProgress } from "./lane.ts";
import { createLogWatch, type LogWatch } from "./log-watch.ts";
import { openKafkaProducer } from "./producer.ts";
import { provisionTopics, type ProvisionOptions } from "./topics.ts";

export interface KafkaBinderOptions extends ProvisionOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly client: KafkaClientConfig;
  /** Absent where anybody is let in. */
  readonly access?: Access;
  readonly idempotent: boolean;
  /** Null for delivery at least once. */
  readonly transactions: TransactionConfig | null;
  /** CRC-32C, unsigned. */
  readonly crc32c: (bytes: Uint8Array) => number;
  readonly meters: KafkaMeters;
  /** The group that consumers without a group are in; one of the binder's own unless it is said, for binders that read as one. */
  readonly anonymousGroup?: string;
}

/** Returns a binder. It connects when something is opened, and the lane must have been installed before. */
export function createKafkaBinder(options: KafkaBinderOptions): Binder {
  const { client, brokers, access = OPEN_ACCESS, crc32c, log, meters } = options;
  const clientOptions = { clientId: client.id, brokers, requestTimeoutMs: client.requestTimeoutMs, access };
  const explained = explainerOf(client.security);
  const asking = createKafka(clientOptions, SHORT_RETRY, log);
  const kafka = createKafka(clientOptions, PATIENT_RETRY, log);
  // Clients of one kafkajs object tell each other of positions that are committed, and they do before a transaction is.
  const writing = options.transactions === null ? kafka : createKafka(clientOptions, TRANSACTION_RETRY, log);
  const { metadataMaxAgeMs, requestTimeoutMs } = client;
  // Of this binder alone: of two apps that live side by side, as in an update, and of two threads, neither may end the other's transactions.
  const transactionalId = `${options.transactions?.idPrefix ?? ""}${randomUUID()}`;
  const transactions =
    options.transactions === null
      ? null
      : { transactionalId, timeoutMs: options.transactions.timeoutMs, metadataMaxAgeMs, requestTimeoutMs };
  // The same for every consumer: a new one would begin at the end of the topic, past what came while there was none.
  const { anonymousGroup = `anonymous.${randomUUID()}` } = options;
  const beginnings = createBeginnings(asking);
  const watches = new Map<string, LogWatch>();
  return {
    provision: async (topics) => explained(provisionTopics(asking, options, topics)),
    openProducer: async () => explained(openKafkaProducer(writing, { ...options, transactions, metadataMaxAgeMs })),
    openConsumer: async (consumer, handler) => {
      const group = consumer.group ?? anonymousGroup;
      const watch = watches.get(group) ?? createLogWatch();
      watches.set(group, watch);
      const ground = { kafka, client, beginnings, watch, generationOf, setBeginnings, setRevoking, crc32c, fetchProgress, meters };
      return explained(openKafkaConsumer(ground, { ...consumer, group }, handler));
    },
  };
}
