/** The consumer over a client that joins, fetches and crashes when a test wants it to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchConsumer, ConsumerOptions, FetchedBatches, FetchHandler } from "../../../hosts/dataflow/binder.ts";
import { openKafkaConsumer } from "../../../hosts/dataflow/kafka/consumer.ts";
import { batchMessages } from "../../../hosts/dataflow/kafka/fetch-codec.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { plainBytes } from "./fetched.ts";

type EachBatch = (payload: object) => Promise<void>;

/** What kafkajs was told, and levers for what it tells. */
class FakeClient {
  options: Readonly<Record<string, unknown>> = {};
  subscribed: unknown = null;
  runOptions: Readonly<Record<string, unknown>> = {};
  disconnects = 0;
  /** Whether `run` ends with a joined group, as it does when all is well. */
  joins = true;
  connectError: Error | null = null;
  readonly #listeners = new Map<string, (event: object) => void>();

  get kafka(): Kafka {
    const consumer = {
      events: { GROUP_JOIN: "group-join", CRASH: "crash" },
      on: (event: string, listener: (event: object) => void) => this.#listeners.set(event, listener),
      connect: async () => {
        if (this.connectError !== null) throw this.connectError;
        return Promise.resolve();
      },
      subscribe: async (subscription: object) => {
        this.subscribed = subscription;
        return Promise.resolve();
      },
      run: async (options: Readonly<Record<string, unknown>>) => {
        this.runOptions = options;
        if (this.joins) this.join();
        return Promise.resolve();
      },
      commitOffsets: async (offsets: object) => {
        this.commits.push(offsets);
        return Promise.resolve();
      },
      disconnect: async () => {
        this.disconnects++;
        return Promise.resolve();
      },
    };
    const client = {
      consumer: (options: Readonly<Record<string, unknown>>) => {
        this.options = options;
        return consumer;
      },
    };
    return client as unknown as Kafka;
  }

  /** Offsets that kafkajs was told to be behind. */
  readonly resolved: string[] = [];
  readonly commits: object[] = [];

  join(): void {
    this.#listeners.get("group-join")?.({});
  }

  crash(error: Error): void {
    this.#listeners.get("crash")?.({ payload: { error } });
  }

  /** Hands a fetch over as kafkajs does. */
  async fetch(records: Uint8Array, fetchedOffset: string, heartbeat: () => Promise<void> = async () => Promise.resolve()): Promise<void> {
    const messages = batchMessages(Buffer.from(records), []);
    const batch = { topic: "in", partition: 2, messages, fetchedOffset };
    const resolveOffset = (offset: string): void => {
      this.resolved.push(offset);
    };
    const commitOffsetsIfNecessary = async (offsets: object): Promise<void> => {
      this.commits.push(offsets);
      return Promise.resolve();
    };
    await (this.runOptions["eachBatch"] as EachBatch)({ batch, heartbeat, resolveOffset, commitOffsetsIfNecessary });
  }
}

const GROUP: ConsumerOptions & { readonly group: string } = { topics: ["in"], group: "group", startOffset: "earliest" };
const ignore: FetchHandler = async () => Promise.resolve();

async function open(client: FakeClient, handler = ignore, options: Partial<typeof GROUP> = {}): Promise<BatchConsumer> {
  return openKafkaConsumer(client.kafka, { ...GROUP, ...options }, handler);
}

test("a consumer reads with its group from the start, commits by itself never, and leaves restarts to the app", async () => {
  const client = new FakeClient();
  await open(client);
  assert.equal(client.options["groupId"], "group");
  assert.deepEqual(client.subscribed, { topics: ["in"], fromBeginning: true });
  assert.equal(client.runOptions["autoCommit"], false);
  const { restartOnFailure } = client.options["retry"] as { restartOnFailure: () => Promise<boolean> };
  assert.equal(await restartOnFailure(), false);
});

test("a consumer begins at the end of its topics where it is told so", async () => {
  const client = new FakeClient();
  await open(client, ignore, { startOffset: "latest" });
  assert.deepEqual(client.subscribed, { topics: ["in"], fromBeginning: false });
});

