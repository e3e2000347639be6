/** The binder over a real Kafka: kafkajs with the RecordBatch lane in it. */
import { randomUUID } from "node:crypto";
import type { Binder, TopicFound, TopicWanted } from "../binder.ts";
import { AppError, describeError, protocolType } from "../errors.ts";
import type { Logger } from "../log.ts";
import { createBeginnings } from "./beginnings.ts";
import { openKafkaConsumer } from "./consumer.ts";
import { PATIENT_RETRY, SHORT_RETRY, TOPIC_RESOURCE, createKafka, type Admin, type Kafka } from "./kafkajs.ts";
import { generationOf, setBeginnings } from "./lane.ts";
import { createLogWatch, type LogWatch } from "./log-watch.ts";
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
  /** CRC-32C, unsigned. */
  readonly crc32c: (bytes: Uint8Array) => number;
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
  const { clientId, brokers, crc32c, log } = options;
  const asking = createKafka(clientId, brokers, SHORT_RETRY, log);
  const kafka = createKafka(clientId, brokers, PATIENT_RETRY, log);
  // The same for every consumer: a new one would begin at the end of the topic, past what came while there was none.
  const anonymous = `anonymous.${randomUUID()}`;
  const beginnings = createBeginnings(asking);
  const watches = new Map<string, LogWatch>();
  return {
    provision: async (topics) => provision(asking, options, topics),
    openProducer: async () => openKafkaProducer(kafka, options),
    openConsumer: async (consumer, handler) => {
      const group = consumer.group ?? anonymous;
      const watch = watches.get(group) ?? createLogWatch();
      watches.set(group, watch);
      return openKafkaConsumer({ kafka, beginnings, watch, generationOf, setBeginnings, crc32c }, { ...consumer, group }, handler);
    },
  };
}

async function provision(
  kafka: Kafka,
  options: KafkaBinderOptions,
  topics: readonly TopicWanted[],
): Promise<ReadonlyMap<string, TopicFound>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const present = await findTopics(admin, topics, options.log);
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
    const found = await findTopics(admin, topics, options.log);
    const invisible = missing.filter(({ name }) => !found.has(name)).map(({ name }) => name);
    // kafkajs takes a topic that is there already for created, and topics without the right to describe them look as if they were missing.
    if (invisible.length > 0) {
      throw new AppError("TOPIC_REFUSED", false, `the topics ${invisible.join(", ")} can't be seen: grant Describe on them`);
    }
    options.log.info(
      "router.kafka",
      `Created ${missing.map(({ name }) => `${name} with ${counted(found.get(name)?.partitions ?? 0)}`).join(", ")}`,
    );
    return found;
  } catch (error) {
    if (error instanceof AppError) throw error;
    const type = protocolType(error);
    if (type !== null) {
      const names = topics.map(({ name }) => name).join(", ");
      if (type === "LEADER_NOT_AVAILABLE") {
        throw new AppError("BROKER_UNAVAILABLE", true, `a partition of ${names}, or of another topic, has no leader`, error);
      }
      throw new AppError("TOPIC_REFUSED", !FINAL_REFUSALS.has(type), `the broker refuses the topics ${names} (${type})`, error);
    }
    throw new AppError("BROKER_UNAVAILABLE", true, `no answer from ${options.brokers.join(", ")}: ${describeError(error)}`, error);
  } finally {
    await admin.disconnect().catch((error: unknown) => {
      options.log.debug("router.kafka", `The admin client did not disconnect: ${describeError(error)}`);
    });
  }
}

/** Returns what is known of those topics that exist. Asks for the list first, since asking for a missing topic's metadata may create it. */
async function findTopics(admin: Admin, topics: readonly TopicWanted[], log: Logger): Promise<Map<string, TopicFound>> {
  const existing = new Set(await admin.listTopics());
  const names = [...new Set(topics.map(({ name }) => name))].filter((name) => existing.has(name));
  if (names.length === 0) return new Map();
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
  const sizes = await batchSizes(admin, names, log);
  return new Map(metadata.map(({ name, partitions }) => [name, { partitions: partitions.length, batchBytesMax: sizes.get(name) ?? null }]));
}

const BATCH_BYTES_MAX = "max.message.bytes";

/** Returns the largest batch of each topic that tells. A client that may write to a topic need not be allowed to read its configuration. */
async function batchSizes(admin: Admin, names: readonly string[], log: Logger): Promise<ReadonlyMap<string, number>> {
  try {
    const resources = names.map((name) => ({ type: TOPIC_RESOURCE, name, configNames: [BATCH_BYTES_MAX] }));
    const described = await admin.describeConfigs({ resources, includeSynonyms: false });
    return new Map(
      described.resources.flatMap(({ resourceName, configEntries }) => {
        const size = Number(configEntries.find(({ configName }) => configName === BATCH_BYTES_MAX)?.configValue ?? Number.NaN);
        return size > 0 ? [[resourceName, size] as const] : [];
      }),
    );
  } catch (error) {
    log.debug("router.kafka", `The topics' ${BATCH_BYTES_MAX} is not known; a batch that is too large is split: ${describeError(error)}`);
    return new Map();
  }
}

function counted(partitions: number): string {
  return partitions === 1 ? "1 partition" : `${partitions} partitions`;
}
