import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { decodeRecordBatch, encodeRecordBatch, type BatchRecord } from "../../hosts/demo/record-batch.ts";
import { timeRecord, timestampText } from "../../hosts/demo/time-source.ts";
import { Router } from "../../hosts/embed.ts";
import { batchOf } from "../batches.ts";
import { coreModule } from "../core-module.ts";
import { decodeWithKafkajs, encodeWithKafkajs } from "../kafkajs-codec.ts";
import { check } from "../property.ts";

const router = new Router(coreModule());
const crc32c = (bytes: Uint8Array): number => router.crc32c(bytes);

/** 2026-11-21T04:18:03.123Z */
const TIME_MS = Date.UTC(2026, 10, 21, 4, 18, 3, 123);

const records: readonly BatchRecord[] = [
  timeRecord(TIME_MS),
  {
    timestampMs: TIME_MS - 70,
    key: Buffer.from("k"),
    value: Buffer.of(),
    headers: [
      { key: "a", value: Buffer.from("1") },
      { key: "b", value: null },
    ],
  },
  { timestampMs: TIME_MS + 1_000_000, key: Buffer.of(), value: null, headers: [] },
];

const buffer = (bytes: Uint8Array | null): Buffer | null => (bytes === null ? null : Buffer.from(bytes));

const arbitraryBytes = fc.option(fc.uint8Array({ maxLength: 200 }));
const arbitraryRecord = fc.record({
  timestampMs: fc.integer({ min: 0, max: 8_000_000_000_000 }),
  key: arbitraryBytes,
  value: arbitraryBytes,
  headers: fc.array(fc.record({ key: fc.string({ unit: "binary", maxLength: 20 }), value: arbitraryBytes }), { maxLength: 3 }),
});

test("a record is written as the original's time source writes it", () => {
  assert.equal(timestampText(TIME_MS), "11/21/26 04:18:03");
  const { key, value, headers, timestampMs } = timeRecord(TIME_MS);
  assert.equal(key, null);
  assert.equal(timestampMs, TIME_MS);
  assert.equal(Buffer.from(value ?? []).toString("hex"), "31312f32312f32362030343a31383a3033");
  assert.deepEqual(
    headers.map((header) => [header.key, String(header.value)]),
    [
      ["contentType", "application/json"],
      ["spring_json_header_types", '{"contentType":"java.lang.String"}'],
    ],
  );
});

test("kafkajs reads what is written", async () => {
  const batch = await decodeWithKafkajs(encodeRecordBatch(records, crc32c));
  assert.equal(batch.firstTimestamp, String(TIME_MS));
  assert.equal(batch.maxTimestamp, String(TIME_MS + 1_000_000));
  assert.equal(batch.lastOffsetDelta, 2);
  assert.equal(batch.producerId, "-1");
  const seen = batch.records.map(({ offset, timestamp, key, value, headers }) => ({
    offset,
    timestamp,
    key,
    value,
    headers: { ...headers },
  }));
  assert.deepEqual(seen, [
    {
      offset: "0",
      timestamp: String(TIME_MS),
      key: null,
      value: Buffer.from("11/21/26 04:18:03"),
      headers: {
        contentType: Buffer.from("application/json"),
        spring_json_header_types: Buffer.from('{"contentType":"java.lang.String"}'),
      },
    },
    {
      offset: "1",
      timestamp: String(TIME_MS - 70),
      key: Buffer.from("k"),
      value: Buffer.of(),
      headers: { a: Buffer.from("1"), b: null },
    },
    { offset: "2", timestamp: String(TIME_MS + 1_000_000), key: Buffer.of(), value: null, headers: {} },
  ]);
});

test("what kafkajs writes is read", async () => {
  const sketches = [
    { value: "11/21/26 04:18:03", headers: [["a", "1"]] as const },
    { value: null, key: "k", timestampDelta: 300n },
  ];
  const bytes = await encodeWithKafkajs(batchOf(sketches, { baseOffset: 7n, baseTimestamp: BigInt(TIME_MS) }));
  assert.deepEqual(decodeRecordBatch(bytes, crc32c), [
    {
      offset: 7n,
      timestampMs: TIME_MS,
      key: null,
      value: Buffer.from("11/21/26 04:18:03"),
      headers: [{ key: "a", value: Buffer.from("1") }],
    },
    { offset: 8n, timestampMs: TIME_MS + 300, key: Buffer.from("k"), value: null, headers: [] },
  ]);
});

test("what is written is read as it was", () => {
  check(
    fc.property(fc.array(arbitraryRecord, { minLength: 1, maxLength: 20 }), (written) => {
      const read = decodeRecordBatch(encodeRecordBatch(written, crc32c), crc32c);
      const wanted = written.map(({ timestampMs, key, value, headers }, index) => ({
        offset: BigInt(index),
        timestampMs,
        key: buffer(key),
        value: buffer(value),
        headers: headers.map((header) => ({ key: header.key, value: buffer(header.value) })),
      }));
      assert.deepEqual(read, wanted);
    }),
  );
});

test("the time of a batch with append time holds for all of its records", () => {
  const batch = encodeRecordBatch(records, crc32c);
  batch.writeInt16BE(0x08, 21);
  batch.writeUInt32BE(crc32c(batch.subarray(21)), 17);
  const times = decodeRecordBatch(batch, crc32c).map(({ timestampMs }) => timestampMs);
  assert.deepEqual(times, [TIME_MS + 1_000_000, TIME_MS + 1_000_000, TIME_MS + 1_000_000]);
});

test("a batch that is cut off, altered or compressed is refused", () => {
  const batch = encodeRecordBatch(records, crc32c);
  for (let length = 0; length < batch.length; length++) assert.throws(() => decodeRecordBatch(batch.subarray(0, length), crc32c));
  const altered = Buffer.from(batch);
  altered.writeUInt8(altered.readUInt8(90) ^ 1, 90);
  assert.throws(() => decodeRecordBatch(altered, crc32c), /CRC is wrong/);
  const compressed = Buffer.from(batch);
  compressed.writeInt16BE(1, 21);
  compressed.writeUInt32BE(crc32c(compressed.subarray(21)), 17);
  assert.throws(() => decodeRecordBatch(compressed, crc32c), /compressed/);
});

test("hostile bytes with a right CRC are refused or read, and never looped over", () => {
  const batch = encodeRecordBatch(records, crc32c);
  check(
    fc.property(fc.integer({ min: 57, max: batch.length - 1 }), fc.integer({ min: 0, max: 255 }), (at, byte) => {
      const hostile = Buffer.from(batch);
      hostile.writeUInt8(byte, at);
      hostile.writeUInt32BE(crc32c(hostile.subarray(21)), 17);
      try {
        decodeRecordBatch(hostile, crc32c);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
    5,
  );
});
