/** Dead letters as they leave the routing: what is in each, and that there is one for each unroutable record. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import type { FetchedBatches } from "../../../hosts/dataflow/binder.ts";
import { routeFetched, type RoutedStretch } from "../../../hosts/dataflow/route-fetched.ts";
import { Router } from "../../../hosts/embed.ts";
import { batch } from "../../arbitraries.ts";
import { timeOf } from "../../batches.ts";
import { bytesOf, hexBytes } from "../../bytes.ts";
import { coreModule } from "../../core-module.ts";
import { decodeWithKafkajs, headersOf } from "../../kafkajs-codec.ts";
import { DEFAULT_RULE, decide } from "../../model.ts";
import { check, checkAsync } from "../../property.ts";
import {
  CONTROL,
  HEADER_BYTES,
  LOG_APPEND_TIME,
  PLAIN_HEADER,
  decodeBatch,
  encodeBatch,
  encodeBatchOf,
  type BatchRecord,
  type Header,
  type RecordBatch,
} from "../../record-batch.ts";
import { fetchedBatch, fetchedOf, plainBytes } from "./fetched.ts";

// The same two for all cases: properties have many.
const ROUTER = new Router(coreModule());
const CHECKER = new Router(coreModule());
const BYTES_MAX = 900_000;
const NOW = 1_700_000_000_000;
const CODEC_GZIP = 1;
const EXCEPTION = "timestamprouter.UnroutableRecordException";

/** Batches with records to be read. */
const readable = batch.filter(({ attributes }) => (attributes & CONTROL) === 0);

function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : Buffer.from(bytes).toString();
}

function letterBatches(stretches: readonly RoutedStretch[]): readonly RecordBatch[] {
  return stretches.flatMap(({ deadLetters }) => deadLetters.map(({ bytes }) => decodeBatch(Uint8Array.from(bytes))));
}

function lettersOf(stretches: readonly RoutedStretch[]): readonly BatchRecord[] {
  return letterBatches(stretches).flatMap(({ records }) => records);
}

/** Routes a fetch with dead letters. */
function route(fetched: FetchedBatches, bytesMax = BYTES_MAX, now: () => number = () => NOW): readonly RoutedStretch[] {
  return [...routeFetched(ROUTER, CHECKER, fetched, bytesMax, { deadLetterTime: now })];
}

/** Routes a batch of partition 7 with dead letters. */
function routeBatch(bytes: Uint8Array, bytesMax = BYTES_MAX): readonly RoutedStretch[] {
  return route(fetchedOf([fetchedBatch(bytes)], { partition: 7 }), bytesMax);
}

function int64(number: bigint): Uint8Array {
  const bytes = Buffer.alloc(8);
  bytes.writeBigInt64BE(number);
  return Uint8Array.from(bytes);
}

/** The headers that a dead letter of partition 7 gets behind its own. */
function addedHeaders(offset: bigint, timestamp: bigint, timestampType: string, message: string): readonly Header[] {
  return [
    { key: bytesOf("x-original-topic"), value: bytesOf("in") },
    { key: bytesOf("x-original-partition"), value: hexBytes("00 00 00 07") },
    { key: bytesOf("x-original-offset"), value: int64(offset) },
    { key: bytesOf("x-original-timestamp"), value: int64(timestamp) },
    { key: bytesOf("x-original-timestamp-type"), value: bytesOf(timestampType) },
    { key: bytesOf("x-exception-fqcn"), value: bytesOf(EXCEPTION) },
    { key: bytesOf("x-exception-message"), value: bytesOf(message) },
    { key: bytesOf("x-exception-stacktrace"), value: bytesOf(`${EXCEPTION}: ${message}`) },
  ];
}

