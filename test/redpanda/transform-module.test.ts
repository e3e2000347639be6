/** The calls of a guest, made one by one by guests that do nothing else, and what each returns (`src/v/wasm/transform_module.cc`). */
import assert from "node:assert/strict";
import test from "node:test";
import type { Sketch } from "../batches.ts";
import { batchOf } from "../batches.ts";
import { bytesOf, joined, literalOf } from "../bytes.ts";
import type { BatchHeader } from "../record-batch.ts";
import { LOG_APPEND_TIME, varint } from "../record-batch.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { encodePayload } from "./payload.ts";
import type { Step } from "./small-guests.ts";
import { DATA, OUT, READ_BATCH, resultAt, scriptedGuest, topicOptions } from "./small-guests.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";

const DEPLOYMENT = { name: "guest", inputTopic: "in", outputTopics: ["even", "odd"], environment: {} };
const BUFFER = 8192;
const PAGE_BYTES = 65_536;

const read = (buffer: number, length: number): Step => ["redpanda_transform.read_next_record", OUT, OUT + 8, OUT + 16, buffer, length];
const write = (buffer: number, length: number): Step => ["redpanda_transform.write_record", buffer, length];
const writeTo = (...values: readonly [buffer: number, length: number, options: number, optionsLength: number]): Step => [
  "redpanda_transform.write_record_with_options",
  ...values,
];

interface Outcome {
  readonly results: readonly number[];
  readonly written: readonly string[];
  readonly memory: GuestMemory;
}

/** Runs a script over batches, with bytes in the guest's memory from `DATA` on. */
function play(script: readonly Step[], batches: readonly SourceBatch[] = [], data: readonly Uint8Array[] = []): Outcome {
  let address = DATA;
  const placed = data.map((bytes) => [(address += 256) - 256, bytes] as const);
  const written: string[] = [];
  const memory = runOnce(new Guest(scriptedGuest(script, placed), DEPLOYMENT), batches, (topic, payload) => {
    if (topic !== null && !DEPLOYMENT.outputTopics.includes(topic)) return false;
    written.push(`${topic ?? "default"}: ${literalOf(payload)}`);
    return true;
  });
  return { results: script.map((_, index) => memory.getUint32(resultAt(index)) | 0), written, memory };
}

function source(sketches: readonly (Sketch | string | null)[], header: Partial<BatchHeader> = {}): SourceBatch {
  return sourceBatchOf(batchOf(sketches, header));
}

const VALID = encodePayload({ key: null, value: bytesOf("4"), headers: [] });

test("without a batch, nothing can be read or written: -1", () => {
  assert.deepEqual(play([read(BUFFER, 64), write(DATA, 4), writeTo(DATA, 4, 0, 0)], [], [VALID]).results, [-1, -1, -1]);
});

test("a batch's header comes in ten fields, and the largest payload's size as the result", () => {
  const header = {
    baseOffset: 0x1122334455667788n,
    partitionLeaderEpoch: 7,
    attributes: 0x10,
    lastOffsetDelta: 9,
    baseTimestamp: 1_700_000_000_000n,
    maxTimestamp: 1_700_000_000_005n,
    producerId: 77n,
    producerEpoch: 3,
    baseSequence: 11,
  };
  const { results, memory } = play([READ_BATCH], [source(["4", "1234", "5"], header)]);
  assert.deepEqual(results, [7]);
  const view = memory.view(OUT, 80);
  const fields = [0, 40, 48, 56].map((at) => view.getBigInt64(at, true));
  assert.deepEqual(fields, [header.baseOffset, header.baseTimestamp, header.maxTimestamp, 77n]);
  const counts = [8, 16, 32, 72].map((at) => view.getInt32(at, true));
  assert.deepEqual(counts, [3, 7, 9, 11]);
  assert.deepEqual([view.getInt16(24, true), view.getInt16(64, true)], [0x10, 3]);
});

