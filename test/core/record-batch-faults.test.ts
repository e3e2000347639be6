import assert from "node:assert/strict";
import test from "node:test";
import { Router } from "../../hosts/embed.ts";
import { RouterError } from "../../hosts/router-error.ts";
import { batchOf } from "../batches.ts";
import { hexBytes, joined } from "../bytes.ts";
import { CRC_VERIFIED, CoreInstance } from "../core-instance.ts";
import { coreModule } from "../core-module.ts";
import type { BatchHeader } from "../record-batch.ts";
import { CONTROL, PLAIN_HEADER, decodeBatch, encodeBatch, encodeBatchOf, mendCrc, varint } from "../record-batch.ts";
import { SideBySide } from "./side-by-side.ts";

const GOOD = encodeBatch(batchOf(["2", "x", null, "1"]));

/** Routes a good batch, then the one in question, then a good one; returns the status when nothing of the bad one is left. */
function statusOf(bytes: Uint8Array, flags = 0, fetchOffset = 0n): string {
  const core = CoreInstance.ready(1000, 1000, 100);
  core.openBatches(1000);
  assert.equal(core.routeRecordBatch(GOOD), "Ok");
  const status = core.routeRecordBatch(bytes, fetchOffset, flags);
  assert.equal(core.exports.tombstoneCount(), 0, "tombstones of a refused batch");
  assert.deepEqual(core.unroutable(), [], "unroutable records of a refused batch");
  assert.equal(core.routeRecordBatch(GOOD), "Ok");
  const [even, odd] = core.finishBatches();
  assert.ok(even instanceof Uint8Array && odd instanceof Uint8Array);
  for (const output of [even, odd]) {
    const { records, maxTimestamp } = decodeBatch(output);
    assert.equal(records.length, 2);
    assert.equal(maxTimestamp, 0n);
  }
  return status;
}

function edited(edit: (view: DataView) => void, source: Uint8Array = GOOD): Uint8Array {
  const bytes = source.slice();
  edit(new DataView(bytes.buffer));
  mendCrc(bytes);
  return bytes;
}

/** A batch of records given in hexadecimal, with the count that they say. */
function batchOfHex(count: number, header: Partial<BatchHeader>, ...records: readonly string[]): Uint8Array {
  return encodeBatchOf({ ...PLAIN_HEADER, lastOffsetDelta: 9, ...header }, count, joined(records.map(hexBytes)));
}

/** A record of a late time that is routable, for batches whose fault comes after it. */
const ROUTABLE = "0e 00 0a 00 01 02 32 00";

test("a batch that is shorter than its header, or than it says, is cut off", () => {
  for (let length = 0; length < GOOD.length; length++)
    assert.equal(statusOf(GOOD.slice(0, length), CRC_VERIFIED), "BatchTruncated", String(length));
});

test("a length field that is not that of the bytes is a fault, also one that is too short for a header or negative", () => {
  const lengths: readonly (readonly [number, string])[] = [
    [GOOD.length - 13, "BatchLength"],
    [GOOD.length - 11, "BatchTruncated"],
    [49, "BatchLength"],
    [48, "BatchLength"],
    [0, "BatchLength"],
    [-1, "BatchTruncated"],
    [-12, "BatchTruncated"],
  ];
  for (const [length, status] of lengths) assert.equal(statusOf(edited((view) => view.setInt32(8, length))), status, String(length));
});

test("message formats before magic 2, and after it, are refused", () => {
  for (const magic of [0, 1, 3, -1]) assert.equal(statusOf(edited((view) => view.setInt8(16, magic))), "BatchMagic");
});

test("a bit that changed anywhere behind the CRC, or in it, is found", () => {
  for (let at = 17; at < GOOD.length; at++) {
    for (let bit = 0; bit < 8; bit++) {
      assert.equal(statusOf(GOOD.with(at, (GOOD[at] ?? 0) ^ (1 << bit))), "BatchCrc", `bit ${bit} of byte ${at}`);
    }
  }
});

test("a CRC that the host has verified is not looked at", () => {
  const core = CoreInstance.ready(1000, 1000, 100);
  core.openBatches(1000);
  assert.equal(core.routeRecordBatch(GOOD.with(17, 1), 0n, CRC_VERIFIED), "Ok");
  assert.equal(core.exports.batchRecordCount(0), 1);
});

test("compressed records are refused, whichever the codec", () => {
  for (const codec of [1, 2, 3, 4, 5, 6, 7]) assert.equal(statusOf(edited((view) => view.setInt16(21, codec))), "BatchCompressed");
});

