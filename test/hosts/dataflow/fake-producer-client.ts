/** The producer over a client that answers when and what a test wants. */
import assert from "node:assert/strict";
import type { BatchProducer } from "../../../hosts/dataflow/binder.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { BatchToProduce } from "../../../hosts/dataflow/kafka/produce-codec.ts";
import { openKafkaProducer, type KafkaProducerOptions } from "../../../hosts/dataflow/kafka/producer.ts";
import { createMetrics, type Metrics } from "../../../hosts/dataflow/metrics.ts";
import { createKafkaMeters } from "../../../hosts/dataflow/metrics/kafka-meters.ts";
import { Router } from "../../../hosts/embed.ts";
import { coreModule } from "../../core-module.ts";
import { valuesOf } from "./fetched.ts";
import { createMemoryLog } from "./memory-log.ts";

const core = new Router(coreModule());

/** What a broker says of a partition. */
export interface Answer {
  readonly topicName: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** One request that kafkajs was asked to send. */
export interface Request {
  readonly topic: string;
  readonly batch: BatchToProduce;
  readonly acks: number;
  readonly answer: (answers: readonly Answer[]) => void;
  readonly refuse: (error: Error) => void;
}

/** A producer over a client whose requests are a test's to answer. */
interface Client {
  readonly producer: BatchProducer;
  readonly requests: Request[];
  readonly told: Readonly<Record<string, unknown>>;
  readonly disconnected: () => boolean;
}

/** What the producer is opened with. */
export const options = (log = createMemoryLog(), metrics: Metrics = createMetrics({ tags: {}, now: Date.now })): KafkaProducerOptions => ({
  idempotent: true,
  transactions: null,
  metadataMaxAgeMs: 10_000,
  crc32c: (bytes) => core.crc32c(bytes),
  log,
  meters: createKafkaMeters(metrics, "client", () => 0),
});

/** Opens a producer. */
export async function client(given = options()): Promise<Client> {
  const requests: Request[] = [];
  const told: Record<string, unknown> = {};
  let disconnected = false;
  const kafka = {
    producer: (settings: object) => {
      Object.assign(told, settings);
      return {
        connect: async () => Promise.resolve(),
        disconnect: async () => {
          disconnected = true;
          return Promise.resolve();
        },
        sendBatch: async ({ acks, topicMessages }: { acks: number; topicMessages: readonly { topic: string; messages: unknown }[] }) => {
          const { promise, resolve, reject } = Promise.withResolvers<readonly Answer[]>();
          assert.equal(topicMessages.length, 1);
          for (const { topic, messages } of topicMessages) {
            assert.ok(messages instanceof BatchToProduce);
            requests.push({ topic, batch: messages, acks, answer: resolve, refuse: reject });
          }
          return promise;
        },
      };
    },
  };
  const producer = await openKafkaProducer(kafka as unknown as Kafka, given);
  return { producer, requests, told, disconnected: () => disconnected };
}

/** An error as kafkajs throws it for a broker's answer. */
export const refused = (type: string): Error => new Error("what kafkajs makes of it", { cause: Object.assign(new Error(type), { type }) });
/** The answer of a broker that has the batch. */
export const ok = (topicName: string, partition: number): Answer => ({ topicName, partition, errorCode: 0 });
/** The values of each request. */
export const values = (requests: readonly Request[]): unknown => requests.map(({ topic, batch }) => [topic, ...valuesOf(batch.bytes)]);
