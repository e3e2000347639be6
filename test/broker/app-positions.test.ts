/** Where the app begins to read, and what it does when its position is not there any more. */
import assert from "node:assert/strict";
import { startApp, type AppSettings } from "./app.ts";
import { faultless, verify, writeRecords } from "./records.ts";
import { streamOf, type Stream } from "./stream.ts";
import { until } from "./topics.ts";
import { useBroker } from "./use-broker.ts";

const broker = await useBroker({ heapMb: 384 });
const consumer = "spring.cloud.stream.kafka.bindings.input.consumer";
const EVENS = ["10", "12", "14", "16", "18"];

/** Returns a stream whose topics are there; its input has five even values in each partition. */
async function filled(name: string, partitions = 1): Promise<Stream> {
  const stream = streamOf(broker.cluster.bootstrap, name);
  for (const topic of [stream.input, stream.even, stream.odd]) await broker.topics.create(topic, partitions);
  for (let partition = 0; partition < partitions; partition++) await broker.topics.write(stream.input, partition, EVENS);
  return stream;
}

const settings = (stream: Stream, more: AppSettings["properties"] = {}): AppSettings => ({ properties: { ...stream.properties, ...more } });
const evenCount = async (stream: Stream): Promise<number> =>
  (await broker.topics.endOffsets(stream.even)).reduce((sum, end) => sum + end, 0);
const untilEven = async (stream: Stream, count: number): Promise<void> =>
  until(`${count} records are in ${stream.even}`, async () => (await evenCount(stream)) >= count);

broker.test(
  "records that were deleted before they were read are told of with their number, and reading goes on behind them",
  async (context) => {
    const stream = await filled("deleted");
    const first = startApp(context, settings(stream));
    await broker.topics.untilCommitted(stream.group, stream.input);
    assert.equal((await first.stop()).exitCode, 0);
    await broker.topics.write(stream.input, 0, [...EVENS, ...EVENS]);
    await broker.topics.deleteBefore(stream.input, 0, 12);

    const second = startApp(context, settings(stream));
    const told = await second.line(/does not go on at offset/u);
    assert.match(
      told,
      /WARN .*deleted-0 does not go on at offset 5: its log has the offsets from 12 up to 15\. Going on at 12.*: 7 records were deleted/u,
    );
    await broker.topics.untilCommitted(stream.group, stream.input);
    assert.equal((await second.stop()).exitCode, 0);
    assert.match(second.lines.at(-1) ?? "", /Stopped: .*, 1 jump to the earliest record$/u);
    assert.equal(await evenCount(stream), 8);
  },
);

broker.test(
  "told to stop when its position is gone, the app ends with what is missing and what to do, and commits nothing",
  async (context) => {
    const stream = await filled("gone");
    const first = startApp(context, settings(stream));
    await broker.topics.untilCommitted(stream.group, stream.input);
    assert.equal((await first.stop()).exitCode, 0);
    await broker.topics.write(stream.input, 0, EVENS);
    await broker.topics.deleteBefore(stream.input, 0, 7);

    const second = startApp(context, settings(stream, { "router.offset-out-of-range": "stop" }));
    assert.equal((await second.ended()).exitCode, 1);
    assert.match(second.lines.join("\n"), /ERROR[^]*gone-0 does not go on at offset 5: [^]*router\.offset-out-of-range=stop/u);
    assert.deepEqual(await broker.topics.committed(stream.group, stream.input), [5]);
  },
);

broker.test("a topic that is deleted and created again while the app runs is read from its first record", async (context) => {
  const stream = await filled("recreated");
  const app = startApp(context, settings(stream));
  await untilEven(stream, 5);
  await broker.topics.untilCommitted(stream.group, stream.input);
  await broker.topics.remove(stream.input);
  await broker.topics.create(stream.input, 1).catch(() => {
    // The app was faster.
  });
  await broker.topics.write(stream.input, 0, ["20", "22", "24"]);
  await untilEven(stream, 8);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0);
  assert.equal(await evenCount(stream), 8, app.lines.join("\n"));
});

broker.test("partitions that are added while the app runs are read from their first record", async (context) => {
  const stream = await filled("added", 2);
  const app = startApp(context, settings(stream));
  await untilEven(stream, 10);
  await broker.topics.addPartitions(stream.input, 3);
  await until("the new partition is there", async () => (await broker.topics.endOffsets(stream.input)).length === 3);
  await broker.topics.write(stream.input, 2, EVENS);
  await untilEven(stream, 15);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0);
  // An output with two partitions takes the third of the input in its first.
  assert.deepEqual(await broker.topics.endOffsets(stream.even), [10, 5]);
});

