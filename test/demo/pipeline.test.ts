import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout } from "node:timers/promises";
import type { BatchProducer, Binder } from "../../hosts/dataflow/binder.ts";
import { systemClock } from "../../hosts/dataflow/clock.ts";
import { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { openPipeline, type Pipeline } from "../../hosts/demo/pipeline.ts";
import { routerConfig, routerLog } from "../../hosts/demo/router.ts";
import { createTerminal } from "../../hosts/demo/terminal.ts";
import { coreModule } from "../core-module.ts";

const TOPICS = ["timeDest", "evenDest", "oddDest"];
const OUTPUTS = new Set(["evenDest", "oddDest"]);

type Produce = BatchProducer["produce"];

/** Runs the demo's pipeline for some records over a binder whose `produce` is another one for the router's outputs. */
async function runWith(
  produceFor: (produce: Produce) => Produce,
  meanwhile: (pipeline: Pipeline) => Promise<void> = async () => {},
): Promise<Pipeline> {
  const memory = new MemoryBroker().binder(systemClock);
  const binder: Binder = {
    ...memory,
    openProducer: async () => {
      const producer = await memory.openProducer();
      const produce: Produce = async (...batch) => producer.produce(...batch);
      const faulty = produceFor(produce);
      return {
        close: async () => producer.close(),
        produce: async (topic, ...batch) => (OUTPUTS.has(topic) ? faulty : produce)(topic, ...batch),
      };
    },
  };
  await binder.provision(TOPICS.map((name) => ({ name, partitions: 1 })));
  const terminal = createTerminal({ write: () => {}, columns: () => null, now: Date.now, pid: 1 });
  const config = routerConfig(null, "timestamp-router");
  const pipeline = await openPipeline({
    field: null,
    binder,
    core: coreModule(),
    config,
    log: routerLog(config, terminal),
    terminal,
    everyMs: 10,
    groupOf: ({ label }) => label,
    stop: new AbortController().signal,
  });
  await setTimeout(100);
  await meanwhile(pipeline);
  await pipeline.close();
  return pipeline;
}

test("nothing is wrong with a router that does its work", async () => {
  const { judge, failures } = await runWith((produce) => produce);
  assert.deepEqual(failures, []);
  assert.equal(judge.fault(), null);
  assert.equal(judge.missingCount(), 0);
  assert.ok(judge.sentCount() > 1);
});

test("what was sent arrives, though somebody has paused the router by its page", async () => {
  const { judge: atTheEnd } = await runWith(
    (produce) => produce,
    async ({ pageUrl, judge }) => {
      assert.equal((await fetch(pageUrl)).status, 200);
      const body = JSON.stringify({ state: "PAUSED" });
      const paused = await fetch(new URL("../bindings/input", pageUrl), {
        method: "POST",
        headers: { "content-type": "application/json" },
        body,
      });
      assert.equal(paused.status, 204);
      const before = judge.sentCount();
      while (judge.sentCount() === before) await setTimeout(5);
    },
  );
  assert.equal(atTheEnd.missingCount(), 0);
});

test("records that are written twice are noticed", async () => {
  const { judge } = await runWith((produce) => async (topic, partition, batch) => {
    await produce(topic, partition, batch);
    await produce(topic, partition, batch);
  });
  assert.match(judge.fault() ?? "", /it arrived before, so it was doubled$/);
});

test("records in the other output are noticed", async () => {
  const { judge } = await runWith(
    (produce) =>
      async (topic, ...batch) =>
        produce(topic === "evenDest" ? "oddDest" : "evenDest", ...batch),
  );
  assert.match(judge.fault() ?? "", /it belongs to (?:even|odd)Logger$/);
});

test("a batch that is corrupt ends the sink with a reason", async () => {
  const { failures } = await runWith((produce) => async (topic, partition, batch) => {
    const corrupt = Buffer.from(batch);
    corrupt.writeUInt8(corrupt.readUInt8(batch.length - 1) ^ 1, batch.length - 1);
    await produce(topic, partition, corrupt);
  });
  assert.match(failures[0] ?? "", /^(?:even|odd)Logger ended: the RecordBatch's CRC is wrong$/);
});
