import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { Router } from "../../hosts/embed.ts";
import * as arbitraries from "../arbitraries.ts";
import { recordLine, recordLines } from "../batches.ts";
import { coreModule } from "../core-module.ts";
import { decodeWithKafkajs, headersOf } from "../kafkajs-codec.ts";
import { DEFAULT_RULE, ModelRouter } from "../model.ts";
import { check, checkAsync } from "../property.ts";
import type { RecordBatch } from "../record-batch.ts";
import { decodeBatch, encodeBatch } from "../record-batch.ts";
import { ruleText } from "../rule-model.ts";
import { SideBySide } from "./side-by-side.ts";

const batches = fc.array(fc.tuple(arbitraries.batch, fc.bigInt({ min: -3n, max: 40n })), { minLength: 1, maxLength: 4 });

test("the core makes of any batches, with any room, the bytes that the model makes of them", () => {
  const room = fc.record({
    inputBytes: fc.constant(300_000),
    outputBytesMax: fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constant(300_000)),
    records: fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constant(1000)),
  });
  check(
    fc.property(arbitraries.rule, room, batches, (rule, limits, list) => {
      const both = new SideBySide(limits, rule);
      for (const [batch, skip] of list) {
        const bytes = encodeBatch(batch);
        let fetchOffset = batch.baseOffset + skip;
        for (;;) {
          const taken = both.route(bytes, fetchOffset);
          assert.ok(taken !== null);
          if (!taken.full) break;
          both.finishExactly();
          fetchOffset = taken.nextOffset;
        }
      }
      both.finishExactly();
    }),
    2,
  );
});

test("nothing is lost or doubled when outputs are emptied in between, however often", () => {
  check(
    fc.property(arbitraries.rule, fc.integer({ min: 0, max: 4000 }), batches, (rule, bytesMax, list) => {
      const model = new ModelRouter(rule, Number.POSITIVE_INFINITY);
      const router = new Router(coreModule(), ruleText(rule));
      const outputs: [string[], string[]] = [[], []];
      let tombstones = 0;
      const unroutable: bigint[] = [];
      const expected = { tombstones: 0, unroutable: [] as bigint[] };
      const empty = (): void => {
        for (const { output, bytes } of router.finishBatches()) {
          const batch = decodeBatch(bytes);
          assert.ok(bytes.length <= bytesMax || batch.records.length === 1);
          outputs[output === 0 ? 0 : 1].push(...recordLines(batch));
        }
        router.openBatches(bytesMax);
      };
      router.openBatches(bytesMax);
      for (const [batch] of list) {
        const bytes = encodeBatch(batch);
        const whole = model.routeBatch(bytes, 0n);
        expected.tombstones += whole.tombstones;
        expected.unroutable.push(...whole.unroutable.map(({ offsetDelta }) => batch.baseOffset + BigInt(offsetDelta)));
        for (let fetchOffset = batch.baseOffset, full = true; full;) {
          const taken = router.routeRecordBatch(bytes, fetchOffset, false);
          tombstones += taken.tombstones;
          unroutable.push(...taken.unroutable.map(({ offsetDelta }) => batch.baseOffset + BigInt(offsetDelta)));
          ({ full, nextOffset: fetchOffset } = taken);
          if (full) empty();
          else assert.equal(taken.nextOffset, whole.nextOffset);
        }
      }
      empty();
      assert.deepEqual({ outputs, tombstones, unroutable }, { outputs: model.finish().map(recordLines), ...expected });
    }),
  );
});

test("kafkajs reads from the outputs the keys, headers and times that went in", async () => {
  await checkAsync(
    fc.asyncProperty(batches, async (list) => {
      const model = new ModelRouter(DEFAULT_RULE, Number.POSITIVE_INFINITY);
      const router = new Router(coreModule());
      router.openBatches(1_000_000);
      // Room for the largest first, for an output that holds records can't move.
      const bytes = list.map(([batch]) => encodeBatch(batch)).toSorted((left, right) => right.length - left.length);
      for (const one of bytes) {
        model.routeBatch(one, 0n);
        assert.equal(router.routeRecordBatch(one, 0n, false).full, false);
      }
      const expected = model.finish();
      const finished = router.finishBatches();
      assert.equal(finished.length, expected.filter((batch) => batch !== null).length);
      for (const batch of finished) await assertReads(batch.bytes, expected[batch.output] ?? null);
    }),
  );
});

async function assertReads(bytes: Uint8Array, expected: RecordBatch | null): Promise<void> {
  assert.ok(expected !== null);
  const read = await decodeWithKafkajs(bytes);
  assert.equal(read.firstOffset, "0");
  assert.equal(read.lastOffsetDelta, expected.records.length - 1);
  assert.equal(read.maxTimestamp, String(expected.maxTimestamp));
  const lines = read.records.map(({ timestamp, key, value }) =>
    recordLine({ key, value, headers: [] }, BigInt.asIntN(64, BigInt(timestamp))),
  );
  assert.deepEqual(lines, recordLines({ ...expected, records: expected.records.map((record) => ({ ...record, headers: [] })) }));
  assert.deepEqual(
    read.records.map(({ headers }) => headers),
    expected.records.map(({ headers }) => headersOf(headers)),
  );
}
