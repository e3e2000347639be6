/** The component beside the model: whatever it is given, it makes the bytes that the model makes, as JavaScript and in wasmtime. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import fc from "fast-check";
import { routing } from "../../build/component/timestamp-router.js";
import * as arbitraries from "../arbitraries.ts";
import { recordLines } from "../batches.ts";
import type { InputBatch } from "../case-text.ts";
import { hostileBatch } from "../hostile-batches.ts";
import { check, checkAsync } from "../property.ts";
import { decodeBatch, encodeBatch } from "../record-batch.ts";
import { ruleText } from "../rule-model.ts";
import { wasmtimeMissing } from "../wasmtime.ts";
import type { Answer } from "./job.ts";
import { answerOf } from "./job.ts";
import { modelAnswerOf } from "./model-answer.ts";
import { jobOf } from "./targets.ts";
import { WasmtimeWorker } from "./wasmtime.ts";

const skip = (await wasmtimeMissing()) ?? false;
let wasmtime: WasmtimeWorker | null = null;
before(async () => {
  if (skip === false) wasmtime = await WasmtimeWorker.start();
});
after(() => wasmtime?.stop());

const inputBatch = fc
  .tuple(arbitraries.batch, fc.bigInt({ min: -3n, max: 40n }))
  .map(([batch, skipped]) => ({ bytes: encodeBatch(batch), fetchOffset: batch.baseOffset + skipped }))
  .filter(({ fetchOffset }) => BigInt.asIntN(64, fetchOffset) === fetchOffset);
const hostileInput = hostileBatch.map((bytes) => ({ bytes, fetchOffset: 0n }));

/** Returns work with batches of one kind. */
function workOf(batch: fc.Arbitrary<InputBatch>) {
  const batchBytesMax = fc.oneof(fc.integer({ min: 0, max: 3000 }), fc.constantFrom(1_000_000, 0xffffffff));
  const values = fc.array(arbitraries.value, { maxLength: 40 });
  return fc.tuple(arbitraries.rule, values, fc.array(batch, { maxLength: 3 }), batchBytesMax);
}

test("the component makes of any values and batches, with any rule, the bytes that the model makes of them", () => {
  check(
    fc.property(workOf(inputBatch), ([rule, values, batches, batchBytesMax]) => {
      const answer = answerOf(routing, jobOf(ruleText(rule), values, batches, batchBytesMax));
      assert.deepEqual(answer, modelAnswerOf(rule, values, batches, batchBytesMax));
    }),
  );
});

/** Returns the calls for batches, with records in place of bytes, and every error called what the model calls it. */
function meaningOf(answer: Answer): unknown {
  if ("fault" in answer) return answer;
  return answer.batches.map((calls) =>
    calls.map((call) =>
      "error" in call
        ? "malformed"
        : { ...call, outputs: call.outputs.map((one) => [one.output, recordLines(decodeBatch(Buffer.from(one.bytes, "base64")))]) },
    ),
  );
}

test("the component refuses the batches that the model refuses, and makes the same records of the others", () => {
  check(
    fc.property(workOf(hostileInput), ([rule, , batches]) => {
      // Numbers in other lengths than the model writes them are no fault, and are copied: a limit in bytes would fall elsewhere.
      const answer = answerOf(routing, jobOf(ruleText(rule), [], batches));
      assert.deepEqual(meaningOf(answer), meaningOf(modelAnswerOf(rule, [], batches, 1_000_000)));
    }),
  );
});

test("whatever it is given, the component answers in wasmtime what it answers here", { skip }, async () => {
  const work = workOf(fc.oneof(inputBatch, hostileInput));
  await checkAsync(
    fc.asyncProperty(work, async ([rule, values, batches, batchBytesMax]) => {
      const job = jobOf(ruleText(rule), values, batches, batchBytesMax);
      assert.deepEqual(await wasmtime?.answer(job), answerOf(routing, job));
    }),
    0.25,
  );
});
