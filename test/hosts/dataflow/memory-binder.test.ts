import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchConsumer, ConsumerOptions, FetchedBatches, Jump, Position } from "../../../hosts/dataflow/binder.ts";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { MemoryBroker } from "../../../hosts/dataflow/memory-binder.ts";
import { turn } from "./fake-binder.ts";
import { plainBytes, valuesOf } from "./fetched.ts";

const GROUP: ConsumerOptions = {
  topics: ["in"],
  group: "group",
  startOffset: "earliest",
  resetOffsets: false,
  isolationLevel: "read_committed",
  offsetOutOfRange: "reset",
  instance: null,
};

/** A broker with the topic `in`. */
async function brokerWith(partitions: number): Promise<MemoryBroker> {
  const broker = new MemoryBroker();
  await broker.binder(systemClock).provision([{ name: "in", partitions }]);
  return broker;
}

async function append(broker: MemoryBroker, partition: number, ...batches: readonly (readonly string[])[]): Promise<void> {
  const producer = await broker.binder(systemClock).openProducer();
  for (const texts of batches) await producer.produce("in", partition, plainBytes(0n, texts));
  await producer.close();
}

interface Reading {
  readonly consumer: BatchConsumer;
  readonly fetched: FetchedBatches[];
  /** Resolves when this many fetches were handed over. */
  readonly until: (count: number) => Promise<void>;
}

async function read(broker: MemoryBroker, options: ConsumerOptions = GROUP): Promise<Reading> {
  const fetched: FetchedBatches[] = [];
  let waiting: { readonly count: number; readonly resolve: () => void } | null = null;
  const consumer = await broker.binder(systemClock).openConsumer(options, async (one) => {
    fetched.push(one);
    if (waiting !== null && fetched.length >= waiting.count) waiting.resolve();
    return Promise.resolve();
  });
  const until = async (count: number): Promise<void> => {
    if (fetched.length >= count) return;
    await new Promise<void>((resolve) => {
      waiting = { count, resolve };
    });
  };
  return { consumer, fetched, until };
}

test("topics are created once, and each keeps its number of partitions", async () => {
  const broker = await brokerWith(3);
  const counts = await broker.binder(systemClock).provision([
    { name: "in", partitions: 7 },
    { name: "out", partitions: 2 },
  ]);
  assert.deepEqual(
    [...counts],
    [
      ["in", { partitions: 3, batchBytesMax: null }],
      ["out", { partitions: 2, batchBytesMax: null }],
    ],
  );
  assert.deepEqual(broker.endOffsets("in"), [0n, 0n, 0n]);
});

test("a batch that is appended gets the partition's offsets, and is a copy", async () => {
  const broker = await brokerWith(2);
  const producer = await broker.binder(systemClock).openProducer();
  const bytes = plainBytes(99n, ["1", "2"]);
  await producer.produce("in", 1, bytes);
  await producer.produce("in", 1, bytes);
  bytes.fill(0);
  assert.deepEqual(broker.endOffsets("in"), [0n, 4n]);
  const { consumer, fetched, until } = await read(broker);
  await until(1);
  await consumer.close();
  assert.deepEqual(
    fetched.map(({ topic, partition, fetchOffset, nextOffset }) => [topic, partition, fetchOffset, nextOffset]),
    [["in", 1, 0n, 4n]],
  );
  const batches = fetched[0]?.batches ?? [];
  assert.deepEqual(
    batches.map(({ lastOffset, visible }) => [lastOffset, visible]),
    [
      [1n, true],
      [3n, true],
    ],
  );
  assert.deepEqual(
    batches.flatMap((batch) => valuesOf(batch.bytes)),
    ["1", "2", "1", "2"],
  );
});

