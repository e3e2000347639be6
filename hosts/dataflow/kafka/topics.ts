/** Creates topics, adds partitions to them, and asks what they are like. */
import { setTimeout } from "node:timers/promises";
import type { TopicFound, TopicWanted } from "../binder.ts";
import { AppError, describeError, protocolType } from "../errors.ts";
import type { Logger } from "../log.ts";
import { TOPIC_RESOURCE, type Admin, type Kafka } from "./kafkajs.ts";

export interface ProvisionOptions {
  /** Whether missing topics are created; if not, a missing one is an error. */
  readonly autoCreate: boolean;
  /** Whether topics that have too few partitions get more; not where topics are not created, either. */
  readonly autoAddPartitions: boolean;
  /** For error messages. */
  readonly brokers: readonly string[];
  readonly log: Logger;
}

/**
 * The protocol's names of refusals that another attempt does not change. INVALID_PARTITIONS is none: that is how a broker refuses to add
 * partitions which another instance has added a moment before.
 */
const FINAL_REFUSALS: ReadonlySet<string> = new Set([
  "TOPIC_AUTHORIZATION_FAILED",
  "CLUSTER_AUTHORIZATION_FAILED",
  "INVALID_TOPIC_EXCEPTION",
  "INVALID_CONFIG",
  "POLICY_VIOLATION",
]);
const BINDER = "spring.cloud.stream.kafka.binder";
const BATCH_BYTES_MAX = "max.message.bytes";
/** A broker hears of new topics and partitions soon after the controller. */
const LOOK_AGAIN_MS = 100;
const LOOKS_MAX = 50;
const LOGGER = "router.kafka";

/** Creates the topics that are missing, as far as that is allowed, and returns what is known of all. Throws `AppError`. */
export async function provisionTopics(
  kafka: Kafka,
  options: ProvisionOptions,
  topics: readonly TopicWanted[],
): Promise<ReadonlyMap<string, TopicFound>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const present = await findTopics(admin, topics, options.log);
    const missing = topics.filter(({ name }) => !present.has(name));
    if (missing.length > 0) await create(admin, options, missing);
    const grown = await addPartitions(admin, options, topics, present);
    // What another instance has created in the meantime may have another number of partitions.
    const changed = [...missing.map(({ name }) => ({ name, partitions: 1 })), ...grown];
    const found = changed.length === 0 ? present : await findChanged(admin, topics, changed, options.log);
    refuseInvisible(missing, found);
    refuseTooSmall(topics, found);
    tell(options.log, "Created", missing, found);
    tell(options.log, "Added partitions:", grown, found);
    return found;
  } catch (error) {
    throw error instanceof AppError ? error : refusalOf(error, topics, options.brokers);
  } finally {
    await admin.disconnect().catch((error: unknown) => {
      options.log.debug(LOGGER, `The admin client did not disconnect: ${describeError(error)}`);
    });
  }
}

async function create(admin: Admin, { autoCreate }: ProvisionOptions, missing: readonly TopicWanted[]): Promise<void> {
  if (!autoCreate) {
    throw new AppError(
      "TOPIC_MISSING",
      false,
      `missing on the broker: ${namesOf(missing)}; create them, or set ${BINDER}.auto-create-topics=true; if they are there, grant Describe on them`,
    );
  }
  try {
    await createTopics(admin, missing);
  } catch (error) {
    if (protocolType(error) !== "TOPIC_AUTHORIZATION_FAILED") throw error;
    const cure = "grant Create on them; if they are there, grant Read on an input, Write on others";
    throw new AppError("TOPIC_REFUSED", false, `no right to see or to create the topics ${namesOf(missing)}: ${cure}`, error);
  }
}

async function createTopics(admin: Admin, missing: readonly TopicWanted[]): Promise<void> {
  await admin.createTopics({
    topics: missing.map(({ name, partitions, replicationFactor = -1, properties = {} }) => ({
      topic: name,
      numPartitions: partitions,
      replicationFactor,
      configEntries: Object.entries(properties).map(([key, value]) => ({ name: key, value })),
    })),
  });
}

