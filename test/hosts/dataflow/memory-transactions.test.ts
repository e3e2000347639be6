/** Transactions of the binder in memory; what its broker answers to single requests is in `test/exactly-once/coordinator.test.ts`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchProducer, Binder, FetchedBatches, Position, Transaction } from "../../../hosts/dataflow/binder.ts";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { MemoryBroker } from "../../../hosts/dataflow/memory-binder.ts";
import { plainBytes, valuesOf } from "./fetched.ts";

const NOBODY = { group: "group", memberId: "", generation: -1 };
const READING = {
  topics: ["out"],
  group: "readers",
  startOffset: "earliest",
  resetOffsets: false,
  isolationLevel: "read_committed",
  offsetOutOfRange: "reset",
  instance: null,
} as const;

interface Ground {
  readonly broker: MemoryBroker;
  readonly binder: Binder;
  readonly producer: BatchProducer;
  readonly transaction: Transaction;
}

/** A broker with the topics `in` and `out`, and a producer with transactions. */
async function ground(): Promise<Ground> {
  const broker = new MemoryBroker();
  const binder = broker.binder(systemClock, "router");
  await binder.provision(["in", "out"].map((name) => ({ name, partitions: 1 })));
  return { broker, binder, ...(await openProducer(binder)) };
}

async function openProducer(binder: Binder): Promise<Pick<Ground, "producer" | "transaction">> {
  const producer = await binder.openProducer();
  assert.ok(producer.transaction !== undefined);
  return { producer, transaction: producer.transaction };
}

/** Resolves when all have heard that the last transaction has ended, the records and the positions one after the other: no new producer comes before. */
async function untilEnded(binder: Binder): Promise<void> {
  await openProducer(binder);
}

function at(offset: bigint): Position {
  return { topic: "in", partition: 0, offset };
}

/** Reads `out` until there are as many fetches with records. */
async function readUntil(broker: MemoryBroker, count: number, changes: object = {}): Promise<readonly string[]> {
  const fetched: FetchedBatches[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const consumer = await broker.binder(systemClock).openConsumer({ ...READING, ...changes }, async (one) => {
    fetched.push(one);
    if (visible(fetched).length >= count) resolve();
    return Promise.resolve();
  });
  await promise;
  await consumer.close();
  return visible(fetched).flat();
}

function visible(fetched: readonly FetchedBatches[]): readonly (readonly string[])[] {
  return fetched.flatMap(({ batches }) => batches.filter((one) => one.visible).map(({ bytes }) => valuesOf(bytes).map(String)));
}

test("readers of committed records get a transaction's when it is committed, and its positions count from then on", async () => {
  const { broker, binder, producer, transaction } = await ground();
  assert.equal(transaction.isEmpty, true);
  await producer.produce("out", 0, plainBytes(0n, ["1", "2"]));
  assert.equal(transaction.isEmpty, false);
  assert.deepEqual(await readUntil(broker, 1, { isolationLevel: "read_uncommitted", group: "others" }), ["1", "2"]);
  assert.deepEqual(broker.log("out", 0).read(0n), []);
  assert.equal(broker.committedOffset("group", "in", 0), null);
  await transaction.commit([at(7n)], NOBODY);
  assert.equal(transaction.isEmpty, true);
  assert.deepEqual(await readUntil(broker, 1), ["1", "2"]);
  await untilEnded(binder);
  assert.equal(broker.committedOffset("group", "in", 0), 7n);
});

test("a producer that is closed aborts what it has begun; the next one's records follow", async () => {
  const { broker, binder, producer } = await ground();
  await producer.produce("out", 0, plainBytes(0n, ["1"]));
  await producer.close();
  const next = await openProducer(binder);
  await next.producer.produce("out", 0, plainBytes(0n, ["2"]));
  await next.transaction.commit([at(1n)], NOBODY);
  assert.deepEqual(await readUntil(broker, 1), ["2"]);
  await assert.rejects(producer.produce("out", 0, plainBytes(0n, ["3"])), { code: "BINDER_CLOSED" });
});

test("a producer ends those before it, with what they have begun", async () => {
  const { broker, binder, producer, transaction } = await ground();
  await producer.produce("out", 0, plainBytes(0n, ["1"]));
  const next = await openProducer(binder);
  await assert.rejects(producer.produce("out", 0, plainBytes(0n, ["2"])), { type: "INVALID_PRODUCER_EPOCH" });
  await assert.rejects(transaction.commit([at(1n)], NOBODY), { type: "INVALID_PRODUCER_EPOCH" });
  await next.producer.produce("out", 0, plainBytes(0n, ["3"]));
  await next.transaction.commit([at(3n)], NOBODY);
  assert.deepEqual(await readUntil(broker, 1), ["3"]);
  await untilEnded(binder);
  assert.equal(broker.committedOffset("group", "in", 0), 3n);
});

test("a consumer commits in a transaction as the member that it is", async () => {
  const { broker, binder, producer, transaction } = await ground();
  const consumer = await binder.openConsumer({ ...READING, topics: ["in"], group: "group" }, async () => Promise.resolve());
  await producer.produce("out", 0, plainBytes(0n, ["1"]));
  await assert.rejects(transaction.commit([at(1n)], { group: "group", memberId: "1", generation: 0 }), { type: "ILLEGAL_GENERATION" });
  await consumer.commit([at(1n)], transaction);
  await consumer.close();
  await untilEnded(binder);
  assert.equal(broker.committedOffset("group", "in", 0), 1n);
});

test("a consumer begins when no open transaction has positions of its partitions", async () => {
  const { broker, binder } = await ground();
  for (const value of ["1", "2", "3"]) broker.append("in", 0, plainBytes(0n, [value]));
  const identity = broker.transactions.initProducer("other", 60_000);
  broker.transactions.add(identity, [broker.group("group")]);
  broker.commitInTransaction(identity, NOBODY, [at(2n)]);
  const first = Promise.withResolvers<bigint>();
  const opening = binder.openConsumer({ ...READING, topics: ["in"], group: "group", beginsAtCommitted: true }, async (fetched) => {
    first.resolve(fetched.fetchOffset);
    return Promise.resolve();
  });
  assert.equal(await Promise.race([opening.then(() => "open"), systemClock.turn().then(() => "waiting")]), "waiting");
  broker.transactions.end(identity, true);
  const consumer = await opening;
  assert.equal(await first.promise, 2n);
  await consumer.close();
});

test("a consumer settles what it has before it joins again, and then begins at what is committed", async () => {
  const { broker, binder } = await ground();
  for (const value of ["1", "2", "3"]) broker.append("in", 0, plainBytes(0n, [value]));
  const fetches: bigint[] = [];
  const { promise: again, resolve } = Promise.withResolvers<void>();
  let revoked = 0;
  const consumer = await binder.openConsumer(
    {
      ...READING,
      topics: ["in"],
      group: "group",
      beginsAtCommitted: true,
      onRevoking: async () => {
        revoked++;
        await consumer.commit([at(1n)]);
      },
    },
    async ({ fetchOffset }) => {
      fetches.push(fetchOffset);
      if (fetches.length === 2) resolve();
      return Promise.resolve();
    },
  );
  const other = await binder.openConsumer({ ...READING, topics: ["out"], group: "group" }, async () => Promise.resolve());
  await again;
  assert.deepEqual([revoked, fetches], [1, [0n, 1n]]);
  await consumer.close();
  await other.close();
});
