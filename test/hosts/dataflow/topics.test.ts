/** Topics over an administrator of brokers that a test has in its hands. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { TopicFound, TopicWanted } from "../../../hosts/dataflow/binder.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { provisionTopics, type ProvisionOptions } from "../../../hosts/dataflow/kafka/topics.ts";
import { createMemoryLog } from "./memory-log.ts";

interface Asked {
  readonly topic: string;
  readonly numPartitions: number;
  readonly replicationFactor: number;
  readonly configEntries: readonly { readonly name: string; readonly value: string }[];
}

const INVALID_PARTITIONS = Object.assign(new Error("Number of partitions is invalid"), { type: "INVALID_PARTITIONS" });

/** Brokers that have some topics, and what was asked of them. */
class FakeAdmin {
  readonly partitions: Map<string, number>;
  readonly created: Asked[] = [];
  readonly added: object[] = [];
  /** How often a broker is asked before it has heard of what the controller has done. */
  looksUntilKnown = 0;
  /** What another instance does to the topics just before this one adds partitions. */
  beforeAdding = (): void => {};
  disconnects = 0;
  #known: Map<string, number>;

  constructor(partitions: Readonly<Record<string, number>>) {
    this.partitions = new Map(Object.entries(partitions));
    this.#known = new Map(this.partitions);
  }

  get kafka(): Kafka {
    const admin = {
      connect: async () => Promise.resolve(),
      disconnect: async () => {
        this.disconnects++;
        return Promise.resolve();
      },
      listTopics: async () => {
        if (this.looksUntilKnown-- <= 0) this.#known = new Map(this.partitions);
        return Promise.resolve([...this.#known.keys()]);
      },
      fetchTopicMetadata: async ({ topics }: { topics: readonly string[] }) =>
        Promise.resolve({
          topics: topics.map((name) => ({ name, partitions: Array.from({ length: this.#known.get(name) ?? 0 }, () => ({})) })),
        }),
      describeConfigs: async () => Promise.resolve({ resources: [] }),
      createTopics: async ({ topics }: { topics: readonly Asked[] }) => {
        this.created.push(...topics);
        for (const { topic, numPartitions } of topics) this.partitions.set(topic, numPartitions);
        return Promise.resolve(true);
      },
      createPartitions: async ({ topicPartitions }: { topicPartitions: readonly { topic: string; count: number }[] }) => {
        this.beforeAdding();
        this.added.push(...topicPartitions);
        if (topicPartitions.some(({ topic, count }) => count <= (this.partitions.get(topic) ?? 0))) throw INVALID_PARTITIONS;
        for (const { topic, count } of topicPartitions) this.partitions.set(topic, count);
        return Promise.resolve();
      },
    };
    return { admin: () => admin } as unknown as Kafka;
  }
}

const log = createMemoryLog();
const OPTIONS: ProvisionOptions = { autoCreate: true, autoAddPartitions: false, brokers: ["b:1"], log };

async function provision(
  admin: FakeAdmin,
  topics: readonly TopicWanted[],
  options: Partial<ProvisionOptions> = {},
): Promise<ReadonlyMap<string, TopicFound>> {
  return provisionTopics(admin.kafka, { ...OPTIONS, ...options }, topics);
}

test("a topic is created with the partitions, replicas and properties that are wanted, and one that is there is left alone", async () => {
  const admin = new FakeAdmin({ there: 2 });
  const found = await provision(admin, [
    { name: "there", partitions: 6, replicationFactor: 3, properties: { "retention.ms": "1" } },
    { name: "new", partitions: 4, replicationFactor: 3, properties: { "retention.ms": "1000" } },
    { name: "plain", partitions: 1 },
  ]);
  assert.deepEqual(admin.created, [
    { topic: "new", numPartitions: 4, replicationFactor: 3, configEntries: [{ name: "retention.ms", value: "1000" }] },
    { topic: "plain", numPartitions: 1, replicationFactor: -1, configEntries: [] },
  ]);
  assert.deepEqual(admin.added, []);
  assert.deepEqual(
    [...found].map(([name, { partitions }]) => [name, partitions]),
    [
      ["there", 2],
      ["new", 4],
      ["plain", 1],
    ],
  );
  assert.equal(admin.disconnects, 1);
});

test("without auto-create-topics the topics that are missing are named, all of them, and nothing is created", async () => {
  const admin = new FakeAdmin({ there: 1 });
  const topics = ["there", "one", "two"].map((name) => ({ name, partitions: 1 }));
  await assert.rejects(provision(admin, topics, { autoCreate: false, autoAddPartitions: true }), {
    code: "TOPIC_MISSING",
    retriable: false,
    message:
      /: one, two; create them, or set spring\.cloud\.stream\.kafka\.binder\.auto-create-topics=true; if they are there, grant Describe on them$/u,
  });
  assert.deepEqual(admin.created, []);
  assert.equal(admin.disconnects, 1);
});

test("with auto-add-partitions a topic gets the partitions that it lacks, and a broker has the time to hear of them", async () => {
  const admin = new FakeAdmin({ small: 2, large: 9 });
  admin.looksUntilKnown = 3;
  const topics = ["small", "large"].map((name) => ({ name, partitions: 4 }));
  const found = await provision(admin, topics, { autoAddPartitions: true });
  assert.deepEqual(admin.added, [{ topic: "small", count: 4 }]);
  assert.deepEqual([found.get("small")?.partitions, found.get("large")?.partitions], [4, 9]);
});

test("partitions that another instance adds first are a reason to look again, not to end the app", async () => {
  const admin = new FakeAdmin({ small: 2 });
  admin.beforeAdding = () => admin.partitions.set("small", 4);
  const topics = [{ name: "small", partitions: 4 }];
  await assert.rejects(provision(admin, topics, { autoAddPartitions: true }), { code: "TOPIC_REFUSED", retriable: true });
  assert.equal((await provision(admin, topics, { autoAddPartitions: true })).get("small")?.partitions, 4);
});

test("a broker has the time to hear of a topic that was created, by this instance or by another one", async () => {
  const admin = new FakeAdmin({});
  admin.looksUntilKnown = 3;
  assert.equal((await provision(admin, [{ name: "new", partitions: 4 }])).get("new")?.partitions, 4);
});

test("partitions are not added where topics are not created", async () => {
  const admin = new FakeAdmin({ small: 2 });
  await provision(admin, [{ name: "small", partitions: 4 }], { autoCreate: false, autoAddPartitions: true });
  assert.deepEqual(admin.added, []);
});

test("a topic with fewer partitions than it must have is refused, with what to do", async () => {
  const admin = new FakeAdmin({ small: 2 });
  const wanted = [{ name: "small", partitions: 4, partitionsMin: 3 }];
  await assert.rejects(provision(admin, wanted), {
    code: "TOPIC_REFUSED",
    retriable: false,
    message: /^small has 2 partitions, but 3 are expected: .*auto-add-partitions=true$/u,
  });
  assert.equal((await provision(admin, wanted, { autoAddPartitions: true })).get("small")?.partitions, 4);
});