test("a record comes with its time and offset, which are absolute, and its payload; behind the last one: -1", () => {
  const batch = source([{ value: "4", offsetDelta: 5, timestampDelta: 60n }], { baseOffset: 100n, baseTimestamp: 1000n });
  const { results, memory } = play([READ_BATCH, read(BUFFER, 64), read(BUFFER, 64)], [batch]);
  assert.deepEqual(results, [4, 4, -1]);
  assert.deepEqual([memory.view(OUT + 8, 8).getBigInt64(0, true), memory.view(OUT + 16, 8).getBigInt64(0, true)], [1060n, 105n]);
  assert.equal(literalOf(memory.span(BUFFER, 4)), literalOf(VALID));
});

test("the records of a batch of log append time all have the time of the batch", () => {
  const batch = source([{ value: "4", timestampDelta: 60n }], { attributes: LOG_APPEND_TIME, maxTimestamp: 5000n });
  const { memory } = play([READ_BATCH, read(BUFFER, 64)], [batch]);
  assert.equal(memory.view(OUT + 8, 8).getBigInt64(0, true), 5000n);
});

test("a buffer that is too small is refused with -2, and the record can be read again", () => {
  assert.deepEqual(play([READ_BATCH, read(BUFFER, 3), read(BUFFER, 4)], [source(["4"])]).results, [4, -2, 4]);
});

test("records that a guest leaves unread are gone when it asks for the next batch", () => {
  const { results, memory } = play([READ_BATCH, read(BUFFER, 64), READ_BATCH, read(BUFFER, 64)], [source(["1", "2", "3"]), source(["44"])]);
  assert.deepEqual(results, [4, 4, 5, 5]);
  assert.equal(literalOf(memory.span(BUFFER, 5)), literalOf(encodePayload({ key: null, value: bytesOf("44"), headers: [] })));
});

test("writes may come at any time from the batch's header to the next, any number of them", () => {
  const script = [READ_BATCH, write(DATA, 4), read(BUFFER, 64), write(DATA, 4), read(BUFFER, 64), write(BUFFER, 4)];
  const { results, written } = play(script, [source(["4"])], [VALID]);
  assert.deepEqual(results, [4, 4, 4, 4, -1, 4]);
  assert.deepEqual(written, Array(3).fill(`default: ${literalOf(VALID)}`));
});

test("a write without options goes to the first topic, one with options to the topic that they name", () => {
  const [even, odd] = [topicOptions("even"), topicOptions("odd")];
  const script = [
    READ_BATCH,
    writeTo(DATA, 4, DATA + 256, even.length),
    writeTo(DATA, 4, DATA + 512, odd.length),
    writeTo(DATA, 4, DATA + 512, 0),
  ];
  assert.deepEqual(
    play(script, [source(["4"])], [VALID, even, odd]).written,
    ["even", "odd", "default"].map((topic) => `${topic}: ${literalOf(VALID)}`),
  );
});

const UNKNOWN = topicOptions("third");
const LONG_LENGTH = joined([Uint8Array.of(1), varint(4n, 3), bytesOf("even")]);
const OPTIONS: readonly (readonly [what: string, options: Uint8Array, result: number])[] = [
  ["name a topic that was not declared", UNKNOWN, -3],
  ["name no topic at all", topicOptions(""), -3],
  ["begin with another key", joined([Uint8Array.of(2), topicOptions("even").subarray(1)]), -2],
  ["go on behind the topic", joined([topicOptions("even"), Uint8Array.of(0)]), -2],
  ["have a length in more bytes than it needs", LONG_LENGTH, 4],
];
for (const [what, options, result] of OPTIONS) {
  test(`a write whose options ${what} returns ${result}`, () => {
    const outcome = play([READ_BATCH, writeTo(DATA, 4, DATA + 256, options.length)], [source(["4"])], [VALID, options]);
    assert.deepEqual(outcome.results, [4, result]);
    assert.equal(outcome.written.length, result === 4 ? 1 : 0);
  });
}

test("options whose topic is cut off, or has a negative length, are a trap", () => {
  for (const [options, message] of [
    [topicOptions("even").subarray(0, 5), /ffi::array buffer too small 4 > 3, total: 5/],
    [joined([Uint8Array.of(1), varint(-1n)]), /ffi::array buffer too small 18446744073709551615 > 0, total: 2/],
  ] as const) {
    const script = [READ_BATCH, writeTo(DATA, 4, DATA + 256, options.length)];
    assert.throws(() => play(script, [source(["4"])], [VALID, options]), { name: "GuestTrap", message });
  }
});

