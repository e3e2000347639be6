import assert from "node:assert/strict";
import { test } from "node:test";
import { CorruptBatchError, routeFetched, type RoutedStretch } from "../../../hosts/dataflow/route-fetched.ts";
import { Router } from "../../../hosts/embed.ts";
import { recordLines } from "../../batches.ts";
import { coreModule } from "../../core-module.ts";
import { LOG_APPEND_TIME, TRANSACTIONAL, decodeBatch } from "../../record-batch.ts";
import { fetchedBatch, fetchedOf, plainBytes } from "./fetched.ts";
import { BYTES_MAX, damaged, refusal, route, routeAll, values } from "./routed.ts";

test("all batches of a fetch become one batch for each output, in order, with keys, headers and times", () => {
  const first = plainBytes(10n, [{ value: "a1", key: "k", headers: [["h", null]], timestampDelta: 5n }, "a2"], { baseTimestamp: 1000n });
  const second = plainBytes(12n, ["b3", { value: "b4", timestampDelta: -900n }, "b5"], { baseTimestamp: 2000n });
  const { batches, nextOffset } = routeAll(fetchedOf([fetchedBatch(first), fetchedBatch(second)]));
  assert.equal(nextOffset, 15n);
  assert.deepEqual(
    batches.map(({ output, recordCount }) => [output, recordCount]),
    [
      [0, 2],
      [1, 3],
    ],
  );
  const lines = batches.map(({ bytes }) => recordLines(decodeBatch(bytes)));
  assert.deepEqual(lines, [
    [`time=1000 value="Even timestamp: a2"`, `time=1100 value="Even timestamp: b4"`],
    [`time=1005 key="k" value="Odd timestamp:a1" "h"=null`, `time=2000 value="Odd timestamp:b3"`, `time=2000 value="Odd timestamp:b5"`],
  ]);
});

test("records of a LogAppendTime batch get the broker's time", () => {
  const header = { baseTimestamp: 1000n, maxTimestamp: 7777n, attributes: LOG_APPEND_TIME };
  const { batches } = routeAll(fetchedOf([fetchedBatch(plainBytes(0n, ["2", "4"], header))]));
  assert.deepEqual(
    batches.flatMap(({ bytes }) => recordLines(decodeBatch(bytes))),
    [`time=7777 value="Even timestamp: 2"`, `time=7777 value="Even timestamp: 4"`],
  );
});

test("records below the offset that was asked for are left out", () => {
  const batch = fetchedBatch(plainBytes(10n, ["0", "2", null, "x", "4"]));
  const stretch = routeAll(fetchedOf([batch], { fetchOffset: 14n }));
  assert.deepEqual(values([stretch], 0), ["Even timestamp: 4"]);
  assert.deepEqual([stretch.tombstones, stretch.unroutable], [0, []]);
});

test("tombstones are counted, and unroutable records are named by their offsets in the log", () => {
  const batches = [
    plainBytes(100n, [null, "x", "2"]),
    plainBytes(200n, ["", { value: null, offsetDelta: 7 }, { value: "9x", offsetDelta: 9 }]),
  ];
  const stretch = routeAll(fetchedOf(batches.map((bytes) => fetchedBatch(bytes))));
  assert.equal(stretch.tombstones, 2);
  assert.deepEqual(stretch.unroutable, [
    { offset: 101n, reason: "not-a-digit", byteOffset: 0 },
    { offset: 200n, reason: "empty", byteOffset: 0 },
    { offset: 209n, reason: "not-a-digit", byteOffset: 1 },
  ]);
});

test("a fetch with nothing to route is one stretch that moves the position", () => {
  const batches = [plainBytes(0n, [null]), plainBytes(1n, ["2"], { attributes: TRANSACTIONAL, producerId: 7n })];
  const { coreMs, ...stretch } = routeAll(fetchedOf(batches.map((bytes, index) => fetchedBatch(bytes, index === 0))));
  assert.ok(coreMs > 0);
  assert.deepEqual(stretch, { nextOffset: 2n, batches: [], tombstones: 1, unroutable: [], deadLetters: [] });
});

test("each full output ends a stretch at the record that did not fit, and together they hold every record once and in order", () => {
  const texts = Array.from({ length: 500 }, (_, index) => `${"v".repeat(20 + (index % 50))}${index}`);
  const halves = [plainBytes(0n, texts.slice(0, 200)), plainBytes(200n, texts.slice(200))];
  const stretches = route(fetchedOf(halves.map((bytes) => fetchedBatch(bytes))), 2048);
  assert.ok(stretches.length >= 10, `${stretches.length} stretches`);
  assert.equal(stretches.at(-1)?.nextOffset, 500n);
  let before = 0n;
  for (const { nextOffset, batches } of stretches) {
    assert.equal(
      batches.reduce((sum, { recordCount }) => sum + recordCount, 0),
      Number(nextOffset - before),
    );
    for (const { bytes } of batches) assert.ok(bytes.length <= 2048, `${bytes.length} bytes`);
    before = nextOffset;
  }
  const wanted = (parity: number): string[] => texts.filter((text) => Number(text.at(-1)) % 2 === parity);
  assert.deepEqual(
    values(stretches, 0),
    wanted(0).map((text) => `Even timestamp: ${text}`),
  );
  assert.deepEqual(
    values(stretches, 1),
    wanted(1).map((text) => `Odd timestamp:${text}`),
  );
});

