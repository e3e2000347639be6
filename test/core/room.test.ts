import assert from "node:assert/strict";
import test from "node:test";
import { batchOf, recordLines } from "../batches.ts";
import type { ModelRule } from "../model.ts";
import { DEFAULT_RULE } from "../model.ts";
import type { RecordBatch } from "../record-batch.ts";
import { encodeBatch, encodeRecord } from "../record-batch.ts";
import { SideBySide } from "./side-by-side.ts";

const ROOM = { inputBytes: 10_000, outputBytesMax: 10_000, records: 100 };

/** Records of 100 bytes each in the even output, their length included. */
function hundreds(count: number): RecordBatch {
  return batchOf(Array.from({ length: count }, () => "v".repeat(74) + "2"));
}

test("a record of these tests takes the hundred bytes that they count on", () => {
  const both = new SideBySide(ROOM);
  both.route(encodeBatch(hundreds(2)));
  const [even] = both.finishExactly();
  assert.deepEqual(
    even?.records.map((record) => encodeRecord(record).length),
    [100, 100],
  );
});

test("an output stops at its last byte, says where, and goes on from there", () => {
  // 61 bytes of header and three records of 100.
  for (const [bytesMax, counts] of [
    [361, [3, 3, 1]],
    [360, [2, 2, 2, 1]],
    [362, [3, 3, 1]],
    [460, [3, 3, 1]],
    [461, [4, 3]],
  ] as const) {
    const both = new SideBySide({ ...ROOM, outputBytesMax: bytesMax });
    const bytes = encodeBatch(hundreds(7));
    const found: number[] = [];
    for (let fetchOffset = 0n; fetchOffset < 7n;) {
      const taken = both.route(bytes, fetchOffset);
      assert.ok(taken !== null);
      fetchOffset = taken.nextOffset;
      found.push(both.finishExactly()[0]?.records.length ?? 0);
    }
    assert.deepEqual(found, counts, String(bytesMax));
  }
});

test("one output that is full stops the other one too, so that the order of the records is kept", () => {
  const both = new SideBySide({ ...ROOM, outputBytesMax: 161 });
  const bytes = encodeBatch(batchOf(["v".repeat(74) + "2", "1", "4", "3"]));
  assert.deepEqual(both.route(bytes), { full: true, nextOffset: 2n, tombstones: 0, unroutable: [] });
  assert.deepEqual(both.finishExactly().map(recordLines)[1], ['time=0 value="Odd timestamp:1"']);
  assert.equal(both.route(bytes, 2n)?.full, false);
});

test("a record that is longer than the cap is alone in its batch", () => {
  const both = new SideBySide({ ...ROOM, outputBytesMax: 100 });
  const bytes = encodeBatch(batchOf(["2", "v".repeat(500) + "4", "6"]));
  const found: number[] = [];
  for (let fetchOffset = 0n; fetchOffset < 3n;) {
    fetchOffset = both.route(bytes, fetchOffset)?.nextOffset ?? 3n;
    const records = both.finishExactly()[0]?.records ?? [];
    assert.equal(records.length, 1);
    found.push(records[0]?.value?.length ?? 0);
  }
  assert.deepEqual(found, [17, 517, 17]);
});

test("a record as long as the whole input fits behind the longest prefix, even where the cap is zero", () => {
  const rule: ModelRule = {
    outputs: [
      { name: "a", prefix: new Uint8Array(255).fill(0x70) },
      { name: "b", prefix: new Uint8Array(255).fill(0x71) },
    ],
    unroutable: 1,
  };
  // The varints of the lengths grow too: 8,191 and 8,192 are where one takes a byte more.
  for (const [output, last] of [
    [0, "2"],
    [1, "x"],
  ] as const) {
    for (const length of [1, 63, 64, 8000, 8191, 8192, 9000]) {
      const bytes = encodeBatch(batchOf([{ value: "v".repeat(length) + last, timestampDelta: -(1n << 63n) }]));
      const both = new SideBySide({ inputBytes: bytes.length, outputBytesMax: 0, records: 1 }, rule);
      assert.equal(both.route(bytes)?.full, false);
      assert.equal(both.finishExactly()[output]?.records[0]?.value?.length, length + 256);
    }
  }
});

test("a call stops before the unroutable record that has no place in the table, and tombstones need none", () => {
  const both = new SideBySide({ ...ROOM, records: 2 });
  const bytes = encodeBatch(batchOf(["x", null, "", "2", "y", null, "z"]));
  assert.deepEqual(both.route(bytes), {
    full: true,
    nextOffset: 4n,
    tombstones: 1,
    unroutable: [
      { offsetDelta: 0, reason: "not-a-digit", byteOffset: 0, recordOffset: 61 },
      { offsetDelta: 2, reason: "empty", byteOffset: 0, recordOffset: 76 },
    ],
  });
  assert.equal(both.route(bytes, 4n)?.unroutable.length, 2);
  assert.equal(both.finishExactly()[0]?.records.length, 1);
});

test("records that an output takes instead of the unroutable table need no place in it, and stop at that output's end", () => {
  const both = new SideBySide({ ...ROOM, records: 0, outputBytesMax: 361 }, { ...DEFAULT_RULE, unroutable: 0 });
  const bytes = encodeBatch(batchOf(Array.from({ length: 5 }, (_, index) => "v".repeat(74) + (index === 1 ? "2" : "x"))));
  assert.deepEqual(both.route(bytes), { full: true, nextOffset: 3n, tombstones: 0, unroutable: [] });
  assert.equal(both.finishExactly()[0]?.records.length, 3);
  assert.equal(both.route(bytes, 3n)?.full, false);
  assert.equal(both.finishExactly()[0]?.records.length, 2);
});