/** The dead letters that a batch of partition 7 must lead to, as the contract has them. */
function lettersWanted(one: RecordBatch): readonly Pick<BatchRecord, "key" | "value" | "headers">[] {
  return one.records.flatMap((record) => {
    const decision = decide(DEFAULT_RULE, record.value);
    if (!("reason" in decision) || decision.reason === "tombstone") return [];
    const { key, value } = record;
    const timestampType = (one.attributes & LOG_APPEND_TIME) === 0 ? "CreateTime" : "LogAppendTime";
    const offset = one.baseOffset + BigInt(record.offsetDelta);
    const message = `${decision.reason} at byte ${decision.byteOffset}`;
    return [{ key, value, headers: [...record.headers, ...addedHeaders(offset, timeOf(one, record), timestampType, message)] }];
  });
}

test("a dead letter has the record's key, value and headers, and behind those where it was and what is wrong", () => {
  const record = { value: "12:30:5x", key: "k", headers: [["h", null]], offsetDelta: 2, timestampDelta: -5n } as const;
  const [letters, ...others] = letterBatches(routeBatch(plainBytes(40n, ["1", null, record], { baseTimestamp: 1000n })));
  assert.equal(others.length, 0);
  const headers = [{ key: bytesOf("h"), value: null }, ...addedHeaders(42n, 995n, "CreateTime", "not-a-digit at byte 7")];
  const letter = { timestampDelta: 0n, offsetDelta: 0, key: bytesOf("k"), value: bytesOf("12:30:5x"), headers };
  assert.deepEqual(letters, { ...PLAIN_HEADER, baseTimestamp: BigInt(NOW), maxTimestamp: BigInt(NOW), records: [letter] });
});

test("a dead letter of a LogAppendTime batch has the broker's time, and says so", () => {
  const header = { baseTimestamp: 1000n, maxTimestamp: 7777n, attributes: LOG_APPEND_TIME };
  const [letter] = lettersOf(routeBatch(plainBytes(0n, [{ value: "", timestampDelta: 5n }], header)));
  assert.deepEqual(letter?.headers, addedHeaders(0n, 7777n, "LogAppendTime", "empty at byte 0"));
});

test("a record that was a dead letter before keeps its headers, and the new ones come last", () => {
  const headers = [["x-original-topic", "first"] as const, ["x-original-offset", "then"] as const];
  const [letter] = lettersOf(routeBatch(plainBytes(5n, [{ value: "x", headers }])));
  assert.deepEqual(letter?.headers, [
    { key: bytesOf("x-original-topic"), value: bytesOf("first") },
    { key: bytesOf("x-original-offset"), value: bytesOf("then") },
    ...addedHeaders(5n, 0n, "CreateTime", "not-a-digit at byte 0"),
  ]);
});

test("each unroutable record of any batch becomes one dead letter, in order, and no batch is longer than it may be", () => {
  check(
    fc.property(readable, fc.constantFrom(1024, 4096, BYTES_MAX), (one, bytesMax) => {
      const stretches = routeBatch(encodeBatch(one), bytesMax);
      assert.deepEqual(
        lettersOf(stretches).map(({ key, value, headers }) => ({ key, value, headers })),
        lettersWanted(one),
      );
      for (const { bytes, recordCount } of stretches.flatMap(({ deadLetters }) => deadLetters)) {
        assert.ok(bytes.length <= bytesMax || recordCount === 1, `${bytes.length} bytes in ${recordCount} records`);
        assert.equal(recordCount, decodeBatch(Uint8Array.from(bytes)).records.length);
      }
    }),
    2,
  );
});

test("kafkajs reads of dead letters what the model does", async () => {
  await checkAsync(
    fc.asyncProperty(readable, async (one) => {
      for (const { deadLetters } of routeBatch(encodeBatch(one), 4096)) {
        for (const { bytes } of deadLetters) {
          const read = await decodeWithKafkajs(bytes);
          assert.deepEqual(
            read.records.map(({ timestamp, headers }) => ({ timestamp, headers })),
            decodeBatch(Uint8Array.from(bytes)).records.map(({ headers }) => ({ timestamp: String(NOW), headers: headersOf(headers) })),
          );
        }
      }
    }),
    0.5,
  );
});

