import assert from "node:assert/strict";
import test from "node:test";
import { batchOf } from "../batches.ts";
import type { Sketch } from "../batches.ts";
import { bytesOf, hexBytes, literalOf } from "../bytes.ts";
import { CoreInstance } from "../core-instance.ts";
import { encodeBatch, encodeBatchOf, encodeRecord } from "../record-batch.ts";
import { SideBySide } from "./side-by-side.ts";

const ROOM = { inputBytes: 10_000, outputBytesMax: 10_000, records: 100 };

test("tombstones are counted and unroutable records are named, with their reason, in order", () => {
  const both = new SideBySide(ROOM);
  const taken = both.route(encodeBatch(batchOf(["2", null, "", "x", null, "4 ", "1"])));
  assert.deepEqual(taken, {
    full: false,
    nextOffset: 7n,
    tombstones: 2,
    unroutable: [
      { offsetDelta: 2, reason: "empty", byteOffset: 0, recordOffset: 76 },
      { offsetDelta: 3, reason: "not-a-digit", byteOffset: 0, recordOffset: 83 },
      { offsetDelta: 5, reason: "not-a-digit", byteOffset: 1, recordOffset: 98 },
    ],
  });
  // The next call counts from zero.
  assert.deepEqual(both.route(encodeBatch(batchOf(["8"], { baseOffset: 7n }))), {
    full: false,
    nextOffset: 8n,
    tombstones: 0,
    unroutable: [],
  });
});

test("the byte before an empty value is not taken for its last", () => {
  // A key that ends in a digit, or a value length that looks like one, stands there.
  const sketches: Sketch[] = [
    { key: "4", value: "" },
    { key: "5", value: null },
  ];
  const both = new SideBySide(ROOM);
  both.route(encodeBatch(batchOf(sketches)));
  assert.deepEqual(both.finishExactly(), [null, null]);
});

test("an unroutable record is found again at its bytes, and the fault at its byte in the value", () => {
  const both = new SideBySide(ROOM);
  const sketches: Sketch[] = [
    { value: "2", key: "k".repeat(200), headers: [["h", "x"]] },
    { value: "v".repeat(700) + "x", key: "4", timestampDelta: 1n << 60n },
    { value: "", key: "k" },
    { value: "4\n" },
  ];
  const bytes = encodeBatch(batchOf(sketches));
  const unroutable = both.route(bytes)?.unroutable ?? [];
  assert.deepEqual(
    unroutable.map(({ byteOffset }) => byteOffset),
    [700, 0, 1],
  );
  const records = batchOf(sketches).records.map(encodeRecord);
  for (const { offsetDelta, recordOffset } of unroutable) {
    const record = records[offsetDelta];
    assert.deepEqual(bytes.slice(recordOffset, recordOffset + (record?.length ?? 0)), record);
  }
});

test("where a record begins is counted from the first byte of its batch, wherever in the input that is, and its length may be padded", () => {
  // Two records: "4" and "x", the length of the second in two bytes.
  const records = hexBytes("0e 00 00 00 01 02 34 00 8e 00 00 00 02 01 02 78 00");
  const bytes = encodeBatchOf(batchOf(["4", "x"]), 2, records);
  const core = CoreInstance.ready(bytes.length + 5, 1000, 1);
  core.openBatches(1000);
  core.writeInput(5, bytes);
  assert.equal(core.nameOf(core.exports.routeRecordBatch(5, bytes.length, 0n, 0)), "Ok");
  assert.deepEqual(core.unroutable(), [{ position: 1, reason: "NotADigit", byteOffset: 0, recordOffset: 69 }]);
});

test("an output that takes the unroutable gets them with its prefix, in order, and no tombstones", () => {
  const outputs = [
    { name: "a", prefix: bytesOf("A") },
    { name: "b", prefix: bytesOf("B") },
  ] as const;
  const bytes = encodeBatch(batchOf(["2", "x", "", null, { key: "4", value: "", headers: [["h", "w"]] }, "3", "4"]));
  for (const unroutable of [0, 1] as const) {
    const both = new SideBySide(ROOM, { outputs, unroutable });
    assert.deepEqual(both.route(bytes), { full: false, nextOffset: 7n, tombstones: 1, unroutable: [] });
    const values = both.finishExactly().map((batch) => batch?.records.map(({ value }) => literalOf(value)));
    const expected = [
      [['"A2"', '"Ax"', '"A"', '"A"', '"A4"'], ['"B3"']],
      [
        ['"A2"', '"A4"'],
        ['"Bx"', '"B"', '"B"', '"B3"'],
      ],
    ];
    assert.deepEqual(values, expected[unroutable]);
  }
});