test("a record count that is not that of the bytes is a fault", () => {
  assert.equal(statusOf(edited((view) => view.setInt32(57, 3))), "BatchCount");
  assert.equal(statusOf(edited((view) => view.setInt32(57, 0))), "BatchCount");
  assert.equal(statusOf(edited((view) => view.setInt32(57, 5))), "BatchCount");
  assert.equal(statusOf(edited((view) => view.setInt32(57, -1))), "BatchCount");
  // Room for one more by the bytes, but no record there.
  assert.equal(statusOf(batchOfHex(2, {}, "1c 00 00 00 01 10 31 31 31 31 31 31 31 32 00")), "RecordLength");
});

test("a last offset delta below zero is a fault, also in a control batch", () => {
  for (const attributes of [0, CONTROL]) {
    assert.equal(statusOf(encodeBatchOf({ ...PLAIN_HEADER, attributes, lastOffsetDelta: -1 }, 0, new Uint8Array(0))), "RecordOffset");
  }
});

test("offsets beyond 63 bits are a fault, not a batch without records", () => {
  for (const [baseOffset, lastOffsetDelta] of [
    [(1n << 63n) - 1n, 0],
    [(1n << 63n) - 2n, 1],
    [(1n << 63n) - 10n, 9],
  ] as const) {
    assert.equal(statusOf(batchOfHex(1, { baseOffset, lastOffsetDelta }, "0e 00 00 00 01 02 32 00")), "RecordOffset");
  }
});

test("a record's length that crosses the end of the batch, or is negative, or has more than five bytes, is a fault", () => {
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "10 00 00 02 01 02 34 00")), "RecordLength");
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "fe ff ff ff 0f 00 00 02 01 02 34 00")), "RecordLength");
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "0d 00 00 02 01 02 34 00")), "RecordField");
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "8e 80 80 80 80 00 00 00 02 01 02 34 00")), "RecordField");
  // Ten bytes of which the first eight would be a length by themselves.
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "8e 80 80 80 80 80 80 80 80 00 00 02 01 02 34 00")), "RecordField");
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "80 80 80 80 80 80 80")), "RecordLength");
});

test("varints of more than five bytes, or ten for the time, are a fault", () => {
  const six = "80 80 80 80 80 00";
  const oneInSix = "82 80 80 80 80 00";
  const nullInSix = "81 80 80 80 80 00";
  const fields: readonly string[] = [
    "80 80 80 80 80 80 80 80 80 80 00 00 01 02 32 00",
    `00 ${six} 01 02 32 00`,
    `00 00 ${nullInSix} 02 32 00`,
    `00 00 01 ${oneInSix} 32 00`,
  ];
  for (const field of fields) {
    const body = joined([Uint8Array.of(0), hexBytes(field)]);
    const record = joined([varint(BigInt(body.length)), body]);
    assert.equal(statusOf(encodeBatchOf(PLAIN_HEADER, 1, record)), "RecordField", field);
  }
});

test("a header count, or a length of a header's key or value, of more than five bytes is a fault", () => {
  for (const headers of [
    "80 80 80 80 80 00",
    "80 80 80 80 80 80 80 80 80",
    "82 80 80 80 80 00 00 01",
    "02 80 80 80 80 80 00 01",
    "02 00 81 80 80 80 80 00",
  ]) {
    const body = hexBytes(`00 00 00 01 02 32 ${headers}`);
    assert.equal(statusOf(encodeBatchOf(PLAIN_HEADER, 1, joined([varint(BigInt(body.length)), body]))), "RecordHeaders", headers);
  }
});

test("lengths that are negative, other than a null's, or longer than the record are a fault", () => {
  const fields: readonly (readonly [string, string])[] = [
    ["0e 00 00 02 03 02 32 00", "key of length -2"],
    ["0e 00 00 02 01 03 32 00", "value of length -2"],
    ["0e 00 00 02 0a 02 32 00", "key beyond the record"],
    ["0e 00 00 02 01 04 32 00", "value up to the record's end, without headers"],
    ["0e 00 00 02 01 06 32 00", "value beyond the record"],
    ["02 00", "a record of its attributes alone"],
    ["00", "an empty record"],
    ["0c 00 00 02 01 01", "no header count"],
    ["0e 00 00 02 80 80 80 80", "a key length cut off"],
    ["0e 00 80 80 80 80 80 80", "a time cut off"],
  ];
  for (const [record, what] of fields) {
    const bytes = batchOfHex(2, {}, ROUTABLE, record, record.startsWith("0") ? "0e 00 00 04 01 02 34 00" : "");
    assert.match(statusOf(bytes), /^Record/, what);
  }
});

