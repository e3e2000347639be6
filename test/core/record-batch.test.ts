import assert from "node:assert/strict";
import test from "node:test";
import { batchOf, recordLines } from "../batches.ts";
import type { Sketch } from "../batches.ts";
import { CoreInstance } from "../core-instance.ts";
import type { BatchHeader } from "../record-batch.ts";
import { CONTROL, LOG_APPEND_TIME, TRANSACTIONAL, encodeBatch, encodeBatchOf } from "../record-batch.ts";
import { SideBySide } from "./side-by-side.ts";

const ROOM = { inputBytes: 10_000, outputBytesMax: 10_000, records: 100 };

/** Routes one batch and returns the records of both outputs as lines. */
function linesOf(
  sketches: readonly (Sketch | string | null)[],
  header: Partial<BatchHeader> = {},
  fetchOffset = 0n,
): readonly (readonly string[])[] {
  const both = new SideBySide(ROOM);
  both.route(encodeBatch(batchOf(sketches, header)), fetchOffset);
  return both.finishExactly().map(recordLines);
}

test("keys come through byte for byte, the null key and the empty one apart", () => {
  assert.deepEqual(
    linesOf([
      { key: "k", value: "2" },
      { key: "", value: "4" },
      { key: null, value: "6" },
    ]),
    [['time=0 key="k" value="Even timestamp: 2"', 'time=0 key="" value="Even timestamp: 4"', 'time=0 value="Even timestamp: 6"'], []],
  );
});

test("headers come through byte for byte: null values, empty ones, empty keys, a key twice", () => {
  const headers: Sketch["headers"] = [
    ["a", "1"],
    ["a", null],
    ["b", ""],
    ["", "2"],
  ];
  assert.deepEqual(linesOf([{ value: "3", headers }, "5"]), [
    [],
    ['time=0 value="Odd timestamp:3" "a"="1" "a"=null "b"="" ""="2"', 'time=0 value="Odd timestamp:5"'],
  ]);
});

test("keys and headers of every length around the steps of a copy come through", () => {
  const lengths = [1, 7, 8, 9, 14, 15, 16, 17, 31, 32, 33, 62, 63, 64, 65, 127, 128, 129, 300];
  const sketches = lengths.map((length): Sketch => ({
    value: "v".repeat(length) + "8",
    key: "k".repeat(length),
    headers: [["h".repeat(length), "w".repeat(length)]],
  }));
  const [even = []] = linesOf(sketches);
  assert.deepEqual(
    even,
    lengths.map((length) => {
      const [key, value, name, header] = ["k", "v", "h", "w"].map((letter) => letter.repeat(length));
      return `time=0 key="${key}" value="Even timestamp: ${value}8" "${name}"="${header}"`;
    }),
  );
});

test("timestamps come through at every length of their delta, negative ones and the ends of 64 bits", () => {
  const deltas = Array.from({ length: 64 }, (_, bits) => 1n << BigInt(bits)).flatMap((power) => [power - 1n, -power]);
  const sketches = deltas.map((timestampDelta): Sketch => ({ value: "2", timestampDelta }));
  const both = new SideBySide({ ...ROOM, records: 200 });
  both.route(encodeBatch(batchOf(sketches)));
  const [even] = both.finishExactly();
  assert.deepEqual(
    even?.records.map(({ timestampDelta }) => timestampDelta),
    deltas,
  );
  assert.equal(even?.maxTimestamp, (1n << 63n) - 1n);
});

test("the largest timestamp of an output is that of its own records", () => {
  const sketches: Sketch[] = [
    { value: "2", timestampDelta: -5n },
    { value: "1", timestampDelta: 90n },
    { value: "4", timestampDelta: -7n },
    { value: "x", timestampDelta: 1000n },
  ];
  const both = new SideBySide(ROOM);
  both.route(encodeBatch(batchOf(sketches, { baseTimestamp: 100n })));
  assert.deepEqual(
    both.finishExactly().map((batch) => batch?.maxTimestamp),
    [95n, 190n],
  );
});

test("a batch of log append time gives every record its largest timestamp", () => {
  const header = { attributes: LOG_APPEND_TIME, baseTimestamp: 100n, maxTimestamp: 777n };
  const sketches: Sketch[] = [{ value: "2", timestampDelta: 5n }, { value: "1", timestampDelta: -9n }, { value: "4" }];
  assert.deepEqual(linesOf(sketches, header), [
    ['time=777 value="Even timestamp: 2"', 'time=777 value="Even timestamp: 4"'],
    ['time=777 value="Odd timestamp:1"'],
  ]);
});

