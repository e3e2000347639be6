import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, type Config } from "../../../hosts/dataflow/config.ts";
import { provision } from "../../../hosts/dataflow/provision.ts";
import { FakeBinder } from "./fake-binder.ts";

const config = (...args: readonly string[]): Config => readConfig({ args: [...args], env: {} });
const consumer = "--spring.cloud.stream.kafka.bindings.input.consumer";

test("outputs that are missing get the input's number of partitions, and others keep their own", async () => {
  const binder = new FakeBinder();
  binder.topics.set("input", 6).set("odd", 2);
  const { outputs, deadLetters } = await provision(binder, config());
  assert.deepEqual(outputs, [
    { destination: "even", partitions: 6 },
    { destination: "odd", partitions: 2 },
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
  assert.deepEqual(own.deadLetters, { destination: "error.input.timestamp-router", partitions: 6 });
  const one = [`${consumer}.enable-dlq=true`, `${consumer}.dlq-name=dead`, `${consumer}.dlq-partitions=1`];
  assert.deepEqual((await provision(binder, config(...one))).deadLetters, { destination: "dead", partitions: 1 });
  binder.topics.set("dead", 4);
  assert.deepEqual((await provision(binder, config(...one))).deadLetters, { destination: "dead", partitions: 1 });
});
