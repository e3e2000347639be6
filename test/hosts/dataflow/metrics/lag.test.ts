import assert from "node:assert/strict";
import { test } from "node:test";
import type { PartitionProgress } from "../../../../hosts/dataflow/binder.ts";
import { createLag } from "../../../../hosts/dataflow/metrics/lag.ts";

function reached(partition: number, position: bigint, endOffset: bigint, topic = "in"): PartitionProgress {
  return { topic, partition, position, endOffset };
}

test("the lag is what lies between the committed positions and the ends of the log, over all partitions of the topic", () => {
  const lag = createLag();
  lag.committed([
    { topic: "in", partition: 0, offset: 5n },
    { topic: "in", partition: 1, offset: 7n },
    { topic: "other", partition: 0, offset: 0n },
  ]);
  const progress = [reached(0, 10n, 12n), reached(1, 7n, 8n), reached(0, 0n, 100n, "other")];
  assert.equal(lag.of("in", progress), 8);
  assert.equal(lag.of("other", progress), 100);
});

test("before the first commit of an assignment it begins where the first fetch did: at what the group has committed, or at the beginning", () => {
  const lag = createLag();
  assert.equal(lag.of("in", [reached(0, 3n, 10n)]), 7);
  lag.fetched("in", 0, 3n);
  lag.fetched("in", 0, 6n);
  assert.equal(lag.of("in", [reached(0, 9n, 10n)]), 7);
});

test("what was known of partitions before they were assigned anew counts no more", () => {
  const lag = createLag();
  lag.committed([{ topic: "in", partition: 0, offset: 2n }]);
  lag.assigned();
  assert.equal(lag.of("in", [reached(0, 8n, 10n)]), 2);
});

test("a commit beyond the end of the last fetch is no lag below zero", () => {
  const lag = createLag();
  lag.committed([{ topic: "in", partition: 0, offset: 12n }]);
  assert.equal(lag.of("in", [reached(0, 8n, 10n), reached(1, 0n, 5n)]), 5);
});

test("of a topic of which nothing has been fetched the lag is not known", () => {
  assert.ok(Number.isNaN(createLag().of("in", [reached(0, 0n, 1n, "other")])));
});
