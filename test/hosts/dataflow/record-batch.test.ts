import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  BatchWriter,
  readBatchTime,
  readRecord,
  splitBatch,
  timestampOf,
  varint,
  withoutHeaders,
} from "../../../hosts/dataflow/record-batch.ts";
import { batch } from "../../arbitraries.ts";
import { batchOf, timeOf } from "../../batches.ts";
import { bytesOf } from "../../bytes.ts";
import { decodeWithKafkajs } from "../../kafkajs-codec.ts";
import { check, checkAsync } from "../../property.ts";
import {
  CONTROL,
  HEADER_BYTES,
  LOG_APPEND_TIME,
  PLAIN_HEADER,
  crc32c,
  decodeBatch,
  encodeBatch,
  encodeRecord,
  varint as varintOfModel,
  type BatchRecord,
  type RecordBatch,
} from "../../record-batch.ts";

/** A batch as the core writes it: its offsets rise by one, and it has neither producer nor attributes. */
function outputBatch({ baseTimestamp, maxTimestamp, records }: RecordBatch): RecordBatch {
  const numbered = records.map((record, offsetDelta) => ({ ...record, offsetDelta }));
  return { ...PLAIN_HEADER, baseTimestamp, maxTimestamp, lastOffsetDelta: records.length - 1, records: numbered };
}

const twoOrMore = batch.filter(({ records }) => records.length >= 2).map(outputBatch);

/** The halves as plain bytes: a Buffer is never deeply equal to those. */
function halvesOf(one: RecordBatch): readonly Uint8Array[] {
  const halves = splitBatch(encodeBatch(one), crc32c) ?? assert.fail("the batch has more than one record");
  return halves.map((half) => Uint8Array.from(half));
}

/** The record as if it were the first of its batch. */
function withoutPlace(record: BatchRecord): BatchRecord {
  return { ...record, offsetDelta: 0 };
}

test("the halves of a batch together have its records, in order, with their times, keys, values and headers", () => {
  check(
    fc.property(twoOrMore, (one) => {
      const halves = halvesOf(one).map((bytes) => decodeBatch(bytes));
      assert.deepEqual(
        halves.flatMap(({ records }) => records.map(withoutPlace)),
        one.records.map(withoutPlace),
      );
      for (const { baseTimestamp } of halves) assert.equal(baseTimestamp, one.baseTimestamp);
    }),
    2,
  );
});

test("each half of a batch is a finished output batch, to kafkajs as well", async () => {
  await checkAsync(
    fc.asyncProperty(twoOrMore, async (one) => {
      for (const bytes of halvesOf(one)) {
        const half = decodeBatch(bytes);
        assert.deepEqual(
          half.records.map(({ offsetDelta }) => offsetDelta),
          half.records.map((_, index) => index),
        );
        const times = half.records.map((record) => timeOf(half, record));
        assert.deepEqual(half, {
          ...PLAIN_HEADER,
          baseTimestamp: one.baseTimestamp,
          maxTimestamp: times.reduce((most, time) => (time > most ? time : most)),
          lastOffsetDelta: half.records.length - 1,
          records: half.records,
        });
        // Written anew by the model it is the same: nothing is longer than it needs to be.
        assert.deepEqual(bytes, encodeBatch(half));
        assert.equal((await decodeWithKafkajs(bytes)).records.length, half.records.length);
      }
    }),
  );
});

test("the halves of a batch differ by no more than their longest record", () => {
  check(
    fc.property(twoOrMore, (one) => {
      const [first = 0, second = 0] = halvesOf(one).map(({ length }) => length);
      const longest = Math.max(...one.records.map((record) => encodeRecord(record).length));
      assert.ok(Math.abs(first - second) <= longest, `${first} and ${second}, the longest record ${longest}`);
    }),
  );
});

test("a batch that is split again and again ends as batches of one record each, which are not split", () => {
  const records = Array.from({ length: 300 }, (_, index) => ({ value: "v".repeat(index % 7 === 0 ? 2000 : 5), key: String(index) }));
  const split = (bytes: Uint8Array): readonly Uint8Array[] => splitBatch(bytes, crc32c)?.flatMap(split) ?? [bytes];
  const single = split(encodeBatch(batchOf(records))).map((bytes) => decodeBatch(bytes));
  assert.deepEqual(
    single.map((one) => one.records.map(({ key }) => Buffer.from(key ?? []).toString())),
    records.map(({ key }) => [key]),
  );
});

