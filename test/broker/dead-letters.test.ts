/** Dead letters on a real broker, read with Java's client: each unroutable record is there, with every byte of what Spring would write. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startApp, type RunningApp } from "./app.ts";
import { faultless, verify, writeRecords, type RecordOptions } from "./records.ts";
import { streamOf, type Stream } from "./stream.ts";
import { useBroker } from "./use-broker.ts";

const PARTITIONS = 4;
const CONSUMER = "spring.cloud.stream.kafka.bindings.input.consumer";

const broker = await useBroker({ heapMb: 384 });

/** A stream whose unroutable records go to Spring's topic of dead letters. */
interface DeadLetterStream extends Stream {
  readonly deadLetters: string;
}

/** Returns a stream with a full input. Nothing else of it is created. */
const filled = async (
  name: string,
  records: Omit<RecordOptions, "partitions">,
  inputConfig: Readonly<Record<string, string>> = {},
): Promise<DeadLetterStream> => {
  const stream = streamOf(broker.cluster.bootstrap, name);
  await broker.topics.create(stream.input, PARTITIONS, inputConfig);
  await writeRecords(broker.cluster.bootstrap, stream.input, { partitions: PARTITIONS, ...records });
  const properties = { ...stream.properties, [`${CONSUMER}.enable-dlq`]: "true" };
  return { ...stream, properties, deadLetters: `error.${stream.input}.${stream.group}` };
};

/** Runs the app until its group has committed the whole input. */
const routeAll = async (
  context: TestContext,
  stream: Stream,
  properties: Readonly<Record<string, string | number>> = {},
): Promise<RunningApp> => {
  const app = startApp(context, { properties: { ...stream.properties, ...properties } });
  await app.line(/Routing /u);
  await broker.topics.untilCommitted(stream.group, stream.input);
  assert.equal((await app.stop()).exitCode, 0, app.lines.join("\n"));
  return app;
};

broker.test("dead letters are what Spring would write, and with outputs and tombstones account for every record", async (context) => {
  // 3 has no common factor with the 7 shapes of headers and the 5 of keys, so that dead letters are of every shape.
  const stream = await filled("letters", { records: 20_000, unroutableEvery: 3, tombstoneEvery: 10, seed: 21 });
  const { lines } = await routeAll(context, stream);
  const tombstones = 2000;
  // Every third record is unroutable but for those that are tombstones as well.
  const deadLetters = Math.floor(20_000 / 3) - Math.floor(20_000 / 30);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(20_000, { deadLetters, tombstones }));
  assert.equal(await broker.topics.partitionCount(stream.deadLetters), PARTITIONS);
  assert.ok(lines.some((line) => line.endsWith(`Unroutable records go to ${stream.deadLetters} as dead letters`)));
  assert.ok(
    lines.at(-1)?.endsWith(`${deadLetters} dead letters to ${stream.deadLetters}, ${tombstones} tombstones left out, 0 unroutable`),
  );
  assert.match(
    lines.join("\n"),
    / WARN .*\d+ records? became dead letters for error\.letters\.letters-group in the last second, the last one letters-\d/u,
  );
});

for (const codec of ["lz4", "zstd"] as const) {
  broker.test(`dead letters come out of batches that the producer has compressed with ${codec}`, async (context) => {
    const stream = await filled(`letters-${codec}`, { records: 10_000, unroutableEvery: 2, codec, seed: 22 });
    await routeAll(context, stream);
    assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(10_000, { deadLetters: 5000 }));
  });
}

broker.test("dead letters of a LogAppendTime topic have the broker's time of the record, and say so", async (context) => {
  const inputConfig = { "message.timestamp.type": "LogAppendTime" };
  const stream = await filled("letters-append-time", { records: 10_000, unroutableEvery: 2, seed: 23 }, inputConfig);
  await routeAll(context, stream);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(10_000, { deadLetters: 5000 }));
});

broker.test("dead letters go to the input partition modulo the number of partitions where their topic has fewer", async (context) => {
  const stream = await filled("letters-fewer", { records: 10_000, unroutableEvery: 3, seed: 24 });
  await broker.topics.create(stream.deadLetters, 3);
  await routeAll(context, stream);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(10_000, { deadLetters: 3333 }));
  assert.equal(await broker.topics.partitionCount(stream.deadLetters), 3);
});

