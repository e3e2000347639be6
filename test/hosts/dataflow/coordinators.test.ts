/** Which brokers are asked for coordinators, over a cluster whose answers are the test's to give. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { rememberCoordinators } from "../../../hosts/dataflow/kafka/coordinators.ts";
import type { ClusterCalls, CoordinatorCalls, KnownBroker } from "../../../hosts/dataflow/kafka/kafkajs.ts";

const TRANSACTION = { groupId: "router-1", coordinatorType: 1 };
const GROUP = { groupId: "group", coordinatorType: 0 };
/** Of a group's member, as kafkajs asks. */
const MEMBER = { groupId: "group" };
const PRODUCER = { transactionalId: "router-1", producerId: "5", producerEpoch: 3 };

/** One client of a cluster of three, and the calls as the lane changes them. */
class Client {
  /** What the brokers were asked, a name each. */
  readonly asked: string[] = [];
  /** Who coordinates what the brokers are asked for next. */
  coordinator = "1";
  /** What a coordinator answers next, or null for good news. */
  error: Error | null = null;
  readonly brokers: Record<string, KnownBroker> = { 1: { nodeId: "1" }, 2: { nodeId: "2" }, 3: { nodeId: "3" } };
  readonly #clusters: Pick<ClusterCalls, "findGroupCoordinator">;
  readonly #calls: CoordinatorCalls;

  constructor() {
    this.#clusters = {
      findGroupCoordinator: async ({ groupId }) => {
        this.asked.push(groupId);
        return this.findBroker({ nodeId: this.coordinator });
      },
    };
    const answer = async (): Promise<void> => {
      if (this.error !== null) throw this.error;
      return Promise.resolve();
    };
    this.#calls = {
      addOffsetsToTxn: answer,
      addPartitionsToTxn: answer,
      endTxn: answer,
      initProducerId: answer,
      txnOffsetCommit: answer,
    };
    rememberCoordinators(this.#clusters, this.#calls);
  }

  async findBroker({ nodeId }: { readonly nodeId: string }): Promise<KnownBroker> {
    const broker = this.brokers[nodeId];
    if (broker === undefined) throw new Error(`no broker ${nodeId}`);
    return Promise.resolve(broker);
  }

  async find(sought: typeof MEMBER): Promise<string> {
    return (await this.#clusters.findGroupCoordinator.call(this, sought)).nodeId;
  }

  async fail(request: keyof CoordinatorCalls, nodeId: string, type: string): Promise<void> {
    this.error = Object.assign(new Error(type), { type });
    await assert.rejects(this.#calls[request].call(this.brokers[nodeId] ?? {}, { ...PRODUCER, topics: [], groupId: "group" }), this.error);
    this.error = null;
  }
}

test("a producer with transactions asks once who coordinates them, and once for its group", async () => {
  const client = new Client();
  for (let transaction = 0; transaction < 3; transaction++) {
    assert.equal(await client.find(TRANSACTION), "1");
    assert.equal(await client.find(GROUP), "1");
  }
  assert.deepEqual(client.asked, ["router-1", "group"]);
});

test("a client without transactions asks each time", async () => {
  const client = new Client();
  assert.equal(await client.find(MEMBER), "1");
  client.coordinator = "2";
  assert.equal(await client.find(MEMBER), "2");
  assert.deepEqual(client.asked, ["group", "group"]);
});

for (const request of ["addOffsetsToTxn", "addPartitionsToTxn", "endTxn", "initProducerId", "txnOffsetCommit"] as const) {
  test(`a coordinator that has failed ${request} is asked for again, by all who know it`, async () => {
    const client = new Client();
    await client.find(TRANSACTION);
    await client.find(GROUP);
    await client.fail(request, "1", "NOT_COORDINATOR_FOR_GROUP");
    client.coordinator = "2";
    assert.equal(await client.find(TRANSACTION), "2");
    assert.equal(await client.find(GROUP), "2");
    assert.equal(await client.find(TRANSACTION), "2");
    assert.deepEqual(client.asked, ["router-1", "group", "router-1", "group"]);
  });
}

test("the failure of another broker, and a coordinator that is busy, change nothing", async () => {
  const client = new Client();
  await client.find(TRANSACTION);
  await client.fail("txnOffsetCommit", "2", "NOT_COORDINATOR_FOR_GROUP");
  await client.fail("addPartitionsToTxn", "1", "CONCURRENT_TRANSACTIONS");
  assert.equal(await client.find(TRANSACTION), "1");
  assert.deepEqual(client.asked, ["router-1"]);
});

test("a coordinator that can't be reached, or has another address, is asked for again", async () => {
  const client = new Client();
  await client.find(TRANSACTION);
  client.brokers["1"] = { nodeId: "1" };
  assert.equal(await client.find(TRANSACTION), "1");
  delete client.brokers["1"];
  client.coordinator = "3";
  assert.equal(await client.find(TRANSACTION), "3");
  assert.deepEqual(client.asked, ["router-1", "router-1", "router-1"]);
});

test("a coordinator that was not found is asked for again", async () => {
  const client = new Client();
  client.coordinator = "4";
  await assert.rejects(client.find(TRANSACTION), /no broker 4/u);
  client.coordinator = "2";
  assert.equal(await client.find(TRANSACTION), "2");
});