test("outputs have neither the attributes nor the producer of the input", () => {
  const both = new SideBySide(ROOM);
  const header = {
    attributes: LOG_APPEND_TIME | TRANSACTIONAL,
    producerId: 7n,
    producerEpoch: 1,
    baseSequence: 3,
    partitionLeaderEpoch: 9,
  };
  both.route(encodeBatch(batchOf(["2"], header)));
  const [even] = both.finishExactly();
  assert.deepEqual(
    [even?.attributes, even?.producerId, even?.producerEpoch, even?.baseSequence, even?.partitionLeaderEpoch, even?.baseOffset],
    [0, -1n, -1, -1, -1, 0n],
  );
});

test("batches with other base timestamps are merged into one with every record's own time", () => {
  const both = new SideBySide(ROOM);
  both.route(encodeBatch(batchOf([{ value: "2", timestampDelta: 3n }, { value: "1" }], { baseTimestamp: 1000n })));
  both.route(
    encodeBatch(batchOf([{ value: "4", timestampDelta: -3n }, { value: "3" }], { baseOffset: 2n, baseTimestamp: 5_000_000_000n })),
  );
  both.route(encodeBatch(batchOf(["6"], { baseOffset: 4n, baseTimestamp: 9n, maxTimestamp: 20n, attributes: LOG_APPEND_TIME })));
  const [even, odd] = both.finishExactly();
  assert.deepEqual(recordLines(even ?? null), [
    'time=1003 value="Even timestamp: 2"',
    'time=4999999997 value="Even timestamp: 4"',
    'time=20 value="Even timestamp: 6"',
  ]);
  assert.equal(even?.maxTimestamp, 4_999_999_997n);
  assert.deepEqual(recordLines(odd ?? null), ['time=1000 value="Odd timestamp:1"', 'time=5000000000 value="Odd timestamp:3"']);
});

test("a fetch that begins inside a batch leaves out the records before it", () => {
  const sketches = ["0", "1", "2", "x", null, "4", "5"];
  for (let skip = 0n; skip <= 8n; skip++) {
    const both = new SideBySide(ROOM);
    const taken = both.route(encodeBatch(batchOf(sketches, { baseOffset: 1000n })), 1000n + skip);
    const wanted = sketches.slice(Number(skip));
    assert.deepEqual(taken, {
      full: false,
      nextOffset: 1007n,
      tombstones: wanted.includes(null) ? 1 : 0,
      unroutable: wanted.includes("x") ? [{ offsetDelta: 3, reason: "not-a-digit", byteOffset: 0, recordOffset: 85 }] : [],
    });
    const routed = both.finishExactly().flatMap((batch) => batch?.records ?? []);
    assert.equal(routed.length, wanted.filter((value) => value !== null && value !== "x").length);
  }
});

test("a fetch offset below the batch, however low, is one for the whole batch", () => {
  const least = -(1n << 63n);
  for (const baseOffset of [1n, 1000n, (1n << 63n) - 4n]) {
    for (const fetchOffset of [least, least + baseOffset - 1n, least + baseOffset, -1n, 0n, baseOffset - 1n]) {
      const both = new SideBySide(ROOM);
      both.route(encodeBatch(batchOf(["1", "2", "x"], { baseOffset })), fetchOffset);
      const routed = both.finishExactly().flatMap((batch) => batch?.records ?? []);
      assert.equal(routed.length, 2, `from ${fetchOffset}, of a batch at ${baseOffset}`);
    }
  }
});

test("a control batch is passed over, whatever its records are", () => {
  const both = new SideBySide(ROOM);
  for (const attributes of [CONTROL, CONTROL | TRANSACTIONAL]) {
    const taken = both.route(encodeBatch(batchOf(["2", "x", null], { attributes, baseOffset: 40n, lastOffsetDelta: 5 })));
    assert.deepEqual(taken, { full: false, nextOffset: 46n, tombstones: 0, unroutable: [] });
  }
  assert.deepEqual(both.finishExactly(), [null, null]);
});

