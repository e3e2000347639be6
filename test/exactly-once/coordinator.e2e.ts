/**
 * What the simulation of exactly once stands on: the broker in memory and a real one are asked the same, and give the same answers in the same order.
 */
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import type { TestContext } from "node:test";
import { installLane } from "../../hosts/dataflow/kafka/lane.ts";
import { Router } from "../../hosts/embed.ts";
import { useBroker } from "../broker/use-broker.ts";
import { coreModule } from "../core-module.ts";
import { COORDINATOR_RULES } from "./coordinator-rules.ts";
import { Steps, type Coordinator, type CoordinatorNode } from "./coordinator.ts";
import { memoryCoordinator } from "./memory-coordinator.ts";

const PARTITIONS = 2;
/** Of kafkajs's coordinators. */
const [OF_GROUPS, OF_TRANSACTIONS] = [0, 1];
/** Of a reader's requests. */
const [UNCOMMITTED, COMMITTED] = [0, 1];
const LATEST = -1;
const REQUEST_TIMEOUT_MS = 10_000;

interface Offsets {
  readonly responses: readonly { readonly partitions: readonly { readonly offset: string }[] }[];
}

/** One of kafkajs's brokers, as far as the coordinator's part does not have it. */
interface Node extends CoordinatorNode {
  readonly connectionPool: { send(request: unknown): Promise<never> };
  lookupRequest(apiKey: number | undefined, api: unknown): (options: object) => unknown;
  joinGroup(request: object): Promise<{ readonly memberId: string; readonly generationId: number }>;
  syncGroup(request: object): Promise<unknown>;
  offsetFetch(request: object): Promise<Offsets>;
  listOffsets(request: object): Promise<Offsets>;
}

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  findGroupCoordinator(wanted: object): Promise<Node>;
}

const load = createRequire(import.meta.url);
const KafkajsCluster = load("kafkajs/src/cluster") as new (options: object) => Cluster;
const { createLogger } = load("kafkajs/src/loggers") as { createLogger: (options: object) => object };
const socketFactory = (load("kafkajs/src/network/socketFactory") as () => unknown)();

const apiKeys = load("kafkajs/src/protocol/requests/apiKeys") as Readonly<Record<string, number>>;
const { requests } = load("kafkajs/src/protocol/requests") as { requests: Readonly<Record<string, unknown>> };

/** Opens a producer, or not: the lane would ask until it can. */
const askOnce =
  (node: Node): CoordinatorNode["initProducerId"] =>
  async (request) =>
    node.connectionPool.send(node.lookupRequest(apiKeys["InitProducerId"], requests["InitProducerId"])(request));

const broker = await useBroker({
  // A transaction that takes too long is soon found out.
  properties: { "transaction.abort.timed.out.transaction.cleanup.interval.ms": 200, "group.initial.rebalance.delay.ms": 0 },
});

/** Returns the real broker, with a topic that is `name`. */
async function realCoordinator(context: TestContext, name: string): Promise<Coordinator> {
  const stamper = new Router(coreModule());
  installLane((batch, stamp) => {
    stamper.stampProducer(batch, stamp);
  });
  const cluster = new KafkajsCluster({
    brokers: [broker.cluster.bootstrap],
    clientId: "test",
    logger: createLogger({ level: 0, logCreator: () => () => {} }),
    socketFactory,
    connectionTimeout: REQUEST_TIMEOUT_MS,
    requestTimeout: REQUEST_TIMEOUT_MS,
    enforceRequestTimeout: true,
    metadataMaxAge: REQUEST_TIMEOUT_MS,
    retry: { initialRetryTime: 50, retries: 20 },
  });
  await cluster.connect();
  context.after(async () => cluster.disconnect());
  const [topic, group] = [name, name];
  await broker.topics.create(topic, PARTITIONS);
  // There is one broker, and it has all the parts; but each of them is to be found once, so that it has been made.
  const node = await cluster.findGroupCoordinator({ groupId: name, coordinatorType: OF_TRANSACTIONS });
  await cluster.findGroupCoordinator({ groupId: group, coordinatorType: OF_GROUPS });
  let memberId = "";
  const endFor = async (partition: number, isolationLevel: number): Promise<bigint> => {
    const partitions = [{ partition, timestamp: LATEST }];
    const { responses } = await node.listOffsets({ replicaId: -1, isolationLevel, topics: [{ topic, partitions }] });
    return BigInt(responses[0]?.partitions[0]?.offset ?? -1);
  };
  return {
    node: Object.assign(Object.create(node) as Node, { initProducerId: askOnce(node) }),
    topic,
    group,
    name,
    patienceMs: 20_000,
    join: async () => {
      const groupProtocols = [{ name: "protocol", metadata: Buffer.alloc(0) }];
      const joined = await node.joinGroup({
        groupId: group,
        sessionTimeout: 30_000,
        rebalanceTimeout: 30_000,
        memberId,
        groupProtocols,
      });
      ({ memberId } = joined);
      const generation = joined.generationId;
      await node.syncGroup({ groupId: group, generationId: generation, memberId, groupAssignment: [] });
      return { group, memberId, generation };
    },
    committed: async () => {
      const { responses } = await node.offsetFetch({ groupId: group, topics: [{ topic, partitions: [{ partition: 0 }] }] });
      return BigInt(responses[0]?.partitions[0]?.offset ?? -1);
    },
    ends: async (partition) => ({ stable: await endFor(partition, COMMITTED), end: await endFor(partition, UNCOMMITTED) }),
  };
}

for (const [index, { name, steps: take, answers }] of COORDINATOR_RULES.entries()) {
  broker.test(name, async (context) => {
    const real = new Steps(await realCoordinator(context, `rule-${index}`));
    const inMemory = new Steps(await memoryCoordinator());
    await take(real);
    await take(inMemory);
    assert.deepEqual({ real: real.answers, inMemory: inMemory.answers }, { real: answers, inMemory: answers });
  });
}
