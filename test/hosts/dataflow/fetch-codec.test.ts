import assert from "node:assert/strict";
import { test } from "node:test";
import { batchMessages, decodeFetchResponse, type BatchMessage } from "../../../hosts/dataflow/kafka/fetch-codec.ts";
import golden from "../../../hosts/dataflow/kafka/golden.json" with { type: "json" };
import { batchOf } from "../../batches.ts";
import { joined } from "../../bytes.ts";
import { decodeBatch, encodeBatch } from "../../record-batch.ts";
import { decodeWithKafkajs, encodeFetchResponse, type FetchResponse } from "./fetch-response.ts";

interface Decoded {
  readonly throttleTime: number;
  readonly clientSideThrottleTime: number;
  readonly errorCode: number;
  readonly sessionId: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly { readonly abortedTransactions: readonly object[]; readonly messages: readonly BatchMessage[] }[];
  }[];
}

const OFFSET_MAX = 2n ** 63n - 1n;
const VERSIONS = [4, 5, 6, 7, 8, 9, 10, 11] as const;

const first = encodeBatch(batchOf(["1", "2", null], { baseOffset: 100n }));
const second = encodeBatch(batchOf([{ value: "4", key: "k", headers: [["h", "v"]] }, "5"], { baseOffset: 103n }));

const RESPONSE: FetchResponse = {
  throttleTimeMs: 17,
  errorCode: 71,
  sessionId: 4711,
  topics: [
    {
      name: "größer",
      partitions: [
        { partition: 2, highWatermark: 2n ** 40n, lastStableOffset: 2n ** 40n - 1n, logStartOffset: 99n, records: joined([first, second]) },
        { partition: 3, errorCode: 6, highWatermark: -1n, lastStableOffset: -1n, logStartOffset: -1n, preferredReadReplica: 5 },
        { partition: 4, highWatermark: 7n, records: new Uint8Array() },
      ],
    },
    { name: "other", partitions: [] },
  ],
};

function decoded(version: number, response: Buffer): Decoded {
  return decodeFetchResponse(response, version) as Decoded;
}

/** Messages with the records of the batches in place of the batches, as far as kafkajs's decoder tells the same of them. */
function recordsOf(messages: readonly BatchMessage[]): readonly object[] {
  return messages.flatMap(({ bytes }) => {
    const batch = decodeBatch(bytes);
    return batch.records.map(({ offsetDelta, value }) => ({
      offset: String(batch.baseOffset + BigInt(offsetDelta)),
      value: value === null ? null : Buffer.from(value).toString(),
    }));
  });
}

for (const version of VERSIONS) {
  test(`a Fetch response of version ${version} is read as kafkajs reads it`, async () => {
    const response = encodeFetchResponse(version, RESPONSE);
    const theirs = await decodeWithKafkajs(version, response);
    const ours = decoded(version, response);
    const withRecords = ours.responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({ ...partition, messages: recordsOf(partition.messages) })),
    }));
    const theirResponses = theirs.responses.map((topic) => ({
      ...topic,
      partitions: topic.partitions.map((partition) => ({
        ...partition,
        messages: partition.messages.map(({ offset, value }) => ({ offset, value: value?.toString() ?? null })),
      })),
    }));
    assert.deepEqual(withRecords, theirResponses);
    assert.equal(ours.errorCode, theirs.errorCode ?? 0);
    assert.equal(ours.sessionId, theirs.sessionId ?? 0);
    if (version >= 8) assert.deepEqual([ours.throttleTime, ours.clientSideThrottleTime], [0, 17]);
  });
}

test("each message is a whole RecordBatch that kafkajs never filters out: not by its offset, not as a control record", () => {
  const [message, ...others] = batchMessages(Buffer.from(first), []);
  assert.deepEqual(others, []);
  assert.deepEqual(
    { ...message, bytes: Buffer.from(message?.bytes ?? []) },
    { bytes: Buffer.from(first), lastOffset: 102n, offset: "9223372036854775807", visible: true, isControlRecord: false },
  );
});

