/** What bindings are told, on a real broker: compressed outputs, several input topics, topics as they are wanted. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startApp, type RunningApp } from "./app.ts";
import { dumpedBatches } from "./dump.ts";
import { faultless, verify, writeRecords } from "./records.ts";
import { streamOf, type Stream } from "./stream.ts";
import { useBroker } from "./use-broker.ts";

const PARTITIONS = 2;
const STREAM = "spring.cloud.stream";
const KAFKA = `${STREAM}.kafka`;

/** Batches of some thousand records of a timestamp and nothing else. */
const LARGE_BATCHES = { records: 20_000, partitions: PARTITIONS, plain: true, batchBytes: 500_000, seed: 33 } as const;

const broker = await useBroker({ heapMb: 384 });

/** Runs the app until its group has committed the topics. */
const routeAll = async (
  context: TestContext,
  stream: Stream,
  properties: Readonly<Record<string, string | number>>,
  topics: readonly string[] = [stream.input],
): Promise<RunningApp> => {
  const app = startApp(context, { properties: { ...stream.properties, ...properties } });
  await app.line(/Routing /u);
  for (const topic of topics) await broker.topics.untilCommitted(stream.group, topic);
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
  return app;
};

for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
  broker.test(
    `outputs that are compressed with ${codec} are valid to the broker, and Java's consumer reads every record of them`,
    async (context) => {
      const stream = streamOf(broker.cluster.bootstrap, `compressed-${codec}`);
      const deadLetters = `error.${stream.input}.${stream.group}`;
      await broker.topics.create(stream.input, PARTITIONS);
      await writeRecords(broker.cluster.bootstrap, stream.input, { records: 20_000, partitions: PARTITIONS, unroutableEvery: 5, seed: 31 });
      await routeAll(context, stream, {
        [`${KAFKA}.default.producer.compression-type`]: codec,
        [`${KAFKA}.bindings.input.consumer.dlq-producer-properties.compression-type`]: codec,
        "router.unroutable": "dlq",
      });
      assert.deepEqual(await verify(broker.cluster.bootstrap, { ...stream, deadLetters }), faultless(20_000, { deadLetters: 4000 }));
      for (const topic of [stream.even, stream.odd, deadLetters]) {
        const batches = await dumpedBatches(broker.cluster, topic);
        for (const batch of batches) assert.match(batch, / isvalid: true$/u);
        // A batch of very few records may be shorter as it is.
        const large = batches.filter((batch) => Number(/ count: (\d+) /u.exec(batch)?.[1]) > 10);
        assert.ok(large.length > 0);
        for (const batch of large) assert.match(batch, new RegExp(` compresscodec: ${codec} `, "u"));
      }
    },
  );
}

broker.test("an output whose topic takes small batches only gets compressed parts, complete and in order", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "compressed-small");
  await broker.topics.create(stream.input, PARTITIONS);
  await writeRecords(broker.cluster.bootstrap, stream.input, { records: 1000, partitions: PARTITIONS, plain: true, seed: 32 });
  const app = startApp(context, { properties: { ...stream.properties, [`${KAFKA}.binder.configuration.compression.type`]: "zstd" } });
  await app.line(/Routing /u);
  await broker.topics.untilCommitted(stream.group, stream.input);
  // The app has asked for the size already, so that it learns of this one from refusals.
  for (const topic of [stream.even, stream.odd]) await broker.topics.configure(topic, { "max.message.bytes": "2000" });
  await writeRecords(broker.cluster.bootstrap, stream.input, LARGE_BATCHES);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
  assert.match(app.lines.join("\n"), /does not take a RecordBatch of \d+ bytes: splitting it/u);
  const { routed, missing, disordered, unexpected } = await verify(broker.cluster.bootstrap, stream);
  assert.deepEqual({ routed, missing, disordered, unexpected }, { routed: 21_000, missing: 0, disordered: 0, unexpected: 0 });
});

broker.test("an output whose header mode is none has the records without their headers", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "bare");
  await broker.topics.create(stream.input, 1);
  await writeRecords(broker.cluster.bootstrap, stream.input, { records: 1000, partitions: 1, seed: 34 });
  await routeAll(context, stream, {
    [`${STREAM}.bindings.even.producer.header-mode`]: "none",
    [`${KAFKA}.bindings.even.producer.compression-type`]: "gzip",
  });
  assert.equal(await headersOf(stream.even), 0);
  assert.ok((await headersOf(stream.odd)) > 0);
  const [even = 0] = await broker.topics.endOffsets(stream.even);
  const [odd = 0] = await broker.topics.endOffsets(stream.odd);
  assert.equal(even + odd, 1000);
});

