/** Every record that Java's client writes comes out of the app as it must, and as Java's client reads it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startApp } from "./app.ts";
import { faultless, verify, writeRecords, type RecordOptions, type Verdict } from "./records.ts";
import { streamOf, type Stream } from "./stream.ts";
import { useBroker } from "./use-broker.ts";

const PARTITIONS = 4;

const broker = await useBroker({ heapMb: 384 });

interface Run {
  readonly name: string;
  readonly records: Omit<RecordOptions, "partitions">;
  readonly inputConfig?: Readonly<Record<string, string>>;
  readonly outputPartitions?: number;
  readonly properties?: Readonly<Record<string, string | number | boolean>>;
}

/** Fills a topic, runs the app until its group has committed all of it, and compares. */
const route = async (
  context: TestContext,
  run: Run,
): Promise<{ readonly verdict: Verdict; readonly stream: Stream; readonly lines: readonly string[]; readonly aborted: number }> => {
  const stream = streamOf(broker.cluster.bootstrap, run.name);
  await broker.topics.create(stream.input, PARTITIONS, run.inputConfig);
  if (run.outputPartitions !== undefined) {
    for (const output of [stream.even, stream.odd]) await broker.topics.create(output, run.outputPartitions);
  }
  const { aborted } = await writeRecords(broker.cluster.bootstrap, stream.input, { partitions: PARTITIONS, ...run.records });
  const app = startApp(context, { properties: { ...stream.properties, ...run.properties } });
  await app.line(/Routing /u);
  await broker.topics.untilCommitted(stream.group, stream.input);
  const { exitCode } = await app.stop();
  assert.equal(exitCode, 0, app.lines.join("\n"));
  return { verdict: await verify(broker.cluster.bootstrap, stream), stream, lines: app.lines, aborted };
};

broker.test("the app routes 100,000 records with keys, headers and old timestamps, each one as it was", async (context) => {
  const { verdict, lines } = await route(context, { name: "plain", records: { records: 100_000 } });
  assert.deepEqual(verdict, faultless(100_000));
  const [, even, odd] =
    /Stopped: (\d+) records to even, (\d+) records to odd, 0 tombstones left out, 0 unroutable$/u.exec(lines.at(-1) ?? "") ?? [];
  assert.equal(Number(even) + Number(odd), 100_000);
});

for (const codec of ["gzip", "snappy", "lz4", "zstd"] as const) {
  broker.test(`the app routes records that the producer has compressed with ${codec}`, async (context) => {
    const { verdict } = await route(context, { name: codec, records: { records: 20_000, codec, seed: 2 } });
    assert.deepEqual(verdict, faultless(20_000));
  });
}

broker.test("the app gives records of a LogAppendTime topic the broker's timestamps", async (context) => {
  const inputConfig = { "message.timestamp.type": "LogAppendTime" };
  const { verdict } = await route(context, { name: "append-time", records: { records: 20_000, seed: 3 }, inputConfig });
  assert.deepEqual(verdict, faultless(20_000));
});

broker.test("the app routes batches of a few records each", async (context) => {
  const { verdict } = await route(context, { name: "tiny", records: { records: 20_000, batchBytes: 200, seed: 4 } });
  assert.deepEqual(verdict, faultless(20_000));
});

for (const codec of ["none", "zstd"] as const) {
  broker.test(`the app routes all of the committed transactions and nothing of the aborted ones (codec ${codec})`, async (context) => {
    const records = { records: 40_000, transaction: 1000, seed: 5, codec };
    const { verdict, aborted } = await route(context, { name: `transactions-${codec}`, records });
    assert.ok(aborted >= 8000, `${aborted} aborted`);
    assert.deepEqual(verdict, faultless(40_000 - aborted));
  });
}

broker.test(
  "the app leaves out tombstones and unroutable records, counts both, and logs where the unroutable ones are",
  async (context) => {
    // Seven unroutable records: few enough for a line each.
    const records = { records: 10_000, tombstoneEvery: 10, unroutableEvery: 1401, seed: 6 };
    const { verdict, lines } = await route(context, { name: "left-out", records });
    assert.deepEqual(verdict, faultless(10_000, { tombstones: 1000, unroutable: 7 }));
    assert.match(lines.at(-1) ?? "", /1000 tombstones left out, 7 unroutable$/u);
    const places = lines.flatMap((line) => / Left out (left-out-\d offset \d+: .*)$/u.exec(line)?.[1] ?? []);
    // Record i is number i / 4 of partition i % 4.
    const reasons = ["empty at byte 0", "not-a-digit at byte 16", "not-a-digit at byte 11", "not-a-digit at byte 17"];
    const wanted = Array.from({ length: 7 }, (_, index) => {
      const i = (index + 1) * 1401 - 1;
      return `left-out-${i % PARTITIONS} offset ${Math.floor(i / PARTITIONS)}: ${reasons[index % reasons.length]}`;
    });
    assert.deepEqual(places.toSorted(), wanted.toSorted());
  },
);

broker.test("the app takes the input partition modulo the number of partitions where an output has fewer", async (context) => {
  const { verdict, stream } = await route(context, { name: "fewer", records: { records: 20_000, seed: 7 }, outputPartitions: 3 });
  assert.deepEqual(verdict, faultless(20_000));
  assert.equal(await broker.topics.partitionCount(stream.even), 3);
});

broker.test("the app keeps everything in batches that are as small as they may be", async (context) => {
  const properties = { "router.output-batch-bytes": 1024, "router.in-flight-bytes": 4096 };
  const { verdict } = await route(context, { name: "small", records: { records: 5000, seed: 8, codec: "lz4" }, properties });
  assert.deepEqual(verdict, faultless(5000));
});
