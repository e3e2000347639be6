/**
 * kafkajs's own producer, with the lane, over a cluster that is simulated: the requests that it would send to brokers reach the broker in memory over
 * a network that fails. Whatever kafkajs and the lane try again, keep or forget, they do themselves.
 */
import { createRequire } from "node:module";
import type { Position } from "../../hosts/dataflow/binder.ts";
import { TRANSACTION_RETRY } from "../../hosts/dataflow/kafka/kafka-client.ts";
import { type Kafka, type Producer } from "../../hosts/dataflow/kafka/kafkajs.ts";
import { installLane } from "../../hosts/dataflow/kafka/lane.ts";
import { BatchToProduce } from "../../hosts/dataflow/kafka/produce-codec.ts";
import { memberOf, type TxnOffsetCommitOptions } from "../../hosts/dataflow/kafka/offset-codecs.ts";
import type { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import type { ProducerIdentity } from "../../hosts/dataflow/memory-transactions.ts";
import { Router } from "../../hosts/embed.ts";
import { coreModule } from "../core-module.ts";
import type { Network } from "./network.ts";

/** kafkajs locks its producer for each broker. */
const NODES = 2;

const load = createRequire(import.meta.url);
const createProducer = load("kafkajs/src/producer") as (options: object) => Producer;
const { createLogger } = load("kafkajs/src/loggers") as { createLogger: (options: object) => object };
const KafkajsBroker = load("kafkajs/src/broker") as new (options: object) => object;
const apiKeys = load("kafkajs/src/protocol/requests/apiKeys") as Readonly<Record<string, number>>;
const logger = createLogger({ level: 0, logCreator: () => () => {} });

const stamper = new Router(coreModule());
installLane((batch, stamp) => {
  stamper.stampProducer(batch, stamp);
});

/** What kafkajs was told of its producer. */
interface ProducerSettings {
  readonly retry?: object;
  readonly transactionalId?: string;
}

/** Returns a kafkajs client as far as its producers are needed. */
export function createSimulatedKafka(network: Network, broker: MemoryBroker): Kafka {
  const producer = (settings: ProducerSettings): Producer =>
    createProducer({
      ...settings,
      retry: { ...TRANSACTION_RETRY, ...settings.retry },
      logger,
      cluster: new SimulatedCluster(network, broker),
    });
  return { producer } as unknown as Kafka;
}

/** What kafkajs's producer asks of its cluster: where things are. */
class SimulatedCluster {
  readonly retry = TRANSACTION_RETRY;
  readonly #network: Network;
  readonly #broker: MemoryBroker;
  readonly #nodes: readonly object[];
  #isConnected = false;

  constructor(network: Network, broker: MemoryBroker) {
    this.#network = network;
    this.#broker = broker;
    this.#nodes = Array.from({ length: NODES }, (_, nodeId) => brokerOver(new SimulatedNode(network, broker), nodeId));
  }

  isConnected(): boolean {
    return this.#isConnected;
  }

  async connect(): Promise<void> {
    await this.#network.send("connect", () => {});
    this.#isConnected = true;
  }

  async disconnect(): Promise<void> {
    this.#isConnected = false;
    return Promise.resolve();
  }

  async refreshMetadata(): Promise<void> {}

  async refreshMetadataIfNecessary(): Promise<void> {}

  async addMultipleTargetTopics(): Promise<void> {}

  removeBroker(): void {}

  markOffsetAsCommitted(): void {}

  findTopicPartitionMetadata(topic: string): readonly unknown[] {
    return this.#broker.logs(topic);
  }

  findLeaderForPartitions(_topic: string, partitions: readonly string[]): Readonly<Record<number, readonly string[]>> {
    return Object.groupBy(partitions, (partition) => Number(partition) % NODES) as Record<number, string[]>;
  }

  async findBroker({ nodeId }: { readonly nodeId: string }): Promise<unknown> {
    return Promise.resolve(this.#nodes[Number(nodeId)]);
  }

  async findGroupCoordinator(): Promise<unknown> {
    return this.#network.send("find-coordinator", () => this.#nodes[0]);
  }
}

/** A request as kafkajs's broker has made it, and has not encoded yet. */
interface UnencodedRequest {
  readonly apiKey: number;
  readonly options: unknown;
}

/** Returns one of kafkajs's brokers, whose requests go to a simulated one. */
function brokerOver(node: SimulatedNode, nodeId: number): object {
  const calls = new Map(
    (["produce", "initProducerId", "addPartitionsToTxn", "addOffsetsToTxn", "txnOffsetCommit", "endTxn"] as const).map((name) => {
      const api = `${name[0]?.toUpperCase()}${name.slice(1)}`;
      return [apiKeys[api], async (options: unknown): Promise<unknown> => node[name](options as never)] as const;
    }),
  );
  const send = async ({ apiKey, options }: UnencodedRequest): Promise<unknown> => calls.get(apiKey)?.(options);
  const broker = new KafkajsBroker({ connectionPool: { send }, logger, nodeId });
  return Object.assign(broker, {
    lookupRequest:
      (apiKey: number) =>
      (options: unknown): UnencodedRequest => ({ apiKey, options }),
    disconnect: async () => Promise.resolve(),
  });
}

/** Who kafkajs says that it is: it has the numbers as it was given them. */
interface Identity {
  readonly transactionalId: string;
  readonly producerId: bigint;
  readonly producerEpoch: number;
}

/** What stock kafkajs says of the member: the group takes its positions whoever it is. */
const NOBODY = { memberId: "", generation: -1 };

interface ProduceRequest extends Identity {
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: string; readonly messages: unknown }[];
  }[];
}

