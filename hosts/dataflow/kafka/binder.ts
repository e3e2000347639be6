/** The binder over a real Kafka: kafkajs with the RecordBatch lane in it. */
import { randomUUID } from "node:crypto";
import type { Binder, TopicWanted } from "../binder.ts";
import { AppError, describeError, protocolType } from "../errors.ts";
import type { Logger } from "../log.ts";
import { openKafkaConsumer } from "./consumer.ts";
import { PATIENT_RETRY, SHORT_RETRY, createKafka, type Admin, type Kafka } from "./kafkajs.ts";
import { openKafkaProducer } from "./producer.ts";

export interface KafkaBinderOptions {
  /** `host:port` each. */
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly idempotent: boolean;
  /** Whether missing topics are created; if not, a missing one is an error. */
  readonly autoCreate: boolean;
  /** For topics it creates; -1 leaves it to the broker. */
  readonly replicationFactor: number;
  readonly log: Logger;
}

/** The protocol's names of refusals that another attempt does not change. */
const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_PARTITIONS",
  "POLICY_VIOLATION",
]);

/** Returns a binder. It connects when something is opened, and the lane must have been installed before. */
export function createKafkaBinder(options: KafkaBinderOptions): Binder {
  const { clientId, brokers, idempotent, log } = options;
  const asking = createKafka(clientId, brokers, SHORT_RETRY, log);
  const kafka = createKafka(clientId, brokers, PATIENT_RETRY, log);
  // The same for every consumer: a new one would begin at the end of the topic, past what came while there was none.
  const anonymous = `anonymous.${randomUUID()}`;
  return {
    provision: async (topics) => provision(asking, options, topics),
    openProducer: async () => openKafkaProducer(kafka, idempotent),
    openConsumer: async (consumer, handler) => openKafkaConsumer(kafka, { ...consumer, group: consumer.group ?? anonymous }, handler),
  };
}

async function provision(kafka: Kafka, options: KafkaBinderOptions, topics: readonly TopicWanted[]): Promise<ReadonlyMap<string, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const present = await partitionCounts(admin, topics);
    const missing = topics.filter(({ name }) => !present.has(name));
    if (missing.length === 0) return present;
    if (!options.autoCreate) {
      const property = "spring.cloud.stream.kafka.binder.auto-create-topics";
      throw new AppError(
        "TOPIC_MISSING",
        false,
        `missing on the broker: ${missing.map(({ name }) => name).join(", ")}; create them, or set ${property}=true`,
      );
    }
    await admin.createTopics({
      topics: missing.map(({ name, partitions }) => ({
        topic: name,
        numPartitions: partitions,
        replicationFactor: options.replicationFactor,
      })),
    });
    options.log.info("router.kafka", `Created ${missing.map(({ name, partitions }) => `${name} with ${counted(partitions)}`).join(", ")}`);
    return await partitionCounts(admin, topics);
  } catch (error) {
    if (error instanceof AppError) throw error;
    const type = protocolType(error);
    if (type !== null) {
      const names = topics.map(({ name }) => name).join(", ");
      throw new AppError("TOPIC_REFUSED", !FINAL_REFUSALS.has(type), `the broker refuses the topics ${names} (${type})`, error);
    }
    throw new AppError("BROKER_UNAVAILABLE", true, `no answer from ${options.brokers.join(", ")}: ${describeError(error)}`, error);
  } finally {
    await admin.disconnect().catch((error: unknown) => {
      options.log.debug("router.kafka", `The admin client did not disconnect: ${describeError(error)}`);
    });
  }
}

/** Returns the partitions of those topics that exist. Asks for the list first, since asking for a missing topic's metadata may create it. */
async function partitionCounts(admin: Admin, topics: readonly TopicWanted[]): Promise<Map<string, number>> {
  const existing = new Set(await admin.listTopics());
  const names = topics.map(({ name }) => name).filter((name) => existing.has(name));
  if (names.length === 0) return new Map();
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: [...new Set(names)] });
  return new Map(metadata.map(({ name, partitions }) => [name, partitions.length]));
}

function counted(partitions: number): string {
  return partitions === 1 ? "1 partition" : `${partitions} partitions`;
}
