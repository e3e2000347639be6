/** The app with dead letters, and with an output that takes what has no digit, over a broker in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { plainBytes } from "./fetched.ts";
import { brokerWith, readAll, start, untilCommitted } from "./started-app.ts";

const CONSUMER = "--spring.cloud.stream.kafka.bindings.input.consumer";

test("dead letters go to Spring's topic, partition by partition, and are counted and told", async (context) => {
  const broker = await brokerWith(2, plainBytes(0n, ["1", "x", null]), plainBytes(0n, ["", "4", "y"]));
  const { app, log } = start(context, broker.binder(systemClock), [`${CONSUMER}.enable-dlq=true`]);
  await untilCommitted(broker);
  await app.stop();
  assert.deepEqual(app.counts(), { routed: [2, 2], tombstones: 2, unroutable: 0, deadLetters: 6, jumps: 0 });
  const topic = "error.input.timestamp-router";
  for (const partition of [0, 1]) assert.deepEqual(await readAll(broker, topic, partition), ["x", "", "y"]);
  assert.equal(log.lines.filter((line) => line === `INFO router.app: Unroutable records go to ${topic} as dead letters`).length, 1);
  const sums = log.lines.flatMap(
    (line) => / (\d+) records? became dead letters for error\.input\.timestamp-router in the last second/u.exec(line)?.[1] ?? [],
  );
  assert.equal(
    sums.reduce((sum, count) => sum + Number(count), 0),
    6,
  );
});

test("dead letters go to as few partitions of their topic as they are told", async (context) => {
  const broker = await brokerWith(3, plainBytes(0n, ["x"]));
  await broker.binder(systemClock).provision([{ name: "dead", partitions: 3 }]);
  const { app } = start(context, broker.binder(systemClock), [
    `${CONSUMER}.enable-dlq=true`,
    `${CONSUMER}.dlq-name=dead`,
    `${CONSUMER}.dlq-partitions=2`,
  ]);
  await untilCommitted(broker);
  await app.stop();
  assert.deepEqual(broker.endOffsets("dead"), [2n, 1n, 0n]);
});

test("a topic of dead letters is created only where there are to be some, with as many partitions as were asked for", async (context) => {
  for (const [policy, partitions] of [
    ["log", null],
    ["dlq", 2],
  ] as const) {
    const broker = await brokerWith(1, plainBytes(0n, ["x"]));
    const { app } = start(context, broker.binder(systemClock), [
      `--router.unroutable=${policy}`,
      `${CONSUMER}.dlq-name=dead`,
      `${CONSUMER}.dlq-partitions=2`,
    ]);
    await untilCommitted(broker);
    await app.stop();
    if (partitions === null) assert.throws(() => broker.endOffsets("dead"), { code: "TOPIC_MISSING" });
    else assert.equal(broker.endOffsets("dead").length, partitions);
  }
});

test("an output that takes unroutable records gets them with its prefix, and none is unroutable", async (context) => {
  const broker = await brokerWith(1, plainBytes(0n, ["1", "x", null, "", "2"]));
  const { app, log } = start(context, broker.binder(systemClock), ["--router.unroutable=odd"]);
  await untilCommitted(broker);
  await app.stop();
  assert.deepEqual(
    await readAll(broker, "odd", 0),
    ["1", "x", ""].map((text) => `Odd timestamp:${text}`),
  );
  assert.deepEqual(app.counts(), { routed: [1, 3], tombstones: 1, unroutable: 0, deadLetters: 0, jumps: 0 });
  assert.deepEqual(
    log.lines.filter((line) => line.includes("router.unroutable")),
    [],
  );
});