/** What a request says, it has the broker in memory do. */
export class SimulatedNode {
  readonly #network: Pick<Network, "send">;
  readonly #broker: MemoryBroker;

  constructor(network: Pick<Network, "send">, broker: MemoryBroker) {
    this.#network = network;
    this.#broker = broker;
  }

  async initProducerId(request: { readonly transactionalId: string; readonly transactionTimeout: number }): Promise<ProducerIdentity> {
    return this.#network.send("init-producer", () =>
      this.#broker.transactions.initProducer(request.transactionalId, request.transactionTimeout),
    );
  }

  async addPartitionsToTxn(
    request: Identity & { readonly topics: readonly { topic: string; partitions: readonly string[] }[] },
  ): Promise<void> {
    return this.#network.send("add-partitions", () => {
      const logs = request.topics.flatMap(({ topic, partitions }) =>
        partitions.map((partition) => this.#broker.log(topic, Number(partition))),
      );
      this.#broker.transactions.add(request, logs);
    });
  }

  async produce(request: ProduceRequest): Promise<unknown> {
    return this.#network.send("produce-in-transaction", () => {
      const topics = request.topicData.map(({ topic, partitions }) => ({
        topicName: topic,
        partitions: partitions.map(({ partition, messages }) => {
          if (!(messages instanceof BatchToProduce)) throw new TypeError("only finished batches are produced");
          this.#broker.appendInTransaction(request, topic, Number(partition), messages.bytes, messages.baseSequence);
          return { partition: Number(partition), errorCode: 0 };
        }),
      }));
      return { topics };
    });
  }

  async addOffsetsToTxn(request: Identity & { readonly groupId: string }): Promise<void> {
    return this.#network.send("add-offsets", () => {
      this.#broker.transactions.add(request, [this.#broker.group(request.groupId)]);
    });
  }

  async txnOffsetCommit(request: Identity & Pick<TxnOffsetCommitOptions, "groupId" | "topics">): Promise<void> {
    const member = memberOf(request.topics) ?? { group: request.groupId, ...NOBODY };
    const positions = request.topics.flatMap(({ topic, partitions }): Position[] =>
      partitions.map(({ partition, offset }) => ({ topic, partition, offset: BigInt(offset) })),
    );
    return this.#network.send("send-offsets", () => {
      this.#broker.commitInTransaction(request, member, positions);
    });
  }

  async endTxn(request: Identity & { readonly transactionResult: boolean }): Promise<void> {
    return this.#network.send("end-transaction", () => {
      this.#broker.transactions.end(request, request.transactionResult);
    });
  }
}
