/** The binder over a real Kafka: kafkajs with the RecordBatch lane in it. */
import { randomUUID } from "node:crypto";
import type { Binder } from "../binder.ts";
import type { KafkaClientConfig } from "../config-kafka-client.ts";
import type { KafkaMeters } from "../metrics/kafka-meters.ts";
import { createBeginnings } from "./beginnings.ts";
import { openKafkaConsumer } from "./consumer.ts";
import { PATIENT_RETRY, SHORT_RETRY, createKafka } from "./kafkajs.ts";
import { fetchProgress, generationOf, setBeginnings } from "./lane.ts";
import { createLogWatch, type LogWatch } from "./log-watch.ts";
import { openKafkaProducer } from "./producer.ts";
import { provisionTopics, type ProvisionOptions } from "./topics.ts";

export interface KafkaBinderOptions extends ProvisionOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly client: KafkaClientConfig;
  readonly idempotent: boolean;
  /** CRC-32C, unsigned. */
  readonly crc32c: (bytes: Uint8Array) => number;
  readonly meters: KafkaMeters;
}

/** Returns a binder. It connects when something is opened, and the lane must have been installed before. */
export function createKafkaBinder(options: KafkaBinderOptions): Binder {
  const { client, brokers, crc32c, log, meters } = options;
  const clientOptions = { clientId: client.id, brokers, requestTimeoutMs: client.requestTimeoutMs };
  const asking = createKafka(clientOptions, SHORT_RETRY, log);
  const kafka = createKafka(clientOptions, PATIENT_RETRY, log);
  // The same for every consumer: a new one would begin at the end of the topic, past what came while there was none.
  const anonymous = `anonymous.${randomUUID()}`;
  const beginnings = createBeginnings(asking);
  const watches = new Map<string, LogWatch>();
  return {
    provision: async (topics) => provisionTopics(asking, options, topics),
    openProducer: async () => openKafkaProducer(kafka, { ...options, metadataMaxAgeMs: client.metadataMaxAgeMs }),
    openConsumer: async (consumer, handler) => {
      const group = consumer.group ?? anonymous;
      const watch = watches.get(group) ?? createLogWatch();
      watches.set(group, watch);
      const ground = { kafka, client, beginnings, watch, generationOf, setBeginnings, crc32c, fetchProgress, meters };
      return openKafkaConsumer(ground, { ...consumer, group }, handler);
    },
  };
}
