/** The app over a broker in memory, and over one that fails when a test wants it to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { Binder } from "../../../hosts/dataflow/binder.ts";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import { MemoryBroker } from "../../../hosts/dataflow/memory-binder.ts";
import { fault } from "./config-checks.ts";
import { FakeBinder, turn } from "./fake-binder.ts";
import { fetchedBatch, fetchedOf, plainBytes, valuesOf } from "./fetched.ts";
import { brokerWith, readAll, start, untilCommitted } from "./started-app.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 10_000;

test("records go to their outputs in order, and the counts say what became of each", async (context) => {
  const broker = await brokerWith(2, plainBytes(0n, ["1", "2", null]), plainBytes(0n, ["x", "4", "3"]));
  const { app, health, log } = start(context, broker.binder(systemClock));
  await untilCommitted(broker);
  assert.equal(health.status(), "UP");
  await app.stop();
  await app.ended;
  assert.deepEqual(app.counts(), { routed: [4, 4], tombstones: 2, unroutable: 2, deadLetters: 0, jumps: 0 });
  for (const partition of [0, 1]) {
    assert.deepEqual(await readAll(broker, "even", partition), ["Even timestamp: 2", "Even timestamp: 4"]);
    assert.deepEqual(await readAll(broker, "odd", partition), ["Odd timestamp:1", "Odd timestamp:3"]);
  }
  assert.ok(log.lines.includes("INFO router.app: Routing input to even and odd"));
  assert.ok(log.lines.includes("WARN router.unroutable: Left out input-1 offset 3: not-a-digit at byte 0"));
});

test("outputs that are missing get as many partitions as the input, and the others keep theirs", async (context) => {
  const broker = await brokerWith(3, plainBytes(0n, ["1", "2"]));
  await broker.binder(systemClock).provision([{ name: "odd", partitions: 2 }]);
  const { app } = start(context, broker.binder(systemClock));
  await untilCommitted(broker);
  await app.stop();
  assert.deepEqual(broker.endOffsets("even"), [1n, 1n, 1n]);
  assert.deepEqual(broker.endOffsets("odd"), [2n, 1n]);
});

test("an input that is missing is created with the smallest number of partitions that is allowed", async (context) => {
  const broker = new MemoryBroker();
  const { app, log } = start(context, broker.binder(systemClock), ["--spring.cloud.stream.kafka.binder.min-partition-count=4"]);
  await log.line(/Routing/u);
  await app.stop();
  for (const topic of ["input", "even", "odd"]) assert.equal(broker.endOffsets(topic).length, 4);
});

test("a second run goes on where the first one stopped, and repeats nothing", async (context) => {
  const broker = await brokerWith(1, plainBytes(0n, ["1", "2"]));
  for (const text of ["4", "6"]) {
    const { app } = start(context, broker.binder(systemClock));
    await untilCommitted(broker);
    await app.stop();
    const producer = await broker.binder(systemClock).openProducer();
    await producer.produce("input", 0, plainBytes(0n, [text]));
  }
  const { app } = start(context, broker.binder(systemClock));
  await untilCommitted(broker);
  await app.stop();
  assert.deepEqual(
    await readAll(broker, "even", 0),
    ["2", "4", "6"].map((text) => `Even timestamp: ${text}`),
  );
  assert.deepEqual(await readAll(broker, "odd", 0), ["Odd timestamp:1"]);
});

test("after a failed write the app opens everything anew, says so, and loses nothing", async (context) => {
  const broker = await brokerWith(2, plainBytes(0n, ["1", "2"]), plainBytes(0n, ["3", "4"]));
  const memory = broker.binder(systemClock);
  let failures = 2;
  const binder: Binder = {
    ...memory,
    openProducer: async () => {
      const producer = await memory.openProducer();
      return {
        ...producer,
        produce: async (topic, partition, bytes) => {
          if (topic === "odd" && failures-- > 0) throw new Error("the leader has moved");
          await producer.produce(topic, partition, bytes);
        },
      };
    },
  };
  const { app, log } = start(context, binder);
  await log.line(/^WARN router\.app: the leader has moved; trying again in 0\.5 s$/u);
  await untilCommitted(broker);
  await app.stop();
  for (const partition of [0, 1]) {
    const odd = await readAll(broker, "odd", partition);
    const even = await readAll(broker, "even", partition);
    assert.deepEqual([...new Set(odd)], ["Odd timestamp:1", "Odd timestamp:3"]);
    assert.deepEqual([...new Set(even)], ["Even timestamp: 2", "Even timestamp: 4"]);
  }
});

test("a corrupt batch is fetched four times, and then the app ends and names it", { timeout: TEST_MS_MAX }, async (context) => {
  const corrupt = plainBytes(0n, ["4"]);
  corrupt[corrupt.length - 1] = 1;
  const broker = await brokerWith(1, plainBytes(0n, ["2"]), corrupt);
  const { app, health, log } = start(context, broker.binder(systemClock));
  await assert.rejects(app.ended, (error) => {
    assert.ok(error instanceof AppError);
    assert.deepEqual([error.code, error.retriable], ["BATCH_CORRUPT", false]);
    assert.match(error.message, /^the RecordBatch at input-0 offset 1 is corrupt: .*\(fetched 4 times; not skipped, /u);
    return true;
  });
  assert.equal(log.lines.filter((line) => /offset 1 is corrupt: .*; trying again in/u.test(line)).length, 3);
  assert.equal(health.status(), "DOWN");
  await assert.rejects(app.stop(), { code: "BATCH_CORRUPT" });
  assert.equal(broker.committedOffset("timestamp-router", "input", 0), 0n);
});

test(
  "with the policy to stop, an unroutable record ends the app at once and is not committed",
  { timeout: TEST_MS_MAX },
  async (context) => {
    const broker = await brokerWith(1, plainBytes(0n, ["2"]), plainBytes(0n, ["x"]));
    const { app, log } = start(context, broker.binder(systemClock), ["--router.unroutable=stop"]);
    await assert.rejects(app.ended, { code: "RECORD_UNROUTABLE", message: /input-0 offset 1 / });
    assert.equal(log.lines.filter((line) => line.includes("trying again")).length, 0);
    assert.notEqual(broker.committedOffset("timestamp-router", "input", 0), 2n);
  },
);

test("a topic that must not be created, and mistakes of our own, end the app at once", { timeout: TEST_MS_MAX }, async (context) => {
  for (const error of [new AppError("TOPIC_MISSING", false, "no such topic"), new TypeError("our mistake")]) {
    const binder = new FakeBinder();
    binder.connectErrors.push(error);
    const { app, log } = start(context, binder);
    await assert.rejects(app.ended, error);
    assert.deepEqual(log.lines, []);
  }
});

test("brokers that are away are tried again, each time later, and the health says so", async (context) => {
  const binder = new FakeBinder();
  for (let time = 0; time < 10; time++) binder.connectErrors.push(new AppError("BROKER_UNAVAILABLE", true, `no answer ${time}`));
  const { app, health, log } = start(context, binder);
  assert.equal(health.status(), "DOWN");
  await log.line(/no answer 2/u);
  assert.deepEqual(log.lines, [
    "WARN router.app: no answer 0; trying again in 0.5 s",
    "WARN router.app: no answer 1; trying again in 1 s",
    "WARN router.app: no answer 2; trying again in 2 s",
  ]);
  assert.equal(health.status(), "DOWN");
  assert.equal(health.livenessStatus(), "UP");
  await app.stop();
  await app.ended;
});

test("a session that fails makes the health DOWN until the next one is open", async (context) => {
  const binder = new FakeBinder();
  const { app, health, log } = start(context, binder);
  await log.line(/Routing/u);
  assert.equal(health.status(), "UP");
  binder.consumers[0]?.fail(new Error("fenced"));
  await log.line(/fenced; trying again/u);
  assert.equal(health.status(), "DOWN");
  await binder.until(() => binder.consumers.length === 2);
  await turn();
  assert.equal(health.status(), "UP");
  await app.stop();
});

test("a stop waits for what is on its way and commits it", async (context) => {
  const binder = new FakeBinder();
  const { app } = start(context, binder);
  await binder.until(() => binder.consumers.length === 1);
  await turn();
  await binder.consumers[0]?.deliver(fetchedOf([fetchedBatch(plainBytes(0n, ["1"]))], { topic: "input" }));
  const stopped = app.stop();
  await turn();
  assert.deepEqual(binder.consumers[0]?.commits, []);
  binder.producers[0]?.acknowledgeAll();
  await stopped;
  await app.ended;
  assert.deepEqual(binder.consumers[0]?.commits, [[{ topic: "input", partition: 0, offset: 1n }]]);
  assert.deepEqual(binder.events.slice(-3), ["consumer closing", "consumer closed", "producer closed"]);
});

test("a stop gives up after its time, and commits nothing that is not acknowledged", async (context) => {
  const binder = new FakeBinder();
  const { app } = start(context, binder, ["--router.shutdown-timeout=20ms"]);
  await binder.until(() => binder.consumers.length === 1);
  await turn();
  await binder.consumers[0]?.deliver(fetchedOf([fetchedBatch(plainBytes(0n, ["1"]))]));
  assert.equal(await app.stop(), false);
  assert.deepEqual(binder.consumers[0]?.commits, []);
  binder.producers[0]?.acknowledgeAll();
  await app.ended;
});

test("a stop that gives up while brokers are silent, before anything was taken, has nothing to warn of", async (context) => {
  const silent = Object.assign(new FakeBinder(), { provision: async () => Promise.withResolvers<never>().promise });
  const { app } = start(context, silent, ["--router.shutdown-timeout=20ms"]);
  assert.equal(await app.stop(), true);
});

test("a stop that gives up while a session that has failed lets go has something to warn of", async (context) => {
  const binder = new FakeBinder();
  const { app } = start(context, binder, ["--router.shutdown-timeout=20ms"]);
  await binder.until(() => binder.consumers.length === 1);
  await turn();
  const [consumer] = binder.consumers;
  assert.ok(consumer !== undefined);
  const closing = Promise.withResolvers<undefined>();
  consumer.close = async () => closing.promise;
  await consumer.deliver(fetchedOf([fetchedBatch(plainBytes(0n, ["1"]))]));
  consumer.fail(new Error("fenced"));
  assert.equal(await app.stop(), false);
  closing.resolve(undefined);
});

test("the rule, the outputs and the group are those of the configuration", async (context) => {
  const bindings = "--spring.cloud.stream.bindings";
  const binder = new FakeBinder();
  const { app } = start(context, binder, [
    "--router.outputs=left,right",
    "--router.prefix.left=L:",
    `${bindings}.left.destination=links`,
    `${bindings}.input.destination=source`,
    `${bindings}.input.group=g`,
  ]);
  await binder.until(() => binder.consumers.length === 1);
  const [consumer] = binder.consumers;
  const { topics, group, startOffset } = consumer?.options ?? {};
  assert.deepEqual({ topics, group, startOffset }, { topics: ["source"], group: "g", startOffset: "earliest" });
  await turn();
  await consumer?.deliver(fetchedOf([fetchedBatch(plainBytes(0n, ["1", "2"]))]));
  const sent = binder.producers[0]?.sent.map(({ topic, bytes }) => [topic, ...valuesOf(bytes)]);
  assert.deepEqual(sent, [
    ["links", "L:2"],
    ["right", "1"],
  ]);
  binder.producers[0]?.acknowledgeAll();
  await app.stop();
});

test("a rule that the core refuses is refused before anything is opened", (context) => {
  const binder = new FakeBinder();
  assert.throws(() => start(context, binder, [String.raw`--router.prefix.even=\q`]), { code: "ROUTER_RULE_BAD_ESCAPE" });
  assert.deepEqual(binder.events, []);
  assert.match(fault(["--router.outputs=one"]), /router\.outputs/u);
});