test("a batch that compaction has emptied is passed over to its last offset", () => {
  const both = new SideBySide(ROOM);
  const taken = both.route(encodeBatch(batchOf([], { baseOffset: 40n, lastOffsetDelta: 9 })), 42n);
  assert.equal(taken?.nextOffset, 50n);
  assert.deepEqual(both.finishExactly(), [null, null]);
});

test("offsets that compaction has taken out are no fault, and the outputs have none missing", () => {
  const both = new SideBySide(ROOM);
  const sketches: Sketch[] = [
    { value: "2", offsetDelta: 3 },
    { value: "4", offsetDelta: 100 },
    { value: "", offsetDelta: 70_000 },
    { value: "6", offsetDelta: 3_000_000 },
  ];
  const taken = both.route(encodeBatch(batchOf(sketches, { lastOffsetDelta: 3_000_005 })));
  assert.deepEqual(taken?.unroutable, [{ offsetDelta: 70_000, reason: "empty", byteOffset: 0, recordOffset: 78 }]);
  assert.equal(taken?.nextOffset, 3_000_006n);
  assert.deepEqual(
    both.finishExactly()[0]?.records.map(({ offsetDelta }) => offsetDelta),
    [0, 1, 2],
  );
});

test("offsets up to the last one of 63 bits are read right", () => {
  const both = new SideBySide(ROOM);
  const taken = both.route(encodeBatch(batchOf(["2", "4", "x"], { baseOffset: (1n << 63n) - 4n })), (1n << 63n) - 3n);
  assert.equal(taken?.nextOffset, (1n << 63n) - 1n);
  assert.equal(both.finishExactly()[0]?.records.length, 1);
});

test("the last offset delta of 31 bits is one that a batch can have", () => {
  const both = new SideBySide(ROOM);
  const taken = both.route(encodeBatch(batchOf([{ value: "2", offsetDelta: 2147483647 }], { baseOffset: 5n })));
  assert.equal(taken?.nextOffset, 2147483653n);
  assert.equal(both.finishExactly()[0]?.records.length, 1);
});

test("opening the outputs empties them, also when they were not finished", () => {
  const both = new SideBySide(ROOM);
  both.route(encodeBatch(batchOf(["2", "1"])));
  both.core.openBatches(1000);
  assert.deepEqual(both.core.finishBatches(), [null, null]);
});

test("outputs that are not open take no batch and can't be finished", () => {
  const bytes = encodeBatch(batchOf(["2"]));
  const closings: readonly (readonly [string, (core: CoreInstance) => void])[] = [
    ["finishBatches", (core) => core.exports.finishBatches()],
    ["routeValues", (core) => core.exports.routeValues(0, 0)],
    ["reserve", (core) => core.exports.reserve(0, 0, 0)],
    ["configure", (core) => core.exports.configure(0)],
  ];
  for (const [name, close] of closings) {
    const core = CoreInstance.ready(1000, 1000, 10);
    assert.equal(core.routeRecordBatch(bytes), "NotOpen", "at first");
    assert.equal(core.nameOf(core.exports.finishBatches()), "NotOpen", "at first");
    core.openBatches(1000);
    assert.equal(core.routeRecordBatch(bytes), "Ok");
    close(core);
    assert.equal(core.routeRecordBatch(bytes), "NotOpen", name);
    assert.equal(core.nameOf(core.exports.finishBatches()), "NotOpen", name);
    core.openBatches(1000);
    assert.equal(core.routeRecordBatch(bytes), "Ok");
    assert.equal(core.exports.batchRecordCount(0), 1);
  }
});

test("varints that are longer than they need to be, within the format's bounds, are read right", () => {
  // length 13, attributes, time 0 in two bytes, offset 0 in two, null key in two, value length 1 in two, "2", header count 0 in two.
  const record = Uint8Array.of(0x98, 0x00, 0, 0x80, 0x00, 0x80, 0x80, 0x00, 0x81, 0x00, 0x82, 0x00, 0x32, 0x80, 0x00);
  record[0] = 0x80 | ((record.length - 2) << 1);
  const both = new SideBySide(ROOM);
  assert.ok(both.route(encodeBatchOf(batchOf(["2"]), 1, record)) !== null);
  assert.deepEqual(both.finish().map(recordLines), [['time=0 value="Even timestamp: 2"'], []]);
});
