/** Topics and offsets of the broker under test, by a client of kafkajs's own. */
import assert from "node:assert/strict";
import { Kafka, Partitioners, logLevel, type Admin } from "kafkajs";
import { TOPIC_RESOURCE } from "../../hosts/dataflow/kafka/kafkajs.ts";

const POLL_MS = 50;
const WAIT_TIMEOUT_MS = 60_000;

export interface Topics extends AsyncDisposable {
  /** Creates a topic. Its segments do not roll: old records and control markers of today would be years apart, and a fetch ends at a segment's end. */
  create(topic: string, partitions: number, config?: Readonly<Record<string, string>>): Promise<void>;
  /** The number of partitions, or null for a topic that is missing. */
  partitionCount(topic: string): Promise<number | null>;
  /** Offset behind the last record of each partition, in the order of the partitions. */
  endOffsets(topic: string): Promise<readonly number[]>;
  /** What a group has committed of each partition, in the order of the partitions; -1 for nothing. */
  committed(group: string, topic: string): Promise<readonly number[]>;
  /** Writes one record for each of the values to a partition. */
  write(topic: string, partition: number, values: readonly string[]): Promise<void>;
  /** Deletes the records of a partition below an offset. */
  deleteBefore(topic: string, partition: number, offset: number): Promise<void>;
  /** Deletes a topic and awaits that it is gone. */
  remove(topic: string): Promise<void>;
  addPartitions(topic: string, count: number): Promise<void>;
  configure(topic: string, config: Readonly<Record<string, string>>): Promise<void>;
  /** The value of one of a topic's properties. */
  configured(topic: string, property: string): Promise<string | undefined>;
  /** The members of a group, by their ids. */
  members(group: string): Promise<readonly string[]>;
  /** Awaits that a group has committed all that a topic has. */
  untilCommitted(group: string, topic: string): Promise<void>;
  /** Awaits that a topic has more records than this, in all of its partitions together. */
  untilMoreThan(count: number, topic: string): Promise<void>;
}

/** Connects to a broker. */
export async function openTopics(bootstrap: string): Promise<Topics> {
  const kafka = new Kafka({ clientId: "test", brokers: bootstrap.split(","), logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  await admin.connect();
  const endOffsets = async (topic: string): Promise<readonly number[]> => inOrder(await admin.fetchTopicOffsets(topic));
  const committed = async (group: string, topic: string): Promise<readonly number[]> => {
    const answers = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return inOrder(answers.flatMap(({ partitions }) => partitions));
  };
  return {
    create: async (topic, partitions, config = {}) => {
      const configEntries = Object.entries({ "segment.ms": String(Number.MAX_SAFE_INTEGER), ...config });
      await admin.createTopics({
        // kafkajs gives up when the broker that it asks has not heard of the topic yet.
        waitForLeaders: false,
        topics: [{ topic, numPartitions: partitions, configEntries: configEntries.map(([name, value]) => ({ name, value })) }],
      });
      // A leader that does not have its log yet refuses what is written there, and kafkajs then sends again what the others have taken.
      await until(`${topic} can be written to`, async () => (await endOffsets(topic)).length === partitions);
    },
    write: async (topic, partition, values) => {
      // A producer that knows the topic longer than a partition of it leaves the records out and says nothing.
      const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await producer.connect();
      await producer.send({ topic, messages: values.map((value) => ({ value, partition })) });
      await producer.disconnect();
    },
    members: async (group) => {
      const { groups } = await admin.describeGroups([group]);
      return groups.flatMap(({ members }) => members.map(({ memberId }) => memberId));
    },
    deleteBefore: async (topic, partition, offset) => {
      await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
    },
    remove: async (topic) => {
      await admin.deleteTopics({ topics: [topic] });
      await until(`${topic} is gone`, async () => !(await admin.listTopics()).includes(topic));
    },
    addPartitions: async (topic, count) => {
      await admin.createPartitions({ topicPartitions: [{ topic, count }] });
    },
    configure: async (topic, config) => {
      const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }));
      await admin.alterConfigs({ validateOnly: false, resources: [{ type: TOPIC_RESOURCE, name: topic, configEntries }] });
    },
    configured: async (topic, property) => {
      const resources = [{ type: TOPIC_RESOURCE, name: topic, configNames: [property] }];
      const described = await admin.describeConfigs({ resources, includeSynonyms: false });
      return described.resources[0]?.configEntries[0]?.configValue;
    },
    partitionCount: async (topic) => partitionCount(admin, topic),
    endOffsets,
    committed,
    untilCommitted: async (group, topic) =>
      until(`group ${group} has committed all of ${topic}`, async () => {
        const [ends, offsets] = await Promise.all([endOffsets(topic), committed(group, topic)]);
        // Of a partition without a record nothing is ever committed.
        return ends.every((end, partition) => Math.max(0, offsets[partition] ?? 0) >= end);
      }),
    untilMoreThan: async (count, topic) =>
      until(`${topic} has more than ${count} records`, async () => (await endOffsets(topic)).reduce((sum, end) => sum + end, 0) > count),
    [Symbol.asyncDispose]: async () => admin.disconnect(),
  };
}

function inOrder(partitions: readonly { readonly partition: number; readonly offset: string }[]): readonly number[] {
  return partitions.toSorted((left, right) => left.partition - right.partition).map(({ offset }) => Number(offset));
}

async function partitionCount(admin: Admin, topic: string): Promise<number | null> {
  if (!(await admin.listTopics()).includes(topic)) return null;
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  return topics[0]?.partitions.length ?? null;
}

/** Polls until the condition holds. A broker that is not there at the moment does not end the wait. */
export async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + WAIT_TIMEOUT_MS;
  for (;;) {
    if (await holds().catch(() => false)) return;
    assert.ok(performance.now() < deadline, `not within ${WAIT_TIMEOUT_MS / 1000} s: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
