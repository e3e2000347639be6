import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock, type Clock } from "../../../hosts/dataflow/clock.ts";
import { USUAL_READING } from "../../../hosts/dataflow/binder.ts";
import { createMetrics } from "../../../hosts/dataflow/metrics.ts";
import { openSession } from "../../../hosts/dataflow/session.ts";
import type { UnroutableRecord } from "../../../hosts/dataflow/unroutable.ts";
import { FakeBinder, turn } from "./fake-binder.ts";
import { createMemoryLog } from "./memory-log.ts";
import { LONG, TIGHT, open, options, routerMeters, values } from "./opened-session.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 10_000;

/** An error as kafkajs throws it when the group has to be joined again. */
function rebalance(): Error {
  return Object.assign(new Error("the group is rebalancing"), { type: "REBALANCE_IN_PROGRESS" });
}

test("a session reads its topics with its group from where it is told to", async (context) => {
  const { consumer } = await open(context, {
    input: { ...USUAL_READING, destinations: ["in", "too"], group: null, startOffset: "latest" },
  });
  const { topics, group, startOffset } = consumer.options;
  assert.deepEqual({ topics, group, startOffset }, { topics: ["in", "too"], group: null, startOffset: "latest" });
});

test("each output goes to its topic, at the input partition modulo the output's number of partitions", async (context) => {
  const { consumer, producer } = await open(context);
  for (const partition of [0, 3, 5]) await consumer.deliver(values(0n, ["1", "2"], partition));
  assert.deepEqual(
    producer.sent.map(({ topic, partition }) => `${topic}-${partition}`),
    ["even-0", "odd-0", "even-3", "odd-0", "even-1", "odd-2"],
  );
});

test("only what all outputs have acknowledged is committed, in whatever order the acknowledgements come", async (context) => {
  const { binder, consumer, producer } = await open(context);
  await consumer.deliver(values(0n, ["1", "2"]));
  await consumer.deliver(values(2n, ["3", "4"]));
  await consumer.deliver(values(0n, ["6"], 1));
  const [even, odd, evenLater, oddLater, other] = producer.sent;
  for (const sent of [oddLater, evenLater, odd]) sent?.acknowledge();
  other?.acknowledge();
  await binder.until(() => consumer.commits.length === 1);
  assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 1, offset: 1n }]]);
  even?.acknowledge();
  await binder.until(() => consumer.commits.length === 2);
  assert.deepEqual(consumer.commits[1], [{ topic: "in", partition: 0, offset: 4n }]);
});

test("records that go nowhere are committed without any acknowledgement, and told", async (context) => {
  const unroutable: UnroutableRecord[] = [];
  const meters = routerMeters(createMetrics({ tags: {}, now: Date.now }));
  const { binder, consumer } = await open(context, { onUnroutable: (record) => unroutable.push(record), meters });
  await consumer.deliver(values(40n, [null, "x", ""], 2));
  await binder.until(() => consumer.commits.length === 1);
  assert.deepEqual(consumer.commits[0], [{ topic: "in", partition: 2, offset: 43n }]);
  assert.equal(meters.counts().tombstones, 1);
  assert.deepEqual(unroutable, [
    { topic: "in", partition: 2, offset: 41n, reason: "not-a-digit", byteOffset: 0 },
    { topic: "in", partition: 2, offset: 42n, reason: "empty", byteOffset: 0 },
  ]);
});

test(
  "a batch that is not taken fails the session, and nothing from there on is ever committed",
  { timeout: TEST_MS_MAX },
  async (context) => {
    const { session, binder, consumer, producer } = await open(context);
    await consumer.deliver(values(0n, ["1"]));
    await consumer.deliver(values(1n, ["2"]));
    await consumer.deliver(values(0n, ["4"], 1));
    const [first, ...others] = producer.sent;
    first?.refuse(new Error("not taken"));
    for (const sent of others) sent.acknowledge();
    await assert.rejects(session.failed, /not taken/u);
    await binder.until(() => consumer.commits.length === 1);
    await session.abandon();
    assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 1, offset: 1n }]]);
    assert.deepEqual(binder.events.slice(-3), ["consumer closing", "consumer closed", "producer closed"]);
  },
);