/** How many records of a topic have headers. */
async function headersOf(topic: string): Promise<number> {
  const records = await dumpedBatches(broker.cluster, topic, /^\| offset:/u);
  return records.filter((record) => !/ headerKeys: \[\]/u.test(record)).length;
}

broker.test(
  "records of several input topics come out in the outputs' partitions of their own number, each topic with its dead letters",
  async (context) => {
    const stream = streamOf(broker.cluster.bootstrap, "several");
    const topics = ["several", "several-too"];
    const sizes = [1, 3];
    for (const [index, topic] of topics.entries()) {
      await broker.topics.create(topic, sizes[index] ?? 1);
      for (let partition = 0; partition < (sizes[index] ?? 1); partition++) {
        await broker.topics.write(topic, partition, ["12", "13", `x${topic}`, "14"]);
      }
    }
    const properties = { [`${STREAM}.bindings.input.destination`]: topics.join(","), "router.unroutable": "dlq" };
    const app = await routeAll(context, stream, properties, topics);
    assert.deepEqual(await broker.topics.endOffsets(stream.even), [4, 2, 2]);
    assert.deepEqual(await broker.topics.endOffsets(stream.odd), [2, 1, 1]);
    assert.deepEqual(await broker.topics.endOffsets(`error.several.${stream.group}`), [1]);
    assert.deepEqual(await broker.topics.endOffsets(`error.several-too.${stream.group}`), [1, 1, 1]);
    assert.ok(app.lines.some((line) => line.endsWith("Routing several and several-too to several-even and several-odd")));
  },
);

broker.test(
  "topics are created with the partitions and properties that are wanted, and get the partitions that they lack",
  async (context) => {
    const stream = streamOf(broker.cluster.bootstrap, "wanted");
    await broker.topics.create(stream.odd, 1);
    const app = await routeAll(context, stream, {
      [`${KAFKA}.binder.min-partition-count`]: 2,
      [`${KAFKA}.binder.auto-add-partitions`]: "true",
      [`${STREAM}.bindings.output.producer.partition-count`]: 4,
      [`${KAFKA}.bindings.even.producer.topic.properties.retention.ms`]: 123_456,
      [`${KAFKA}.bindings.even.producer.topic.replication-factor`]: 1,
    });
    const counts = await Promise.all([stream.input, stream.even, stream.odd].map(async (topic) => broker.topics.partitionCount(topic)));
    assert.deepEqual(counts, [2, 4, 4]);
    assert.equal(await broker.topics.configured(stream.even, "retention.ms"), "123456");
    assert.match(app.lines.join("\n"), /Added partitions: wanted-odd with 4 partitions/u);
  },
);

broker.test("an output with fewer partitions than it must have ends the app, which says what to do", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "too-few");
  await broker.topics.create(stream.odd, 1);
  const app = startApp(context, { properties: { ...stream.properties, [`${STREAM}.bindings.odd.producer.partition-count`]: 3 } });
  assert.equal((await app.ended()).exitCode, 1);
  assert.match(app.lines.join("\n"), / ERROR .*too-few-odd has 1 partition, but 3 are expected: .*auto-add-partitions=true/u);
});

broker.test("without auto-create-topics the app ends and names the topics that are missing", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "absent");
  await broker.topics.create(stream.input, 1);
  const app = startApp(context, { properties: { ...stream.properties, [`${KAFKA}.binder.auto-create-topics`]: "false" } });
  assert.equal((await app.ended()).exitCode, 1);
  assert.match(app.lines.join("\n"), / ERROR .*missing on the broker: absent-even, absent-odd; create them/u);
  assert.equal(await broker.topics.partitionCount(stream.even), null);
});

broker.test("a property that is not supported is told in one warning, and the app routes all the same", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "told");
  const { lines } = await routeAll(context, stream, { [`${KAFKA}.binder.required-acks`]: 1, [`${STREAM}.bindings.evn.destination`]: "x" });
  const warnings = lines.filter((line) => / WARN .*without effect/u.test(line));
  assert.equal(warnings.length, 1);
  assert.match(warnings[0] ?? "", /required-acks=1 .*bindings\.evn\.destination/u);
});