test("offset deltas that do not rise, are negative or pass the last one are a fault", () => {
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "0e 00 00 00 01 02 34 00")), "RecordOffset");
  assert.equal(statusOf(batchOfHex(2, {}, "0e 00 00 06 01 02 34 00", "0e 00 00 04 01 02 34 00")), "RecordOffset");
  assert.equal(statusOf(batchOfHex(2, { lastOffsetDelta: 3 }, ROUTABLE, "0e 00 00 08 01 02 34 00")), "RecordOffset");
  assert.equal(statusOf(batchOfHex(1, {}, "0e 00 00 01 01 02 34 00")), "RecordField");
  assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, "0e 00 00 05 01 02 34 00")), "RecordField");
});

test("headers that do not end where the record does are a fault", () => {
  const faults: readonly (readonly [string, string])[] = [
    ["10 00 00 02 01 02 34 00 00", "a byte after no headers"],
    ["0e 00 00 02 01 02 34 02", "a header that is not there"],
    ["10 00 00 02 01 02 34 02 00", "a header without a value"],
    ["12 00 00 02 01 02 34 02 01 00", "a header with a null key"],
    ["12 00 00 02 01 02 34 01 00 00", "a header count of -1"],
    ["12 00 00 02 01 02 34 02 00 03", "a header value of length -2"],
    ["12 00 00 02 01 02 34 02 00 04", "a header value beyond the record"],
    ["14 00 00 02 01 02 34 02 00 00 00", "a byte after the headers"],
    ["14 00 00 02 01 02 34 04 00 00 00", "one of two headers cut off"],
  ];
  for (const [record, what] of faults) assert.equal(statusOf(batchOfHex(2, {}, ROUTABLE, record)), "RecordHeaders", what);
});

test("a fault in records before the fetch offset is a fault too", () => {
  assert.equal(statusOf(batchOfHex(2, {}, "10 00 00 00 01 02 34 00 00", "0e 00 00 02 01 02 34 00"), 0, 1n), "RecordHeaders");
});

test("a fault is found also where the call stops for want of room after it", () => {
  const both = new SideBySide({ inputBytes: 1000, outputBytesMax: 0, records: 10 });
  // A key of length -2, taken for one of one byte, and a record that finds no room.
  const bytes = batchOfHex(2, {}, "10 00 00 00 03 6b 02 34 00", "0e 00 00 02 01 02 34 00");
  assert.equal(both.route(bytes), null);
  assert.deepEqual(both.finish(), [null, null]);
});

test("a batch that is refused after an output took its first record does not leave its base timestamp", () => {
  const both = new SideBySide({ inputBytes: 1000, outputBytesMax: 1000, records: 10 });
  assert.equal(both.route(batchOfHex(2, { baseTimestamp: 5000n }, ROUTABLE, "00")), null);
  both.route(encodeBatch(batchOf([{ value: "2", timestampDelta: 1n }], { baseTimestamp: 100n })));
  const [even] = both.finishExactly();
  assert.deepEqual([even?.baseTimestamp, even?.maxTimestamp], [100n, 101n]);
});

test("a host gets each fault as an error with a stable code, and can route the next batch", () => {
  const router = new Router(coreModule());
  router.openBatches(1000);
  const codes: readonly (readonly [Uint8Array, string])[] = [
    [GOOD.with(17, 0), "ROUTER_BATCH_CRC"],
    [edited((view) => view.setInt8(16, 1)), "ROUTER_BATCH_MAGIC"],
    [edited((view) => view.setInt16(21, 4)), "ROUTER_BATCH_COMPRESSED"],
    [GOOD.slice(0, 70), "ROUTER_BATCH_TRUNCATED"],
    [edited((view) => view.setInt32(8, 50)), "ROUTER_BATCH_LENGTH"],
    [edited((view) => view.setInt32(57, 3)), "ROUTER_BATCH_COUNT"],
    [batchOfHex(1, {}, "10 00 00 00 01 02 34 00"), "ROUTER_RECORD_LENGTH"],
    [batchOfHex(1, {}, "0e 00 00 00 03 02 34 00"), "ROUTER_RECORD_FIELD"],
    [batchOfHex(1, { lastOffsetDelta: 0 }, "0e 00 00 02 01 02 34 00"), "ROUTER_RECORD_OFFSET"],
    [batchOfHex(1, {}, "0e 00 00 00 01 02 34 02"), "ROUTER_RECORD_HEADERS"],
  ];
  for (const [bytes, code] of codes) {
    assert.throws(
      () => router.routeRecordBatch(bytes, 0n, false),
      (error) => error instanceof RouterError && error.code === code && error.ruleOffset === null,
      code,
    );
    assert.equal(router.routeRecordBatch(GOOD, 0n, false).tombstones, 1);
  }
  assert.deepEqual(
    router.finishBatches().map(({ recordCount }) => recordCount),
    [codes.length, codes.length],
  );
});