test("kafkajs is never told of aborted transactions, which are left out here", () => {
  const records = encodeBatch(batchOf(["1"], { baseOffset: 5n, producerId: 7n, attributes: 0x10 }));
  const topics = [{ name: "t", partitions: [{ aborted: [{ producerId: 7n, firstOffset: 5n }], records }] }];
  for (const version of VERSIONS) {
    const [partition] = decoded(version, encodeFetchResponse(version, { topics })).responses[0]?.partitions ?? [];
    assert.deepEqual(partition?.abortedTransactions, []);
    assert.deepEqual(
      partition?.messages.map(({ visible }) => visible),
      [false],
    );
  }
});

test("the golden response of a real broker has the batches that its maker saw", () => {
  const { responses } = decoded(golden.fetch.version, Buffer.from(golden.fetch.response, "base64"));
  const messages = responses.flatMap(({ partitions }) => partitions.flatMap((partition) => partition.messages));
  const seen = messages.map(({ lastOffset, visible, bytes }) => ({ lastOffset: String(lastOffset), visible, bytes: bytes.length }));
  assert.deepEqual(seen, golden.fetch.batches);
});

test("what the broker has cut off at the end is left out, wherever the cut is", () => {
  const whole = joined([first, second]);
  for (let length = first.length; length < whole.length; length++) {
    const messages = batchMessages(Buffer.from(whole.subarray(0, length)), []);
    assert.deepEqual(
      messages.map(({ lastOffset }) => String(lastOffset)),
      ["102"],
      `${length} bytes`,
    );
  }
  assert.equal(batchMessages(Buffer.from(whole), []).length, 2);
});

test("a first batch that is cut off is a message of its own, for a broker gives the first one whole", () => {
  for (let length = 1; length < first.length; length++) {
    const messages = batchMessages(Buffer.from(first.subarray(0, length)), []);
    assert.deepEqual(
      messages.map(({ bytes, lastOffset, visible }) => [bytes.length, lastOffset, visible]),
      [[length, OFFSET_MAX, true]],
    );
  }
});

test("bytes that are no batch are one last message, with all that is left", () => {
  const garbage: readonly (readonly [string, (bytes: Uint8Array) => void])[] = [
    ["of an older message format", (bytes) => bytes.set([1], 16)],
    ["with a length below a header's", (bytes) => new DataView(bytes.buffer).setInt32(8, 48)],
    ["with a negative length", (bytes) => new DataView(bytes.buffer).setInt32(8, -1)],
  ];
  for (const [what, damage] of garbage) {
    const damaged = second.slice();
    damage(damaged);
    const messages = batchMessages(Buffer.from(joined([first, damaged, first])), []);
    assert.deepEqual(
      messages.map(({ bytes, lastOffset, visible }) => [bytes.length, String(lastOffset), visible]),
      [
        [first.length, "102", true],
        [damaged.length + first.length, String(OFFSET_MAX), true],
      ],
      what,
    );
  }
});

test("no records are no messages", () => {
  assert.deepEqual(batchMessages(Buffer.alloc(0), []), []);
});

test("a response that ends before its fields do is an error", () => {
  const response = encodeFetchResponse(11, { topics: [{ name: "t", partitions: [{ records: first }] }] });
  for (let length = 0; length < response.length; length++) {
    assert.throws(() => decodeFetchResponse(response.subarray(0, length), 11), RangeError, `${length} bytes`);
  }
  assert.ok(decodeFetchResponse(response, 11));
});

test("a topic's name of less than no bytes is an error, and does not have the same bytes read over and over", () => {
  // Throttle time, a million topics, one without name or partitions, and one whose length leads back to the partitions of that one.
  const response = Buffer.from("00000000000fffff000000000000fffa", "hex");
  assert.throws(() => decodeFetchResponse(response, 4), RangeError);
});

test("an offset that is out of range is a message for the consumer and no error to kafkajs, which would go elsewhere by itself", () => {
  const partitions = [
    { partition: 1, errorCode: 1, highWatermark: -1n, lastStableOffset: -1n, logStartOffset: -1n },
    { partition: 2, errorCode: 6, highWatermark: -1n },
    { partition: 3, highWatermark: 105n, records: second },
  ];
  const { responses } = decoded(11, encodeFetchResponse(11, { topics: [{ name: "in", partitions }] }));
  const seen = responses[0]?.partitions as unknown as readonly { readonly errorCode: number; readonly messages: readonly object[] }[];
  assert.deepEqual(
    seen.map(({ errorCode, messages }) => [errorCode, messages.map((message) => "outOfRange" in message)]),
    [
      [0, [true]],
      [6, []],
      [0, [false]],
    ],
  );
});