test("it is open when the group is joined, and says each time that partitions are assigned", async () => {
  const client = new FakeClient();
  client.joins = false;
  let assignments = 0;
  const opening = open(client, ignore, { onAssigned: () => assignments++ });
  await new Promise(setImmediate);
  assert.equal(assignments, 0);
  client.join();
  await opening;
  client.join();
  assert.equal(assignments, 2);
});

test("what is fetched is handed over with the offset that was asked for and the one behind the last batch", async () => {
  const client = new FakeClient();
  const seen: FetchedBatches[] = [];
  await open(client, async (fetched, heartbeat) => {
    seen.push(fetched);
    await heartbeat();
  });
  let heartbeats = 0;
  await client.fetch(plainBytes(10n, ["1", "2"]), "11", async () => {
    heartbeats++;
    return Promise.resolve();
  });
  const [fetched] = seen;
  assert.deepEqual(
    [fetched?.topic, fetched?.partition, fetched?.fetchOffset, fetched?.nextOffset, fetched?.batches.length, heartbeats],
    ["in", 2, 11n, 12n, 1, 1],
  );
  await client.fetch(new Uint8Array(), "12");
  assert.equal(seen.length, 1);
});

test("positions are committed once, in decimal, as the member of the last fetch", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  await client.fetch(plainBytes(0n, ["1"]), "0");
  await consumer.commit([{ topic: "in", partition: 2, offset: 2n ** 53n + 1n }]);
  assert.deepEqual(client.commits, [{ topics: [{ topic: "in", partitions: [{ partition: 2, offset: "9007199254740993" }] }] }]);
});

test("positions are committed also before the first fetch", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  await consumer.commit([{ topic: "in", partition: 2, offset: 7n }]);
  assert.deepEqual(client.commits, [[{ topic: "in", partition: 2, offset: "7" }]]);
});

test("kafkajs is told to go on behind what is taken, also when the heartbeat fails in the middle", async () => {
  const client = new FakeClient();
  const lost = new Error("connection closed");
  await open(client, async (_, heartbeat, taken) => {
    taken(1n);
    await heartbeat();
  });
  await client.fetch(plainBytes(0n, ["1", "2", "3"]), "0");
  assert.deepEqual(client.resolved, ["0", "2"]);
  await assert.rejects(
    client.fetch(plainBytes(3n, ["1"]), "3", async () => Promise.reject(lost)),
    lost,
  );
  assert.deepEqual(client.resolved, ["0", "2", "0"]);
});

test("an error of the handler ends the consumer with that error, and kafkajs is told not to try again", async () => {
  const client = new FakeClient();
  const cause = new Error("not routed");
  const consumer = await open(client, async () => Promise.reject(cause));
  const failed = client.fetch(plainBytes(0n, ["1"]), "0");
  await assert.rejects(failed, { code: "BINDER_CLOSED", retriable: false });
  client.crash(new Error("what kafkajs makes of it"));
  await assert.rejects(consumer.ended, cause);
});

test("an error of the heartbeat is kafkajs's own and passes through", async () => {
  const client = new FakeClient();
  const rebalance = new Error("the group is rebalancing");
  await open(client, async (_, heartbeat) => heartbeat());
  const failed = client.fetch(plainBytes(0n, ["1"]), "0", async () => Promise.reject(rebalance));
  await assert.rejects(failed, rebalance);
});

test("a crash ends the consumer with its error", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  client.crash(new Error("broker away"));
  await assert.rejects(consumer.ended, /broker away/u);
});

test("a consumer that can't connect, or crashes before it has joined, is disconnected again", async () => {
  const away = new FakeClient();
  away.connectError = new Error("refused");
  await assert.rejects(open(away), /refused/u);
  const crashing = new FakeClient();
  crashing.joins = false;
  const opening = open(crashing);
  await new Promise(setImmediate);
  crashing.crash(new Error("no coordinator"));
  await assert.rejects(opening, /no coordinator/u);
  assert.deepEqual([away.disconnects, crashing.disconnects], [1, 1]);
});

test("closing disconnects, and then the consumer has ended", async () => {
  const client = new FakeClient();
  const consumer = await open(client);
  await consumer.close();
  await consumer.ended;
  assert.equal(client.disconnects, 1);
});
