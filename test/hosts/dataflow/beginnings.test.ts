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
  asked = 0;
  error: Error | null = null;

  get beginnings(): Beginnings {
    const admin = {
      connect: async () => Promise.resolve(),
      disconnect: async () => Promise.resolve(),
      fetchTopicOffsets: async () => {
        this.asked++;
        if (this.error !== null) throw this.error;
        return Promise.resolve(this.ranges.map(([low, high], partition) => ({ partition, low: String(low), high: String(high) })));
      },
    };
    return createBeginnings({ admin: () => admin } as unknown as Kafka);
  }
}

const LATEST: Subscription = { group: "group", topics: ["in"], startOffset: "latest", resetOffsets: false };
const at = (partition: number, offset: bigint): Position => ({ topic: "in", partition, offset });

test("a group that begins at the earliest record is left to kafkajs, and nothing is asked", async () => {
  const cluster = new FakeCluster();
  const plan = await cluster.beginnings.plan({ ...LATEST, startOffset: "earliest" });
  assert.deepEqual([plan.ofUncommitted("in", 0), plan.resets({ in: [0, 1] }), cluster.asked], [null, [], 0]);
});

test("a group that begins at the latest record begins where the topic ended at the start, however often the consumer is opened anew", async () => {
  const cluster = new FakeCluster();
  const { beginnings } = cluster;
  const first = await beginnings.plan(LATEST);
  assert.deepEqual([first.ofUncommitted("in", 0), first.ofUncommitted("in", 1), first.resets({ in: [0, 1] })], [20n, 5n, []]);
  cluster.ranges = [
    [10, 90],
    [0, 80],
    [0, 7],
  ];
  const second = await beginnings.plan(LATEST);
  assert.deepEqual([second.ofUncommitted("in", 0), second.ofUncommitted("in", 1)], [20n, 5n]);
  // One that was added meanwhile has only records that nobody has read.
  assert.equal(second.ofUncommitted("in", 2), null);
});

test("reset-offsets begins anew whatever is committed, until that is committed", async () => {
  for (const [startOffset, wanted] of [
    ["earliest", [at(0, 10n), at(1, 0n)]],
    ["latest", [at(0, 20n), at(1, 5n)]],
  ] as const) {
    const { beginnings } = new FakeCluster();
    const reset = { ...LATEST, startOffset, resetOffsets: true };
    const plan = await beginnings.plan(reset);
    assert.deepEqual(plan.resets({ in: [0, 1] }), wanted);
    // The consumer failed before this was committed: it still holds.
    assert.deepEqual((await beginnings.plan(reset)).resets({ in: [0, 1] }), wanted);
    plan.committed([at(0, 11n)]);
    assert.deepEqual((await beginnings.plan(reset)).resets({ in: [0, 1] }), wanted.slice(1));
  }
});

test("a partition that another instance had at first is not reset when it comes here one day", async () => {
  const { beginnings } = new FakeCluster();
  const plan = await beginnings.plan({ ...LATEST, resetOffsets: true });
  assert.deepEqual(plan.resets({ in: [0] }), [at(0, 20n)]);
  assert.deepEqual(plan.resets({ in: [0, 1] }), [at(0, 20n)]);
});

test("groups of one binder have each their own beginnings", async () => {
  const cluster = new FakeCluster();
  const { beginnings } = cluster;
  await beginnings.plan(LATEST);
  cluster.ranges = [[10, 30]];
  assert.equal((await beginnings.plan({ ...LATEST, group: "other" })).ofUncommitted("in", 0), 30n);
});

test("a broker that does not answer is an operating error that may pass", async () => {
  const cluster = new FakeCluster();
  cluster.error = new Error("no leader");
  await assert.rejects(cluster.beginnings.plan(LATEST), { code: "BROKER_UNAVAILABLE", retriable: true, message: /in .*no leader/u });
});

test("a partition that is not there any more has no range", async () => {
  const { beginnings } = new FakeCluster();
  assert.deepEqual(await beginnings.range("in", 1), { startOffset: 0n, endOffset: 5n });
  await assert.rejects(beginnings.range("in", 2), { code: "TOPIC_MISSING", retriable: true });
});
