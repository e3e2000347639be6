/** What the app writes, judged by Kafka's own tools. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startApp } from "./app.ts";
import { dumpedBatches, tool } from "./dump.ts";
import { writeRecords } from "./records.ts";
import { streamOf, type Stream } from "./stream.ts";
import { useBroker } from "./use-broker.ts";

const broker = await useBroker();

const routeAll = async (
  context: TestContext,
  stream: Stream,
  properties: Readonly<Record<string, string | boolean>> = {},
): Promise<void> => {
  const app = startApp(context, { properties: { ...stream.properties, ...properties } });
  await app.line(/Routing /u);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
};

for (const [idempotent, producerId] of [
  [true, /producerId: \d+ producerEpoch: \d+ /u],
  [false, /producerId: -1 producerEpoch: -1 /u],
] as const) {
  broker.test(
    `batches that the app writes are valid to DumpLogSegments, and have a producer id only with idempotence (${idempotent})`,
    async (context) => {
      const stream = streamOf(broker.cluster.bootstrap, `dumped-${idempotent}`);
      await broker.topics.create(stream.input, 2);
      await writeRecords(broker.cluster.bootstrap, stream.input, { records: 10_000, partitions: 2, codec: "snappy" });
      await routeAll(context, stream, { "spring.cloud.stream.kafka.binder.configuration.enable.idempotence": idempotent });
      const batches = [...(await dumpedBatches(broker.cluster, stream.even)), ...(await dumpedBatches(broker.cluster, stream.odd))];
      assert.equal(
        batches.reduce((sum, batch) => sum + Number(/ count: (\d+) /u.exec(batch)?.[1]), 0),
        10_000,
      );
      for (const batch of batches) {
        assert.match(batch, / isvalid: true$/u);
        assert.match(batch, producerId);
        assert.match(batch, / isTransactional: false .* compresscodec: none /u);
      }
    },
  );
}

broker.test("batches that the app writes have the lines that the console consumer prints", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "lines");
  await broker.topics.create(stream.input, 1);
  const bootstrap = ["--bootstrap-server", broker.cluster.bootstrap];
  const payloads = ["05/17/19 17:56:36", "05/17/19 17:56:37", "05/17/19 17:56:38", "05/17/19 17:56:39"];
  await tool("ConsoleProducer", [...bootstrap, "--topic", stream.input], payloads.join("\n") + "\n");
  await routeAll(context, stream);
  const consumed = async (topic: string): Promise<string> =>
    tool("consumer.ConsoleConsumer", [...bootstrap, "--topic", topic, "--from-beginning", "--max-messages", "2", "--timeout-ms", "30000"]);
  assert.equal(await consumed(stream.even), "Even timestamp: 05/17/19 17:56:36\nEven timestamp: 05/17/19 17:56:38\n");
  assert.equal(await consumed(stream.odd), "Odd timestamp:05/17/19 17:56:37\nOdd timestamp:05/17/19 17:56:39\n");
});
