/** Where partitions begin, over the life of one binder. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Position } from "../../../hosts/dataflow/binder.ts";
import { createBeginnings, type Beginnings, type Subscription } from "../../../hosts/dataflow/kafka/beginnings.ts";
import type { Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";

/** A cluster with one topic. */
class FakeCluster {
  /** First and next offset of each partition. */
  ranges: readonly (readonly [number, number])[] = [
    [10, 20],
    [0, 5],
  ];
  /** What the group has committed. */
  committed = new Map<number, number>();
  asked = 0;
  error: Error | null = null;

  get beginnings(): Beginnings {
    const admin = {
      connect: async () => Promise.resolve(),
      disconnect: async () => Promise.resolve(),
      fetchOffsets: async () => {
        this.asked++;
        if (this.error !== null) throw this.error;
        const partitions = this.ranges.map((_, partition) => ({ partition, offset: String(this.committed.get(partition) ?? -1) }));
        return Promise.resolve([{ topic: "in", partitions }]);
      },
      fetchTopicOffsets: async () =>
        Promise.resolve(this.ranges.map(([low, high], partition) => ({ partition, low: String(low), high: String(high) }))),
    };
    return createBeginnings({ admin: () => admin } as unknown as Kafka);
  }
}

const LATEST: Subscription = { group: "group", topics: ["in"], startOffset: "latest", resetOffsets: false };
const at = (partition: number, offset: bigint): Position => ({ topic: "in", partition, offset });

test("a group that begins at the earliest record is left to kafkajs, and nothing is asked", async () => {
  const cluster = new FakeCluster();
  const plan = await cluster.beginnings.plan({ ...LATEST, startOffset: "earliest" });
  assert.deepEqual([plan.among({ in: [0, 1] }), cluster.asked], [[], 0]);
});

test("a group that begins at the latest record begins where the topic ends, of what it has not committed and is assigned", async () => {
  const cluster = new FakeCluster();
  cluster.committed.set(1, 3);
  const plan = await cluster.beginnings.plan(LATEST);
  assert.deepEqual(plan.among({ in: [0, 1] }), [at(0, 20n)]);
  assert.deepEqual(plan.among({ in: [1] }), []);
});

test("a beginning stays where it was chosen when the consumer has to be opened anew, whatever has been written meanwhile", async () => {
  const cluster = new FakeCluster();
  const { beginnings } = cluster;
  await beginnings.plan(LATEST);
  cluster.ranges = [
    [10, 90],
    [0, 80],
  ];
  assert.deepEqual((await beginnings.plan(LATEST)).among({ in: [0, 1] }), [at(0, 20n), at(1, 5n)]);
});

test("a partition that was added meanwhile begins at its first record", async () => {
  const cluster = new FakeCluster();
  const { beginnings } = cluster;
  await beginnings.plan(LATEST);
  cluster.ranges = [...cluster.ranges, [0, 7]];
  assert.deepEqual((await beginnings.plan(LATEST)).among({ in: [2] }), []);
});

test("a beginning is over once the group has committed, through this instance or another", async () => {
  const cluster = new FakeCluster();
  const { beginnings } = cluster;
  const plan = await beginnings.plan(LATEST);
  plan.committed([at(0, 21n)]);
  assert.deepEqual(plan.among({ in: [0, 1] }), [at(1, 5n)]);
  cluster.committed.set(1, 6);
  assert.deepEqual((await beginnings.plan(LATEST)).among({ in: [0, 1] }), []);
});

test("reset-offsets begins anew whatever is committed, once in the life of the app", async () => {
  for (const [startOffset, wanted] of [
    ["earliest", [at(0, 10n), at(1, 0n)]],
    ["latest", [at(0, 20n), at(1, 5n)]],
  ] as const) {
    const cluster = new FakeCluster();
    const { beginnings } = cluster;
    cluster.committed.set(0, 15).set(1, 2);
    const reset = { ...LATEST, startOffset, resetOffsets: true };
    const plan = await beginnings.plan(reset);
    assert.deepEqual(plan.among({ in: [0, 1] }), wanted);
    // The consumer failed before this was committed: it still holds.
    assert.deepEqual((await beginnings.plan(reset)).among({ in: [0, 1] }), wanted);
    plan.committed(wanted);
    assert.deepEqual((await beginnings.plan(reset)).among({ in: [0, 1] }), []);
  }
});

test("groups of one binder have each their own beginnings", async () => {
  const cluster = new FakeCluster();
  const { beginnings } = cluster;
  (await beginnings.plan(LATEST)).committed([at(0, 20n), at(1, 5n)]);
  assert.deepEqual((await beginnings.plan({ ...LATEST, group: "other" })).among({ in: [0] }), [at(0, 20n)]);
});

test("a broker that does not answer is an operating error that may pass", async () => {
  const cluster = new FakeCluster();
  cluster.error = new Error("no coordinator");
  await assert.rejects(cluster.beginnings.plan(LATEST), { code: "BROKER_UNAVAILABLE", retriable: true, message: /no coordinator/u });
});