/** Returns the topics that have more partitions now. */
async function addPartitions(
  admin: Admin,
  { autoCreate, autoAddPartitions }: ProvisionOptions,
  topics: readonly TopicWanted[],
  present: ReadonlyMap<string, TopicFound>,
): Promise<readonly TopicWanted[]> {
  if (!autoCreate || !autoAddPartitions) return [];
  const small = topics.filter(({ name, partitions }) => (present.get(name)?.partitions ?? Infinity) < partitions);
  if (small.length === 0) return [];
  await admin.createPartitions({ topicPartitions: small.map(({ name, partitions }) => ({ topic: name, count: partitions })) });
  return small;
}

/** kafkajs takes a topic that is there already for created, and topics without the right to describe them look as if they were missing. */
function refuseInvisible(missing: readonly TopicWanted[], found: ReadonlyMap<string, TopicFound>): void {
  const invisible = missing.filter(({ name }) => !found.has(name));
  if (invisible.length === 0) return;
  throw new AppError("TOPIC_REFUSED", false, `the topics ${namesOf(invisible)} can't be seen: grant Describe on them`);
}

function refuseTooSmall(topics: readonly TopicWanted[], found: ReadonlyMap<string, TopicFound>): void {
  for (const { name, partitionsMin = 0 } of topics) {
    const partitions = found.get(name)?.partitions ?? 0;
    if (partitions >= partitionsMin) continue;
    throw new AppError(
      "TOPIC_REFUSED",
      false,
      `${name} has ${counted(partitions)}, but ${partitionsMin} are expected: add partitions, lower the output's partition-count, ` +
        `or set ${BINDER}.auto-add-partitions=true`,
    );
  }
}

function tell(log: Logger, what: string, topics: readonly TopicWanted[], found: ReadonlyMap<string, TopicFound>): void {
  if (topics.length === 0) return;
  log.info(LOGGER, `${what} ${topics.map(({ name }) => `${name} with ${counted(found.get(name)?.partitions ?? 0)}`).join(", ")}`);
}

function refusalOf(error: unknown, topics: readonly TopicWanted[], brokers: readonly string[]): AppError {
  const type = protocolType(error);
  if (type === null)
    return new AppError("BROKER_UNAVAILABLE", true, `no answer from ${brokers.join(", ")}: ${describeError(error)}`, error);
  const names = namesOf(topics);
  if (type === "LEADER_NOT_AVAILABLE") {
    return new AppError("BROKER_UNAVAILABLE", true, `a partition of ${names}, or of another topic, has no leader`, error);
  }
  return new AppError("TOPIC_REFUSED", !FINAL_REFUSALS.has(type), `the broker refuses the topics ${names} (${type})`, error);
}

/** Asks for the topics until the broker that is asked knows of those that the controller has created or has added partitions to. */
async function findChanged(
  admin: Admin,
  topics: readonly TopicWanted[],
  changed: readonly TopicWanted[],
  log: Logger,
): Promise<ReadonlyMap<string, TopicFound>> {
  for (let look = 1; ; look++) {
    const found = await findTopics(admin, topics, log);
    const isKnown = changed.every(({ name, partitions }) => (found.get(name)?.partitions ?? 0) >= partitions);
    if (isKnown || look === LOOKS_MAX) return found;
    await setTimeout(LOOK_AGAIN_MS);
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
    log.debug(LOGGER, `The topics' ${BATCH_BYTES_MAX} is not known; a batch that is too large is split: ${describeError(error)}`);
    return new Map();
  }
}

function namesOf(topics: readonly TopicWanted[]): string {
  return topics.map(({ name }) => name).join(", ");
}

function counted(partitions: number): string {
  return partitions === 1 ? "1 partition" : `${partitions} partitions`;
}