test("a consumer that can't go on fails the session", { timeout: TEST_MS_MAX }, async (context) => {
  const { session, consumer } = await open(context);
  consumer.fail(new Error("fenced"));
  await assert.rejects(session.failed, /fenced/u);
});

test("a producer is closed again when the group can't be joined", async () => {
  const binder = new FakeBinder();
  const opening = openSession({
    ...options(binder, createMemoryLog()),
    binder: {
      provision: async (topics) => binder.provision(topics),
      openProducer: async () => binder.openProducer(),
      openConsumer: async () => Promise.reject(new Error("no group")),
    },
  });
  await assert.rejects(opening, /no group/u);
  assert.deepEqual(binder.events, ["producer opened", "producer closed"]);
});

test("positions that the group does not take are committed the next time", async (context) => {
  const { binder, consumer, producer, log } = await open(context);
  consumer.commitError = new Error("not now");
  await consumer.deliver(values(0n, ["1"]));
  producer.acknowledgeAll();
  await binder.until(() => consumer.commits.length === 1);
  assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 0, offset: 1n }]]);
  assert.ok(log.lines.includes("WARN router.session: The group did not take a commit (a restart would route records again): not now"));
});

test(
  "a handler waits for room before it goes on, and tells the group every second that it lives",
  { timeout: TEST_MS_MAX },
  async (context) => {
    context.mock.timers.enable({ apis: ["setTimeout"] });
    const { binder, consumer, producer } = await open(context, TIGHT);
    const handled = consumer.deliver(values(0n, [`${LONG}2`, `${LONG}4`]));
    await turn();
    assert.equal(producer.sent.length, 1);
    assert.equal(consumer.heartbeats, 0);
    for (let second = 1; second <= 3; second++) {
      context.mock.timers.tick(1000);
      await binder.until(() => consumer.heartbeats === second);
      await turn();
    }
    assert.equal(producer.sent.length, 1);
    producer.acknowledgeAll();
    await binder.until(() => producer.sent.length === 2);
    producer.acknowledgeAll();
    await handled;
  },
);

test(
  "a rebalance waits for what is on its way and commits it before the group is joined again",
  { timeout: TEST_MS_MAX },
  async (context) => {
    const { binder, consumer, producer } = await open(context, { commitIntervalMs: 3_600_000 });
    consumer.heartbeatError = rebalance();
    const handled = consumer.deliver(values(0n, ["1", "2"]));
    handled.catch(() => {});
    await binder.until(() => consumer.heartbeats === 1);
    await turn();
    assert.deepEqual(consumer.commits, []);
    producer.acknowledgeAll();
    await assert.rejects(handled, { type: "REBALANCE_IN_PROGRESS" });
    assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 0, offset: 2n }]]);
  },
);

test("after a new assignment nothing is committed that was read before", async (context) => {
  const { binder, consumer, producer } = await open(context);
  await consumer.deliver(values(0n, ["1"]));
  consumer.options.onAssigned?.([]);
  producer.acknowledgeAll();
  await turn();
  await consumer.deliver(values(0n, [null], 1));
  await binder.until(() => consumer.commits.length === 1);
  assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 1, offset: 1n }]]);
});

test(
  "draining takes no more records, waits for all acknowledgements, commits, and only then lets go",
  { timeout: TEST_MS_MAX },
  async (context) => {
    const { session, binder, consumer, producer } = await open(context, { commitIntervalMs: 3_600_000 });
    await consumer.deliver(values(0n, ["1", "2"]));
    const drained = session.drain();
    await consumer.deliver(values(2n, ["3"]));
    await turn();
    assert.equal(producer.sent.length, 2);
    producer.sent[0]?.acknowledge();
    await turn();
    assert.deepEqual(consumer.commits, []);
    producer.sent[1]?.acknowledge();
    await drained;
    assert.deepEqual(binder.events.slice(-4), ["committed in-0@2", "consumer closing", "consumer closed", "producer closed"]);
  },
);

test(
  "draining in the middle of a fetch finishes the stretch, commits as far as that, and leaves the rest",
  { timeout: TEST_MS_MAX },
  async (context) => {
    const { session, binder, consumer, producer } = await open(context, { ...TIGHT, commitIntervalMs: 3_600_000 });
    const handled = consumer.deliver(values(0n, [`${LONG}2`, `${LONG}4`, `${LONG}6`]));
    await turn();
    const drained = session.drain();
    producer.acknowledgeAll();
    await Promise.all([handled, drained]);
    assert.equal(producer.sent.length, 1);
    assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 0, offset: 1n }]]);
    assert.equal(binder.events.at(-1), "producer closed");
  },
);

