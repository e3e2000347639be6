/** What a session does with dead letters: the same as with any output. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import type { Targets } from "../../../hosts/dataflow/provision.ts";
import { turn } from "./fake-binder.ts";
import { fetchedBatch, fetchedOf, plainBytes, valuesOf } from "./fetched.ts";
import { LONG, TARGETS, open, values } from "./opened-session.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 10_000;

const WITH_DEAD_LETTERS: Targets = {
  ...TARGETS,
  deadLetters: new Map([["in", { destination: "dead", partitions: 2, codec: "none", keepsHeaders: true }]]),
};

test("dead letters go to their topic, at the input partition modulo its number of partitions, with the clock's time", async (context) => {
  const { consumer, producer } = await open(context, { targets: WITH_DEAD_LETTERS, clock: { ...systemClock, now: () => 4711 } });
  for (const partition of [0, 5]) await consumer.deliver(values(0n, ["1", "x", "y"], partition));
  const sent = producer.sent.filter(({ topic }) => topic === "dead");
  assert.deepEqual(
    sent.map(({ partition, bytes }) => [partition, ...valuesOf(bytes)]),
    [
      [0, "x", "y"],
      [1, "x", "y"],
    ],
  );
  for (const { bytes } of sent) assert.equal(Buffer.from(bytes).readBigInt64BE(27), 4711n);
});

test("a position waits for dead letters as it does for outputs", async (context) => {
  const { binder, consumer, producer } = await open(context, { targets: WITH_DEAD_LETTERS });
  await consumer.deliver(values(0n, ["1", "x"]));
  await consumer.deliver(values(0n, ["3"], 1));
  for (const { topic, acknowledge } of producer.sent) if (topic !== "dead") acknowledge();
  await binder.until(() => consumer.commits.length === 1);
  assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 1, offset: 1n }]]);
  producer.acknowledgeAll();
  await binder.until(() => consumer.commits.length === 2);
  assert.deepEqual(consumer.commits[1], [{ topic: "in", partition: 0, offset: 2n }]);
});

test(
  "a dead letter that is not taken fails the session, and nothing from there on is ever committed",
  { timeout: TEST_MS_MAX },
  async (context) => {
    const { session, consumer, producer } = await open(context, { targets: WITH_DEAD_LETTERS, commitIntervalMs: 3_600_000 });
    for (const [offset, text] of ["1", "x", "3"].entries()) await consumer.deliver(values(BigInt(offset), [text]));
    for (const { topic, acknowledge, refuse } of producer.sent) {
      if (topic === "dead") refuse(new Error("not taken"));
      else acknowledge();
    }
    await assert.rejects(session.failed, /not taken/u);
    await session.abandon();
    assert.deepEqual(consumer.commits, [[{ topic: "in", partition: 0, offset: 1n }]]);
  },
);

test("dead letters on their way take up room as outputs do", { timeout: TEST_MS_MAX }, async (context) => {
  const { binder, consumer, producer } = await open(context, {
    inFlightBytesMax: 1024,
    targets: { ...WITH_DEAD_LETTERS, batchBytesMax: 1024 },
  });
  const fetched = fetchedOf([0n, 1n].map((offset) => fetchedBatch(plainBytes(offset, [`${LONG}x`]))));
  const handled = consumer.deliver(fetched);
  await turn();
  assert.equal(producer.sent.length, 1);
  producer.acknowledgeAll();
  await binder.until(() => producer.sent.length === 2);
  producer.acknowledgeAll();
  await handled;
});

test("each of the input's topics has its own topic of dead letters", async (context) => {
  const target = { partitions: 2, codec: "none", keepsHeaders: true } as const;
  const deadLetters = new Map(["in", "too"].map((topic) => [topic, { ...target, destination: `dead-${topic}` }]));
  const { consumer, producer } = await open(context, { targets: { ...TARGETS, deadLetters } });
  for (const topic of ["in", "too"]) await consumer.deliver({ ...values(0n, ["x"]), topic });
  assert.deepEqual(
    producer.sent.map(({ topic }) => topic),
    ["dead-in", "dead-too"],
  );
});
