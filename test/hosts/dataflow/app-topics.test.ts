/** The app with several topics on its input, over a broker in memory. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { MemoryBroker } from "../../../hosts/dataflow/memory-binder.ts";
import { plainBytes } from "./fetched.ts";
import { readAll, start, until } from "./started-app.ts";

const TOPICS = ["--spring.cloud.stream.bindings.input.destination=a,b"];
const GROUP = "timestamp-router";

/** A broker with two topics of different sizes, each partition with its own records. */
async function brokerWithTwo(): Promise<MemoryBroker> {
  const broker = new MemoryBroker();
  await broker.binder(systemClock).provision([
    { name: "a", partitions: 1 },
    { name: "b", partitions: 2 },
  ]);
  broker.append("a", 0, plainBytes(0n, ["a2", "a1", "a?"]));
  broker.append("b", 0, plainBytes(0n, ["b4", "b?"]));
  broker.append("b", 1, plainBytes(0n, ["b6", "b3"]));
  return broker;
}

/** Resolves when the group has committed all of both. */
async function untilBothCommitted(broker: MemoryBroker): Promise<void> {
  await until("both topics are committed", () =>
    ["a", "b"].every((topic) =>
      broker.endOffsets(topic).every((end, partition) => broker.committedOffset(GROUP, topic, partition) === end),
    ),
  );
}

test("records of all topics of the input are routed, and each topic has its positions", async (context) => {
  const broker = await brokerWithTwo();
  const { app, log } = start(context, broker.binder(systemClock), TOPICS);
  await untilBothCommitted(broker);
  await app.stop();
  const { routed, unroutable } = app.counts();
  assert.deepEqual({ routed, unroutable }, { routed: [3, 2], unroutable: 2 });
  // Partition 0 of the outputs has the records of both first partitions; the order of the two is nobody's promise.
  assert.deepEqual(new Set(await readAll(broker, "even", 0)), new Set(["Even timestamp: a2", "Even timestamp: b4"]));
  assert.deepEqual(await readAll(broker, "even", 1), ["Even timestamp: b6"]);
  assert.ok(log.lines.includes("INFO router.app: Routing a and b to even and odd"));
});

test("dead letters of each topic go to its own, and the log names both", async (context) => {
  const broker = await brokerWithTwo();
  const { app, log } = start(context, broker.binder(systemClock), [...TOPICS, "--router.unroutable=dlq"]);
  await untilBothCommitted(broker);
  await app.stop();
  assert.deepEqual(await readAll(broker, `error.a.${GROUP}`, 0), ["a?"]);
  assert.deepEqual(await readAll(broker, `error.b.${GROUP}`, 0), ["b?"]);
  assert.ok(log.lines.includes(`INFO router.app: Unroutable records go to error.a.${GROUP} and error.b.${GROUP} as dead letters`));
});