test("the payload is judged before the options", () => {
  const script = [READ_BATCH, writeTo(DATA, 2, DATA + 256, UNKNOWN.length)];
  assert.deepEqual(play(script, [source(["4"])], [VALID, UNKNOWN]).results, [4, -2]);
});

const number = (value: number): Uint8Array => varint(BigInt(value));
const HEADERS = [{ key: bytesOf("h"), value: null }];
/** A payload, and whether the broker lets a guest write it (`src/v/model/transform.cc:38-75`). */
const PAYLOADS: readonly (readonly [what: string, payload: Uint8Array, isValid: boolean])[] = [
  ["has null for key and value", encodePayload({ key: null, value: null, headers: [] }), true],
  ["has an empty key and value", encodePayload({ key: bytesOf(""), value: bytesOf(""), headers: [] }), true],
  ["has a header without value", encodePayload({ key: null, value: bytesOf("4"), headers: HEADERS }), true],
  ["has a header without key", joined([number(-1), number(-1), number(1), number(-1), number(-1)]), true],
  ["has lengths in more bytes than they need", joined([varint(-1n, 3), varint(1n, 10), bytesOf("4"), varint(0n, 2)]), true],
  // The broker takes a number that is cut off for the bits that are there, and no bytes for zero.
  ["has no bytes at all", new Uint8Array(0), true],
  ["ends before its number of headers", joined([number(-1), number(1), bytesOf("4")]), true],
  ["has a key length of -2", joined([number(-2), number(-1), number(0)]), false],
  ["has a value length of -2", joined([number(-1), number(-2), number(0)]), false],
  ["has a negative number of headers", joined([number(-1), number(-1), number(-1)]), false],
  ["has a header whose value length is -2", joined([number(-1), number(-1), number(1), number(0), number(-2)]), false],
  ["has a value that crosses the end", joined([number(-1), number(2), bytesOf("4")]), false],
  ["has a byte too many", joined([VALID, Uint8Array.of(0)]), false],
  ["has a length of more than 2^62", joined([varint(1n << 62n), number(0)]), false],
];
for (const [what, payload, isValid] of PAYLOADS) {
  test(`a payload that ${what} is ${isValid ? "written" : "refused with -2"}`, () => {
    const { results } = play([READ_BATCH, write(DATA, payload.length)], [source(["4"])], [payload]);
    assert.deepEqual(results, [4, isValid ? payload.length : -2]);
  });
}

test("every pointer is checked when the call is made, also by a call that then fails, and one out of range is a trap", () => {
  const end = PAGE_BYTES;
  const beyond: readonly (readonly [script: readonly Step[], where: string])[] = [
    [[["redpanda_transform.read_batch_header", ...Array(9).fill(0), end - 3]], `${end - 3} + 4`],
    [[["redpanda_transform.read_batch_header", end - 7, ...Array(9).fill(0)]], `${end - 7} + 8`],
    [[["redpanda_transform.read_next_record", end, 0, 0, 0, 0]], `${end} + 1`],
    [[["redpanda_transform.read_next_record", 0, end - 7, 0, 0, 0]], `${end - 7} + 8`],
    [[read(end - 3, 4)], `${end - 3} + 4`],
    [[write(end, 1)], `${end} + 1`],
    [[write(-1, -1)], "4294967295 + 4294967295"],
    [[writeTo(0, 0, end - 1, 2)], `${end - 1} + 2`],
  ];
  for (const [script, where] of beyond) {
    const message = `failure executing host function: Out of bounds memory access in FFI: ${where} >= ${end}`;
    assert.throws(() => play(script), { name: "GuestTrap", message });
  }
});

test("a buffer may end where memory ends, and one of no bytes may begin there", () => {
  const script = [READ_BATCH, read(PAGE_BYTES - 4, 4), write(PAGE_BYTES - 4, 4), writeTo(PAGE_BYTES - 4, 4, PAGE_BYTES, 0)];
  assert.deepEqual(play(script, [source(["4"])]).results, [4, 4, 4, 4]);
});