broker.test("all dead letters go to one partition when they are told to, in a topic of the name that was given", async (context) => {
  const stream = await filled("letters-one", { records: 10_000, unroutableEvery: 3, seed: 25 });
  const deadLetters = "letters-named";
  await routeAll(context, stream, { [`${CONSUMER}.dlq-partitions`]: 1, [`${CONSUMER}.dlq-name`]: deadLetters });
  assert.deepEqual(await verify(broker.cluster.bootstrap, { ...stream, deadLetters }), faultless(10_000, { deadLetters: 3333 }));
  assert.deepEqual(await broker.topics.endOffsets(deadLetters), [3333]);
  assert.equal(await broker.topics.partitionCount(stream.deadLetters), null);
});

broker.test("a flood of 100,000 unroutable records arrives as dead letters, complete and in order", async (context) => {
  const stream = await filled("letters-flood", { records: 100_000, unroutableEvery: 1, seed: 26 });
  const { lines } = await routeAll(context, stream);
  assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(100_000, { deadLetters: 100_000 }));
  const lineCount = lines.filter((line) => line.includes("dead letters for error.")).length;
  context.diagnostic(`${lineCount} lines about 100,000 dead letters`);
});

broker.test("dead letters that are killed on their way come again, and none is missing", async (context) => {
  const stream = await filled("letters-killed", { records: 60_000, unroutableEvery: 2, seed: 27 });
  const first = startApp(context, {
    properties: { ...stream.properties, "router.output-batch-bytes": 4096, "router.in-flight-bytes": 4096 },
  });
  await first.line(/Routing /u);
  await broker.topics.untilMoreThan(1000, stream.deadLetters);
  assert.equal((await first.kill()).signal, "SIGKILL");
  await routeAll(context, stream);
  const { duplicated, ...verdict } = await verify(broker.cluster.bootstrap, stream);
  const { duplicated: _, ...wanted } = faultless(60_000, { deadLetters: 30_000 });
  assert.deepEqual(verdict, wanted);
  context.diagnostic(`${duplicated} records were written twice`);
});

broker.test(
  "a dead letter that its topic does not take holds the position back and ends the app, which names the topic and what to do",
  async (context) => {
    const stream = await filled("letters-refused", { records: 400, unroutableEvery: 80, plain: true, seed: 28 });
    // Enough for a routed record, and not for a dead letter.
    await broker.topics.create(stream.deadLetters, PARTITIONS, { "max.message.bytes": "200" });
    const app = startApp(context, { properties: stream.properties });
    assert.equal((await app.ended()).exitCode, 1);
    const told = app.lines.filter((line) => line.includes(stream.deadLetters) && line.includes("max.message.bytes"));
    assert.ok(
      told.some((line) => / ERROR /u.test(line)),
      app.lines.join("\n"),
    );
    // Record i is number i / 4 of partition i % 4, and the unroutable ones are all in partition 3.
    const [, , , behindFirst = 0] = await broker.topics.committed(stream.group, stream.input);
    assert.ok(behindFirst <= Math.floor(79 / PARTITIONS), `committed up to ${behindFirst}`);
    assert.deepEqual(await broker.topics.endOffsets(stream.deadLetters), [0, 0, 0, 0]);

    await broker.topics.configure(stream.deadLetters, { "max.message.bytes": "100000" });
    await routeAll(context, stream);
    const { duplicated, ...verdict } = await verify(broker.cluster.bootstrap, stream);
    const { duplicated: _, ...wanted } = faultless(400, { deadLetters: 5 });
    assert.deepEqual(verdict, wanted);
    context.diagnostic(`${duplicated} records were written twice`);
  },
);

broker.test("an output that takes unroutable records is an output like others: nothing is left out", async (context) => {
  const stream = await filled("letters-output", { records: 1000, unroutableEvery: 4, seed: 29 });
  const { lines } = await routeAll(context, stream, { "router.unroutable": "odd" });
  const [, even, odd] =
    /Stopped: (\d+) records to even, (\d+) records to odd, 0 tombstones left out, 0 unroutable$/u.exec(lines.at(-1) ?? "") ?? [];
  assert.equal(Number(even) + Number(odd), 1000);
  assert.equal(await broker.topics.partitionCount(stream.deadLetters), null);
});