test("dead letters of a compressed batch are those of its records", () => {
  const plain = plainBytes(0n, ["1", { value: "first", key: "k" }, "2", "second"]);
  const compressed = encodeBatchOf(
    { ...decodeBatch(plain), attributes: CODEC_GZIP },
    4,
    Uint8Array.from(gzipSync(plain.subarray(HEADER_BYTES))),
  );
  assert.deepEqual(
    lettersOf(routeBatch(compressed)).map(({ key, value }) => [textOf(key), textOf(value)]),
    [
      ["k", "first"],
      [null, "second"],
    ],
  );
});

test("records below the offset that was asked for are no dead letters", () => {
  const fetched = fetchedOf([fetchedBatch(plainBytes(10n, ["a", "b", "c"]))], { fetchOffset: 12n });
  assert.deepEqual(
    lettersOf(route(fetched)).map(({ value }) => textOf(value)),
    ["c"],
  );
});

test("without dead letters wanted there are none", () => {
  const [stretch] = [...routeFetched(ROUTER, CHECKER, fetchedOf([fetchedBatch(plainBytes(0n, ["x"]))]), BYTES_MAX)];
  assert.deepEqual([stretch?.deadLetters, stretch?.unroutable.length], [[], 1]);
});

test("a dead letter that is longer than a batch may be goes out in a batch of its own", () => {
  const long = "v".repeat(5000);
  const stretches = routeBatch(plainBytes(0n, ["a", long, "b"]), 1024);
  assert.deepEqual(
    letterBatches(stretches).map(({ records }) => records.map(({ value }) => textOf(value))),
    [["a"], [long], ["b"]],
  );
});

test("a stretch ends when its dead letters fill a batch, and accounts for each record up to there", () => {
  const batches = Array.from({ length: 200 }, (_, index) => plainBytes(BigInt(3 * index), [null, `${index}x`, `${index}0`]));
  const fetched = fetchedOf(batches.map((bytes) => fetchedBatch(bytes)));
  const stretches = route(fetched, 8192);
  assert.ok(stretches.length >= 5, `${stretches.length} stretches`);
  let before = 0n;
  for (const { nextOffset, batches: written, deadLetters, tombstones, unroutable } of stretches) {
    const records = [...written, ...deadLetters].reduce((sum, { recordCount }) => sum + recordCount, 0);
    assert.equal(records + tombstones, Number(nextOffset - before));
    assert.equal(
      deadLetters.reduce((sum, { recordCount }) => sum + recordCount, 0),
      unroutable.length,
    );
    // The last record that was added may have begun a second batch.
    assert.ok(deadLetters.length <= 2, `${deadLetters.length} batches`);
    before = nextOffset;
  }
  assert.equal(before, 600n);
  assert.deepEqual(
    lettersOf(stretches).map(({ value }) => textOf(value)),
    Array.from({ length: 200 }, (_, index) => `${index}x`),
  );
});

test("a batch of very many unroutable records is taken in several stretches, so that their dead letters never need much room", () => {
  const texts = Array.from({ length: 20_000 }, (_, index) => `${index}x`);
  const stretches = routeBatch(plainBytes(0n, texts));
  for (const { deadLetters } of stretches) {
    const length = deadLetters.reduce((sum, { bytes }) => sum + bytes.length, 0);
    assert.ok(length < 3 * BYTES_MAX, `${length} bytes`);
  }
  assert.deepEqual(
    lettersOf(stretches).map(({ value }) => textOf(value)),
    texts,
  );
});

test("all dead letters of a batch have the time at which it was begun", () => {
  let now = NOW;
  const fetched = fetchedOf([fetchedBatch(plainBytes(0n, ["a", "b"])), fetchedBatch(plainBytes(2n, ["v".repeat(900), "c"]))]);
  const stretches = route(fetched, 1500, () => now++);
  const times = letterBatches(stretches).map((one) => one.records.map((record) => timeOf(one, record)));
  assert.deepEqual(times, [[BigInt(NOW), BigInt(NOW)], [BigInt(NOW + 1)], [BigInt(NOW + 2)]]);
});