test("a group goes on from what it has committed, in the middle of a batch, too", async () => {
  const broker = await brokerWith(1);
  await append(broker, 0, ["1", "2"], ["3", "4"]);
  const first = await read(broker);
  await first.until(1);
  await first.consumer.commit([{ topic: "in", partition: 0, offset: 3n }]);
  await first.consumer.close();
  assert.equal(broker.committedOffset("group", "in", 0), 3n);
  const second = await read(broker);
  await second.until(1);
  await second.consumer.close();
  const [fetched] = second.fetched;
  assert.deepEqual([fetched?.fetchOffset, fetched?.nextOffset], [3n, 4n]);
  assert.deepEqual(
    fetched?.batches.map(({ bytes }) => valuesOf(bytes)),
    [["3", "4"]],
  );
});

test("a group that has committed nothing begins at the earliest record or behind the latest, as it is told", async () => {
  const broker = await brokerWith(1);
  await append(broker, 0, ["1"]);
  const latest = await read(broker, { ...GROUP, group: null, startOffset: "latest" });
  await append(broker, 0, ["2"]);
  await latest.until(1);
  await latest.consumer.close();
  assert.deepEqual(
    latest.fetched.map(({ fetchOffset }) => fetchOffset),
    [1n],
  );
  assert.equal(broker.committedOffset("group", "in", 0), null);
});

test("a consumer without a group leaves nothing behind for the next one", async () => {
  const broker = await brokerWith(1);
  await append(broker, 0, ["1"]);
  for (let time = 0; time < 2; time++) {
    const reading = await read(broker, { ...GROUP, group: null });
    await reading.until(1);
    await reading.consumer.commit([{ topic: "in", partition: 0, offset: 1n }]);
    await reading.consumer.close();
    assert.equal(reading.fetched[0]?.fetchOffset, 0n);
  }
});

test("a consumer that waits is woken by the next record", async () => {
  const broker = await brokerWith(1);
  const reading = await read(broker);
  await turn();
  assert.equal(reading.fetched.length, 0);
  await append(broker, 0, ["1"]);
  await reading.until(1);
  await append(broker, 0, ["2"]);
  await reading.until(2);
  await reading.consumer.close();
  await reading.consumer.ended;
});

test("a fetch brings about a mebibyte, and a longer batch alone", async () => {
  const broker = await brokerWith(1);
  const half = "v".repeat(400_000);
  await append(broker, 0, [half], [half], [half], ["v".repeat(3_000_000)], ["1"]);
  const reading = await read(broker);
  await reading.until(3);
  await reading.consumer.close();
  assert.deepEqual(
    reading.fetched.map(({ batches }) => batches.length),
    [2, 1, 1],
  );
});

test("an error of the handler ends the consumer, and closing it does not fail", async () => {
  const broker = await brokerWith(1);
  await append(broker, 0, ["1"]);
  const consumer = await broker.binder(systemClock).openConsumer(GROUP, async () => Promise.reject(new Error("no more")));
  await assert.rejects(consumer.ended, /no more/u);
  await consumer.close();
  const next = await read(broker);
  await next.until(1);
  await next.consumer.close();
});

test("members of a group share the partitions, and one that leaves gives its own to the others", async () => {
  const broker = await brokerWith(2);
  const first = await read(broker);
  const joining = read(broker);
  // Whoever waits for records hears of the newcomer when there are some.
  await append(broker, 0, ["1"]);
  const second = await joining;
  await first.until(1);
  await first.consumer.commit([{ topic: "in", partition: 0, offset: 1n }]);
  await append(broker, 1, ["2"]);
  await second.until(1);
  await second.consumer.commit([{ topic: "in", partition: 1, offset: 1n }]);
  await second.consumer.close();
  await append(broker, 1, ["3"]);
  await first.until(2);
  await first.consumer.close();
  assert.deepEqual(
    first.fetched.map(({ partition, fetchOffset }) => [partition, fetchOffset]),
    [
      [0, 0n],
      [1, 1n],
    ],
  );
  assert.deepEqual(
    second.fetched.map(({ partition, fetchOffset }) => [partition, fetchOffset]),
    [[1, 0n]],
  );
});