test("a record is read from where its length is, with its time and where its parts are", () => {
  check(
    fc.property(
      batch.filter(({ attributes }) => (attributes & CONTROL) === 0),
      (one) => {
        const bytes = encodeBatch(one);
        const time = readBatchTime(bytes);
        assert.equal(time.isLogAppendTime, (one.attributes & LOG_APPEND_TIME) !== 0);
        let at = HEADER_BYTES;
        for (const wanted of one.records) {
          const record = readRecord(bytes, at);
          assert.equal(timestampOf(time, record), timeOf(one, wanted));
          assert.equal(record.headerCount, wanted.headers.length);
          // The parts, put together with another offset delta, are the record at another place.
          const writer = new BatchWriter(0);
          const keyAndValue = bytes.subarray(record.keyAt, record.headerCountAt);
          const headers = bytes.subarray(record.headersAt, record.end);
          writer.append(bytes.subarray(record.bodyAt, record.offsetDeltaAt), keyAndValue, varint(record.headerCount), headers);
          const copy = decodeBatch(Uint8Array.from(writer.finish(one.baseTimestamp, one.maxTimestamp, crc32c)));
          assert.deepEqual(copy.records, [withoutPlace(wanted)]);
          at = record.end;
        }
        assert.equal(at, bytes.length);
      },
    ),
  );
});

test("a writer's batches are byte for byte those of the model, however long they are, and begin anew each time", () => {
  const writer = new BatchWriter(0);
  for (const count of [1, 64, 65, 8192, 8193, 1]) {
    const record = { value: "v", key: null, headers: [["h", null]] } as const;
    const model = batchOf(Array.from({ length: count }, () => record));
    for (let index = 0; index < count; index++) {
      writer.append(Uint8Array.of(0, 0), Uint8Array.of(1), bytesOf("\x02v"), varint(1), bytesOf("\x02h\x01"));
      assert.equal(writer.recordCount, index + 1);
    }
    const wanted = encodeBatch(model);
    assert.equal(writer.length, wanted.length);
    assert.deepEqual(Uint8Array.from(writer.finish(0n, 0n, crc32c)), wanted);
    assert.deepEqual([writer.recordCount, writer.length], [0, HEADER_BYTES]);
  }
});

test("a varint is that of the model", () => {
  check(
    fc.property(fc.oneof(fc.integer(), fc.integer({ min: -70, max: 70 })), (number) => {
      assert.deepEqual(Uint8Array.from(varint(number)), varintOfModel(BigInt(number)));
    }),
    5,
  );
});

test("bytes that are no record are refused", () => {
  const bytes = encodeBatch(batchOf(["2", "4"]));
  const spoilt = (at: number, ...values: readonly number[]): Uint8Array => {
    const copy = bytes.slice();
    copy.set(values, at);
    return copy;
  };
  const wrong: readonly (readonly [string, Uint8Array])[] = [
    ["a record that is longer than the batch", spoilt(HEADER_BYTES, 0x7e)],
    ["a record of a negative length", spoilt(HEADER_BYTES, 0x01)],
    ["a value that is longer than its record", spoilt(HEADER_BYTES + 5, 0x7e)],
    ["a varint without an end", spoilt(HEADER_BYTES, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff)],
    ["a varlong without an end", spoilt(HEADER_BYTES + 2, ...new Uint8Array(11).fill(0xff))],
    ["a record that is cut off", bytes.subarray(0, HEADER_BYTES + 3)],
  ];
  for (const [name, batchBytes] of wrong) assert.throws(() => readRecord(batchBytes, HEADER_BYTES), RangeError, name);
  assert.throws(() => splitBatch(bytes.subarray(0, bytes.length - 8), crc32c), { name: "RangeError", message: /fewer records/u });
});

test("a batch without its headers is the same but for them", () => {
  check(
    fc.property(batch.map(outputBatch), (one) => {
      const bare = { ...one, records: one.records.map((record) => ({ ...record, headers: [] })) };
      assert.deepEqual(Uint8Array.from(withoutHeaders(encodeBatch(one), crc32c)), encodeBatch(bare));
    }),
  );
});