test(
  "what is handed over while the session drains is not committed, also when partitions are assigned anew meanwhile",
  { timeout: TEST_MS_MAX },
  async (context) => {
    const { session, consumer, producer } = await open(context, { commitIntervalMs: 3_600_000 });
    await consumer.deliver(values(0n, ["1"]));
    const drained = session.drain();
    await consumer.deliver(values(1n, ["3"]));
    // The consumer takes it that all that was handed over has been routed.
    consumer.options.onAssigned?.([{ topic: "in", partition: 0, offset: 2n }]);
    producer.acknowledgeAll();
    await drained;
    assert.equal(producer.sent.length, 1);
    assert.deepEqual(consumer.commits, []);
  },
);

test("where a partition begins at the consumer's choice is committed at once", { timeout: TEST_MS_MAX }, async (context) => {
  const { consumer } = await open(context, { commitIntervalMs: 3_600_000 });
  const beginning = { topic: "in", partition: 0, offset: 7n };
  consumer.options.onAssigned?.([beginning]);
  for (let turns = 0; turns < 3; turns++) await turn();
  assert.deepEqual(consumer.commits, [[beginning]]);
});

test("a handler goes no further when partitions have been assigned anew", { timeout: TEST_MS_MAX }, async (context) => {
  const { consumer, producer } = await open(context, TIGHT);
  const handled = consumer.deliver(values(0n, [`${LONG}2`, `${LONG}4`]));
  await turn();
  consumer.options.onAssigned?.([]);
  producer.acknowledgeAll();
  await handled;
  assert.equal(producer.sent.length, 1);
});

test("an unroutable record that must stop the app ends the consumer before anything of its stretch is written", async (context) => {
  const { session, consumer, producer } = await open(context, {
    onUnroutable: () => {
      throw new Error("stop here");
    },
  });
  await assert.rejects(consumer.deliver(values(0n, ["2", "x"])), /stop here/u);
  await assert.rejects(session.failed, /stop here/u);
  assert.equal(producer.sent.length, 0);
});

test("letting go does not wait for a handler that waits for room that never comes", async (context) => {
  const { session, consumer } = await open(context, TIGHT);
  consumer.deliver(values(0n, [`${LONG}2`, `${LONG}4`])).catch(() => {});
  await turn();
  consumer.fail(new Error("broker away"));
  await assert.rejects(session.failed, /broker away/u);
  const late = Promise.withResolvers<string>();
  const timer = setTimeout(late.resolve, 5000, "still waiting");
  const outcome = await Promise.race([session.abandon().then(() => "abandoned"), late.promise]);
  clearTimeout(timer);
  assert.equal(outcome, "abandoned");
});

test(
  "a drain in which a batch is refused, or whose last commit is, says so and lets go of everything",
  { timeout: TEST_MS_MAX },
  async (context) => {
    for (const what of ["batch", "commit"]) {
      const { session, binder, consumer, producer } = await open(context, { commitIntervalMs: 3_600_000 });
      await consumer.deliver(values(0n, ["1"]));
      const refusal = new Error(`the ${what} is refused`);
      const draining = session.drain();
      if (what === "commit") consumer.commitError = refusal;
      for (const { acknowledge, refuse } of producer.sent) {
        if (what === "batch") refuse(refusal);
        else acknowledge();
      }
      await assert.rejects(draining, refusal);
      assert.deepEqual(binder.events.slice(-3), ["consumer closing", "consumer closed", "producer closed"]);
    }
  },
);

test("giving up does not wait for ever for a consumer that does not close", { timeout: TEST_MS_MAX }, async (context) => {
  const waits: number[] = [];
  const clock: Clock = {
    ...systemClock,
    delay: async (delayMs) => {
      waits.push(delayMs);
      return Promise.resolve();
    },
  };
  const { session, binder, consumer } = await open(context, { clock });
  consumer.close = async () => new Promise(() => {});
  await session.abandon();
  assert.equal(binder.events.at(-1), "producer closed");
  assert.ok(waits.length > 0 && waits.every((waitMs) => waitMs <= 15_000), String(waits));
});