broker.test(
  "a group that is told to begin at the latest record, and an anonymous one, leave out what was there before",
  async (context) => {
    for (const [name, more] of [
      ["latest", { [`${consumer}.start-offset`]: "latest" }],
      ["anonymous", { "spring.cloud.stream.bindings.input.group": "anonymous" }],
    ] as const) {
      const stream = await filled(name);
      const app = startApp(context, settings(stream, more));
      await app.line(/Routing /u);
      await broker.topics.write(stream.input, 0, ["20", "22"]);
      await untilEven(stream, 2);
      assert.equal((await app.stop()).exitCode, 0);
      assert.equal(await evenCount(stream), 2, name);
    }
  },
);

broker.test("told to reset its offsets, the app begins at the first record again, once", async (context) => {
  const stream = await filled("reset");
  const first = startApp(context, settings(stream));
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await first.stop()).exitCode, 0);
  const second = startApp(context, settings(stream, { [`${consumer}.reset-offsets`]: true }));
  await untilEven(stream, 10);
  await broker.topics.write(stream.input, 0, ["20"]);
  await untilEven(stream, 11);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await second.stop()).exitCode, 0);
  assert.equal(await evenCount(stream), 11);
});

const instance = (index: number): AppSettings["properties"] => ({
  [`${consumer}.auto-rebalance-enabled`]: false,
  "spring.cloud.stream.instance-index": index,
  "spring.cloud.stream.instance-count": 2,
});

broker.test("without rebalancing each instance reads the partitions that its index says, also when the other is away", async (context) => {
  const stream = await filled("indexed", 4);
  const one = startApp(context, settings(stream, instance(1)));
  await until("the second instance has read its partitions", async () => (await evenCount(stream)) === 10);
  assert.deepEqual(await broker.topics.committed(stream.group, stream.input).then(([a, , c]) => [a, c]), [-1, -1]);
  assert.deepEqual(await broker.topics.endOffsets(stream.even), [0, 5, 0, 5]);
  const zero = startApp(context, settings(stream, instance(0)));
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.deepEqual(await broker.topics.endOffsets(stream.even), [5, 5, 5, 5]);
  assert.deepEqual([(await one.stop()).exitCode, (await zero.stop()).exitCode], [0, 0]);
});

broker.test("read_uncommitted routes the records of aborted transactions as well", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "uncommitted");
  await broker.topics.create(stream.input, 2);
  const { sent, aborted } = await writeRecords(broker.cluster.bootstrap, stream.input, { records: 4000, partitions: 2, transaction: 500 });
  assert.ok(aborted > 0);
  const app = startApp(context, settings(stream, { "spring.cloud.stream.kafka.binder.configuration.isolation.level": "read_uncommitted" }));
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0);
  const counts = await Promise.all([stream.even, stream.odd].map(async (topic) => broker.topics.endOffsets(topic)));
  assert.equal(
    counts.flat().reduce((sum, end) => sum + end, 0),
    sent,
  );
});

broker.test("batches that an output's topic is too small for are made smaller before they are sent", async (context) => {
  const stream = streamOf(broker.cluster.bootstrap, "small-output");
  await broker.topics.create(stream.input, 2);
  await broker.topics.create(stream.even, 2, { "max.message.bytes": "4000" });
  await writeRecords(broker.cluster.bootstrap, stream.input, { records: 5000, partitions: 2 });
  const app = startApp(context, settings(stream));
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(5000));
  assert.ok(!app.lines.some((line) => line.includes("splitting")), app.lines.join("\n"));
});

broker.test(
  "batches that a topic stops to take while the app runs are split, and every record arrives once and in order",
  async (context) => {
    const stream = streamOf(broker.cluster.bootstrap, "shrunk-output");
    for (const topic of [stream.input, stream.even, stream.odd]) await broker.topics.create(topic, 2);
    const app = startApp(context, settings(stream));
    await app.line(/Routing /u);
    await broker.topics.configure(stream.even, { "max.message.bytes": "3000" });
    await writeRecords(broker.cluster.bootstrap, stream.input, { records: 20_000, partitions: 2 });
    await broker.topics.untilCommitted(stream.group, stream.input);
    assert.equal((await app.stop()).exitCode, 0);
    assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(20_000));
    assert.ok(
      app.lines.some((line) => /shrunk-output-even-\d does not take a RecordBatch of \d+ bytes: splitting/u.test(line)),
      app.lines.join("\n"),
    );
  },
);