test("counts of a stretch are not counted again in the next one", () => {
  const texts = Array.from({ length: 200 }, (_, index) => (index % 10 === 0 ? null : index % 10 === 1 ? "x" : `${"v".repeat(50)}${index}`));
  const stretches = route(fetchedOf([fetchedBatch(plainBytes(0n, texts))]), 1024);
  assert.ok(stretches.length > 5);
  assert.equal(
    stretches.reduce((sum, { tombstones }) => sum + tombstones, 0),
    20,
  );
  const offsets = stretches.flatMap(({ unroutable }) => unroutable.map(({ offset }) => offset));
  assert.deepEqual(
    offsets,
    Array.from({ length: 20 }, (_, index) => BigInt(10 * index + 1)),
  );
});

test("a record longer than a batch may be goes out in a batch of its own", () => {
  const long = "v".repeat(5000) + "2";
  const stretches = route(fetchedOf([fetchedBatch(plainBytes(0n, ["4", long, "6"]))]), 1024);
  assert.deepEqual(
    values(stretches, 0),
    ["4", long, "6"].map((text) => `Even timestamp: ${text}`),
  );
});

test("a batch that is longer than any before ends the stretch when outputs hold records, and nothing is lost", () => {
  const batches = [plainBytes(0n, ["2"]), plainBytes(1n, ["v".repeat(500) + "4", "6"]), plainBytes(3n, ["v".repeat(5000) + "8"])];
  const fetched = fetchedOf(batches.map((bytes) => fetchedBatch(bytes)));
  const stretches = [...routeFetched(new Router(coreModule()), new Router(coreModule()), fetched, BYTES_MAX)];
  assert.deepEqual(
    stretches.map(({ nextOffset }) => nextOffset),
    [1n, 3n, 4n],
  );
  assert.deepEqual(
    values(stretches, 0).map((value) => value?.at(-1)),
    ["2", "4", "6", "8"],
  );
});

test("between two stretches another partition may use the router", () => {
  const [router, checker] = [new Router(coreModule()), new Router(coreModule())];
  const texts = Array.from({ length: 100 }, (_, index) => `${"v".repeat(50)}${index}`);
  const begin = (prefix: string): Generator<RoutedStretch> =>
    routeFetched(
      router,
      checker,
      fetchedOf([
        fetchedBatch(
          plainBytes(
            0n,
            texts.map((text) => prefix + text),
          ),
        ),
      ]),
      1024,
    );
  const running = [begin("a"), begin("b")];
  const taken: RoutedStretch[][] = [[], []];
  for (let left = running.length; left > 0;) {
    left = 0;
    for (const [index, stretches] of running.entries()) {
      const { done, value } = stretches.next();
      if (done === true) continue;
      taken[index]?.push(value);
      left++;
    }
  }
  const wanted = (prefix: string): string[] =>
    texts.filter((text) => Number(text.at(-1)) % 2 === 0).map((text) => `Even timestamp: ${prefix}${text}`);
  assert.deepEqual(values(taken[0] ?? [], 0), wanted("a"));
  assert.deepEqual(values(taken[1] ?? [], 0), wanted("b"));
});

test("a corrupt batch is refused with its place and what is wrong, and can be fetched again", () => {
  const good = fetchedBatch(plainBytes(10n, ["2"]));
  const error = refusal(fetchedOf([good, fetchedBatch(damaged(plainBytes(11n, ["4"])))], { partition: 3 }));
  assert.ok(error instanceof CorruptBatchError);
  assert.equal(error.place, "in-3 offset 11");
  assert.equal(error.message, "the RecordBatch at in-3 offset 11 is corrupt: the RecordBatch's CRC does not match its bytes");
  assert.deepEqual([error.code, error.retriable], ["BATCH_CORRUPT", true]);
});

test("a batch that is left out is refused all the same when its CRC is wrong", () => {
  const bytes = plainBytes(10n, ["2"], { attributes: TRANSACTIONAL, producerId: 7n });
  assert.equal(routeAll(fetchedOf([fetchedBatch(bytes, false)])).nextOffset, 11n);
  // The codec and the producer id in the header, the last record.
  for (const at of [22, 50, bytes.length - 1]) {
    const error = refusal(fetchedOf([fetchedBatch(damaged(bytes, at), false)]));
    assert.ok(error instanceof CorruptBatchError, `byte ${at}`);
    assert.equal(error.place, "in-0 offset 10");
  }
});

test("bytes that are no batch are corrupt, however few they are", () => {
  const older = plainBytes(10n, ["2"]);
  older[16] = 1;
  const garbage: readonly (readonly [Uint8Array, string])[] = [
    [older, "in-0 offset 10"],
    [plainBytes(10n, ["2"]).subarray(0, 40), "in-0 offset 10"],
    [plainBytes(10n, ["2"]).subarray(0, 7), "in-0 offset 9"],
    [new Uint8Array(), "in-0 offset 9"],
  ];
  for (const [bytes, place] of garbage) {
    const error = refusal(fetchedOf([fetchedBatch(bytes)], { fetchOffset: 9n }));
    assert.ok(error instanceof CorruptBatchError, place);
    assert.equal(error.place, place);
  }
});

test("a corrupt batch is found also where the core had to make room for it first", () => {
  // The damage is in the value, where only the CRC can tell.
  const [small, large] = [plainBytes(0n, ["2"]), damaged(plainBytes(1n, ["x".repeat(200_000) + "4"]), 1000)];
  assert.throws(() => routeAll(fetchedOf([fetchedBatch(small), fetchedBatch(large)])), CorruptBatchError);
});