test("an instance with a place of its own takes the partitions of that place", async () => {
  const broker = await brokerWith(4);
  for (const partition of [0, 1, 2, 3]) await append(broker, partition, ["1"]);
  const { consumer, fetched, until } = await read(broker, { ...GROUP, instance: { index: 1, count: 2 } });
  await until(2);
  await consumer.close();
  assert.deepEqual(
    fetched.map(({ partition }) => partition),
    [1, 3],
  );
});

test("a partition begins anew once in a binder's life, when it is told to", async () => {
  const broker = await brokerWith(1);
  await append(broker, 0, ["1"], ["2"]);
  const binder = broker.binder(systemClock);
  const fetchOffsets: bigint[] = [];
  const begun: (readonly Position[])[] = [];
  for (let time = 0; time < 2; time++) {
    const fetched = Promise.withResolvers<void>();
    const options = { ...GROUP, resetOffsets: true, onAssigned: (positions: readonly Position[]) => begun.push(positions) };
    const consumer = await binder.openConsumer(options, async ({ fetchOffset }) => {
      fetchOffsets.push(fetchOffset);
      fetched.resolve();
      return Promise.resolve();
    });
    await fetched.promise;
    await consumer.commit([{ topic: "in", partition: 0, offset: 1n }]);
    await consumer.close();
  }
  assert.deepEqual(fetchOffsets, [0n, 1n]);
  assert.deepEqual(begun, [[{ topic: "in", partition: 0, offset: 0n }], []]);
});

test("a position that the log does not have is reset to the earliest record, and told, or ends the consumer", async () => {
  const broker = await brokerWith(1);
  await append(broker, 0, ["1"], ["2"], ["3"]);
  broker.logs("in")[0]?.deleteBefore(2n);
  for (const position of [0n, 7n]) {
    const member = await read(broker, { ...GROUP, startOffset: "latest" });
    await member.consumer.commit([{ topic: "in", partition: 0, offset: position }]);
    await member.consumer.close();
    const jumps: Jump[] = [];
    const reading = await read(broker, { ...GROUP, onJump: (jump) => jumps.push(jump) });
    await reading.until(1);
    await reading.consumer.close();
    assert.deepEqual(
      jumps.map(({ from, to, endOffset }) => [from, to, endOffset]),
      [[position, 2n, 3n]],
    );
    assert.equal(reading.fetched[0]?.fetchOffset, 2n);
    const stopping = await read(broker, { ...GROUP, offsetOutOfRange: "stop" });
    await assert.rejects(stopping.consumer.ended, { code: "OFFSET_OUT_OF_RANGE", retriable: false });
  }
});

test("what is not there is an error that may be gone later", async () => {
  const broker = await brokerWith(1);
  const producer = await broker.binder(systemClock).openProducer();
  await assert.rejects(producer.produce("nowhere", 0, plainBytes(0n, ["1"])), { code: "TOPIC_MISSING", retriable: true });
  await assert.rejects(producer.produce("in", 1, plainBytes(0n, ["1"])), { code: "TOPIC_MISSING", retriable: true });
  await assert.rejects(producer.produce("in", 0, new Uint8Array(60)), { code: "PRODUCE_REFUSED", retriable: false });
  await assert.rejects(read(broker, { ...GROUP, topics: ["nowhere"] }), { code: "TOPIC_MISSING" });
});

test("a producer that is closed takes nothing more", async () => {
  const broker = await brokerWith(1);
  const producer = await broker.binder(systemClock).openProducer();
  await producer.close();
  await assert.rejects(producer.produce("in", 0, plainBytes(0n, ["1"])), { code: "BINDER_CLOSED" });
  assert.deepEqual(broker.endOffsets("in"), [0n]);
});

test("binders of one broker see the same topics, and say when partitions are assigned", async () => {
  const broker = await brokerWith(1);
  await append(broker, 0, ["1"]);
  const events: string[] = [];
  const consumer = await broker.binder(systemClock).openConsumer({ ...GROUP, onAssigned: () => events.push("assigned") }, async () => {
    events.push("fetched");
    return Promise.resolve();
  });
  await turn();
  await consumer.close();
  assert.deepEqual(events, ["assigned", "fetched"]);
});
