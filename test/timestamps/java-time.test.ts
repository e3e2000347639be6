import assert from "node:assert/strict";
import test from "node:test";
import { Router } from "../../hosts/embed.ts";
import type { OutputBatch } from "../../hosts/routed.ts";
import { ruleTextOf } from "../../hosts/rule.ts";
import { coreModule } from "../core-module.ts";
import { bytesOf } from "../bytes.ts";
import { PLAIN_HEADER, decodeBatch, encodeBatch } from "../record-batch.ts";
import { OUTPUT_NAMES, javaGroups, javaOutput, javaOutputs, javaRule, type JavaGroup } from "./java-time.ts";

/** Prime to each other: the two outputs of a number say what it is modulo 56. */
const OUTPUT_COUNTS = [7, 8];

function routerOf(group: JavaGroup, outputs: number): Router {
  return new Router(coreModule(), ruleTextOf(javaRule(group, outputs)));
}

const groups = javaGroups();

test("there are tens of thousands of stamps from Java, a good part of them near misses", () => {
  const values = groups.flatMap((group) => group.values);
  assert.ok(values.length > 30_000);
  assert.ok(values.filter(({ number }) => number === null).length > 5000);
});

for (const group of groups) {
  test(`the ${group.field} of ${group.format} at ${group.zone} is what java.time says`, () => {
    for (const outputs of OUTPUT_COUNTS) {
      const router = routerOf(group, outputs);
      for (const { value, number } of group.values) {
        const decision = router.route(value);
        const output = "output" in decision ? router.outputs.indexOf(decision.output) : null;
        assert.equal(output, javaOutput(number, outputs), JSON.stringify(value));
        if ("reason" in decision) {
          assert.ok(["empty", "not-a-timestamp", "no-such-time", "no-field"].includes(decision.reason), decision.reason);
          assert.ok(decision.byteOffset <= value.length);
        }
      }
    }
  });
}

test("a RecordBatch of timestamps is routed as its values are, one by one", () => {
  for (const group of groups) {
    const router = routerOf(group, 8);
    const records = group.values.map(({ value }, offsetDelta) => ({
      timestampDelta: 0n,
      offsetDelta,
      key: null,
      value: bytesOf(value),
      headers: [],
    }));
    const batch = encodeBatch({ ...PLAIN_HEADER, lastOffsetDelta: records.length - 1, baseTimestamp: 0n, maxTimestamp: 0n, records });
    router.openBatches(1 << 20);
    const { unroutable } = router.routeRecordBatch(batch);
    const batches = router.finishBatches();
    assert.deepEqual(valuesByOutput(batches), javaOutputs(group, 8));
    assert.equal(unroutable.length, group.values.filter(({ number }) => number === null).length);
  }
});

function valuesByOutput(batches: readonly OutputBatch[]): readonly (readonly string[])[] {
  return OUTPUT_NAMES.map((_, index) =>
    batches
      .filter(({ output }) => output === index)
      .flatMap(({ bytes }) => decodeBatch(bytes).records.map(({ value }) => Buffer.from(value ?? []).toString())),
  );
}
