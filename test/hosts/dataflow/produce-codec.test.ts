import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { Router } from "../../../hosts/embed.ts";
import { BatchToProduce, carriesBatches, encodeProduceRequest, type ProduceOptions } from "../../../hosts/dataflow/kafka/produce-codec.ts";
import { batchOf } from "../../batches.ts";
import { coreModule } from "../../core-module.ts";
import { encodeWithKafkajs } from "../../kafkajs-codec.ts";

interface Message {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly timestamp: number;
  readonly headers: object;
}

type Encode = (options: object) => { encode(): Promise<{ readonly buffer: Buffer }> };

const TIME = 1_558_115_796_000;
const load = createRequire(import.meta.url);
const stamper = new Router(coreModule());
const stamp: Parameters<typeof encodeProduceRequest>[1] = (batch, producer) => {
  stamper.stampProducer(batch, producer);
};

/** What kafkajs's own encoder sends. Its records are messages; ours are batches, made of the same records. */
async function encodedByKafkajs(version: number, options: object): Promise<Buffer> {
  const request = load(`kafkajs/src/protocol/requests/produce/v${version}/request`) as Encode;
  const { buffer } = await request(options).encode();
  return Buffer.from(buffer);
}

function messages(...values: readonly string[]): readonly Message[] {
  return values.map((value, index) => ({
    key: index === 0 ? null : Buffer.from(`key-${value}`),
    value: Buffer.from(value),
    timestamp: TIME + index,
    headers: index === 1 ? { contentType: "text/plain" } : {},
  }));
}

/** The batch that kafkajs would make of the messages, without a producer. */
async function finished(of: readonly Message[], partition: number, baseSequence = 0): Promise<BatchToProduce> {
  const batch = batchOf(
    of.map(({ key, value, timestamp, headers }) => ({
      key,
      value,
      timestampDelta: BigInt(timestamp - TIME),
      headers: Object.entries(headers) as [string, string][],
    })),
    { baseTimestamp: BigInt(TIME), partitionLeaderEpoch: 0 },
  );
  return new BatchToProduce(await encodeWithKafkajs(batch), partition, baseSequence, () => null);
}

const Long = load("kafkajs/src/utils/long") as { fromNumber(value: number): { toString(): string } };

const PRODUCERS: readonly (readonly [string, Partial<ProduceOptions>])[] = [
  ["no producer id", { producerEpoch: -1 }],
  ["a producer id that is a number", { producerId: 4711, producerEpoch: 3 }],
  ["a producer id that is kafkajs's Long", { producerId: Long.fromNumber(2 ** 40), producerEpoch: 0 }],
  ["a transaction", { transactionalId: "größer", producerId: 4711, producerEpoch: 32_767 }],
];

for (const version of [3, 4, 5, 6, 7]) {
  for (const [what, producer] of PRODUCERS) {
    test(`a Produce request of version ${version} with ${what} is byte for byte what kafkajs sends`, async () => {
      const even = messages("05/17/19 17:56:36", "05/17/19 17:56:38", "");
      const odd = messages("05/17/19 17:56:37");
      // Without a producer id there is no sequence, and kafkajs writes the 0 that it is given.
      const firstSequence = producer.producerId === undefined ? -1 : 17;
      const topicData = [
        {
          topic: "evenDest",
          partitions: [
            { partition: 2, firstSequence, messages: even },
            { partition: 0, firstSequence: firstSequence === -1 ? -1 : 2_147_483_647, messages: odd },
          ],
        },
        { topic: "größer", partitions: [{ partition: 1, firstSequence, messages: odd }] },
        { topic: "none", partitions: [] },
      ];
      const ours = await Promise.all(
        topicData.map(async ({ topic, partitions }) => ({
          topic,
          partitions: await Promise.all(
            partitions.map(async (entry) => {
              const batch = await finished(entry.messages, entry.partition, entry.firstSequence);
              return { partition: entry.partition, messages: batch };
            }),
          ),
        })),
      );
      const options = { acks: -1, timeout: 30_000, ...producer };
      const body = Buffer.concat(encodeProduceRequest({ ...options, topicData: ours }, stamp));
      assert.equal(body.toString("hex"), (await encodedByKafkajs(version, { ...options, topicData })).toString("hex"));
    });
  }
}

test("the records of a batch are sent from where they are", async () => {
  const batch = await finished(messages("1", "2"), 0);
  const parts = encodeProduceRequest({ ...requestOf(batch), producerId: 9, producerEpoch: 1 }, stamp);
  const [, records] = parts;
  assert.equal(parts.length, 2);
  assert.equal(records?.buffer, batch.bytes.buffer);
  assert.deepEqual(records, Buffer.from(batch.bytes.subarray(61)));
});

test("a producer is stamped into the copy that is sent, the same for every attempt", async () => {
  const batch = await finished(messages("1"), 0, 5);
  const before = Buffer.from(batch.bytes);
  const request = (producerId: number): Buffer => {
    const topicData = [{ topic: "t", partitions: [{ partition: 0, messages: batch }] }];
    return Buffer.concat(encodeProduceRequest({ acks: -1, timeout: 1, producerId, producerEpoch: 1, topicData }, stamp));
  };
  const [once, again, another] = [request(9), request(9), request(10)];
  assert.deepEqual(Buffer.from(batch.bytes), before);
  assert.deepEqual(again, once);
  assert.notDeepEqual(another, once);
});

test("a batch stands for its partition, and for no records that kafkajs would count sequence numbers for", async () => {
  const batch = await finished(messages("1", "2", "3"), 7);
  assert.equal(batch.length, 0);
  assert.equal(batch.find(), undefined);
  assert.deepEqual(Object.entries(batch.reduce()), [["7", batch]]);
});

test("a batch that must not be sent any more says why at the next attempt", async () => {
  const { bytes } = await finished(messages("1"), 0);
  let stopped: Error | null = null;
  const batch = new BatchToProduce(bytes, 0, 0, () => stopped);
  assert.ok(batch.reduce());
  stopped = new Error("the producer has failed");
  assert.throws(() => batch.reduce(), stopped);
});

/** A request for partitions 0, 1 and so on. */
function requestOf(...all: readonly unknown[]): ProduceOptions {
  return {
    acks: -1,
    timeout: 1,
    topicData: [{ topic: "t", partitions: all.map((entry, partition) => ({ partition, messages: entry })) }],
  };
}

test("a request is ours when all of it is finished batches, and mixing is refused", async () => {
  const batch = await finished(messages("1"), 0);
  assert.equal(carriesBatches(requestOf(batch, batch)), true);
  assert.equal(carriesBatches(requestOf(messages("1"))), false);
  assert.equal(carriesBatches(requestOf(batch, messages("1"))), false);
  assert.throws(() => encodeProduceRequest(requestOf(batch, messages("1")), stamp), TypeError);
});
