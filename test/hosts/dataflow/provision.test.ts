import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, type Config } from "../../../hosts/dataflow/config.ts";
import { provision } from "../../../hosts/dataflow/provision.ts";
import { FakeBinder } from "./fake-binder.ts";

const config = (...args: readonly string[]): Config => readConfig({ args: [...args], env: {} });
/** An output that is written as it is routed. */
const PLAIN = { codec: "none", keepsHeaders: true };
const consumer = "--spring.cloud.stream.kafka.bindings.input.consumer";

test("outputs that are missing get the input's number of partitions, and others keep their own", async () => {
  const binder = new FakeBinder();
  binder.topics.set("input", 6).set("odd", 2);
  const { outputs, deadLetters } = await provision(binder, config());
  assert.deepEqual(outputs, [
    { ...PLAIN, destination: "even", partitions: 6 },
    { ...PLAIN, destination: "odd", partitions: 2 },
  ]);
  assert.equal(deadLetters, null);
});

test("batches are as large as configured, or as the smallest topic takes them", async () => {
  const binder = new FakeBinder();
  assert.equal((await provision(binder, config())).batchBytesMax, 900_000);
  binder.batchBytesMax = 1_048_588;
  assert.equal((await provision(binder, config())).batchBytesMax, 900_000);
  binder.batchBytesMax = 5000;
  assert.equal((await provision(binder, config())).batchBytesMax, 5000);
});

test("the topic of dead letters gets the input's number of partitions, or the number that is configured, and no more of it is used", async () => {
  const binder = new FakeBinder();
  binder.topics.set("input", 6);
  const own = await provision(binder, config(`${consumer}.enable-dlq=true`));
  assert.deepEqual(own.deadLetters?.get("input"), { ...PLAIN, destination: "error.input.timestamp-router", partitions: 6 });
  const one = [`${consumer}.enable-dlq=true`, `${consumer}.dlq-name=dead`, `${consumer}.dlq-partitions=1`];
  assert.deepEqual((await provision(binder, config(...one))).deadLetters?.get("input"), { ...PLAIN, destination: "dead", partitions: 1 });
  binder.topics.set("dead", 4);
  assert.deepEqual((await provision(binder, config(...one))).deadLetters?.get("input"), { ...PLAIN, destination: "dead", partitions: 1 });
});

test("outputs have as many partitions as the largest of the input's topics, and dead letters as many as their own", async () => {
  const binder = new FakeBinder();
  binder.topics.set("a", 2).set("b", 5);
  const { outputs, deadLetters } = await provision(
    binder,
    config("--spring.cloud.stream.bindings.input.destination=a,b,c", `${consumer}.enable-dlq=true`),
  );
  assert.deepEqual(
    outputs.map(({ partitions }) => partitions),
    [5, 5],
  );
  assert.deepEqual(
    [...(deadLetters ?? [])].map(([topic, { destination, partitions }]) => [topic, destination, partitions]),
    [
      ["a", "error.a.timestamp-router", 2],
      ["b", "error.b.timestamp-router", 5],
      ["c", "error.c.timestamp-router", 1],
    ],
  );
});

test("no topic is created with fewer partitions than the least, and an output with as many as it is told", async () => {
  const binder = new FakeBinder();
  binder.topics.set("input", 2);
  await provision(
    binder,
    config(
      "--spring.cloud.stream.kafka.binder.min-partition-count=3",
      "--spring.cloud.stream.bindings.odd.producer.partition-count=7",
      "--spring.cloud.stream.kafka.bindings.odd.producer.topic.properties.retention.ms=5",
    ),
  );
  assert.deepEqual(binder.wanted.slice(1), [
    { name: "even", partitions: 3, replicationFactor: -1, properties: {} },
    { name: "odd", partitions: 7, partitionsMin: 7, replicationFactor: -1, properties: { "retention.ms": "5" } },
  ]);
});

test("of two outputs with one topic it is the larger number of partitions that counts", async () => {
  const binder = new FakeBinder();
  const both = "--spring.cloud.stream.bindings.output.destination=out";
  const { outputs } = await provision(binder, config(both, "--spring.cloud.stream.bindings.odd.producer.partition-count=4"));
  assert.deepEqual(
    outputs.map(({ destination, partitions }) => [destination, partitions]),
    [
      ["out", 4],
      ["out", 4],
    ],
  );
});
