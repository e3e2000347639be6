import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import golden from "../../../hosts/dataflow/kafka/golden.json" with { type: "json" };
import { testLane, type Golden } from "../../../hosts/dataflow/kafka/self-test.ts";
import { coreModule } from "../../core-module.ts";

/** Base64 with one bit of one byte turned over. */
function damaged(base64: string, at: number): string {
  const bytes = Buffer.from(base64, "base64");
  const index = at < 0 ? bytes.length + at : at;
  bytes[index] = (bytes[index] ?? 0) ^ 1;
  return bytes.toString("base64");
}

function refused(bytes: Golden, message: RegExp): void {
  assert.throws(
    () => testLane(coreModule(), bytes),
    (error) => {
      assert.ok(error instanceof AppError);
      assert.deepEqual([error.code, error.retriable], ["LANE_SELF_TEST", false]);
      assert.match(error.message, /^refusing to start, since the RecordBatch lane failed its self-test: /u);
      assert.match(error.message, message);
      return true;
    },
  );
}

test("the lane passes its self-test", () => {
  testLane(coreModule());
});

test("a golden batch of which a byte is wrong is noticed", () => {
  // The last byte belongs to the last marker, which nobody routes: its CRC alone tells.
  refused({ ...golden, fetch: { ...golden.fetch, response: damaged(golden.fetch.response, -1) } }, /CRC does not match/u);
});

test("a batch of the golden response that is another one than expected is noticed", () => {
  for (const [index, batch] of golden.fetch.batches.entries()) {
    for (const wrong of [{ lastOffset: "999" }, { visible: !batch.visible }, { bytes: batch.bytes + 1 }]) {
      const batches = golden.fetch.batches.with(index, { ...batch, ...wrong });
      refused({ ...golden, fetch: { ...golden.fetch, batches } }, /batches of the golden Fetch response are not what they must be/u);
    }
  }
});

test("a response that is read by the layout of another version is noticed", () => {
  refused({ ...golden, fetch: { ...golden.fetch, version: 10 } }, /./u);
});

test("a routed batch with another byte than expected is noticed", () => {
  for (const [index, output] of golden.route.outputs.entries()) {
    const outputs = golden.route.outputs.with(index, damaged(output, -1));
    refused({ ...golden, route: { ...golden.route, outputs } }, /RecordBatches routed from the golden ones are not what they must be/u);
  }
});

test("a Produce request with another byte than expected is noticed", () => {
  const request = damaged(golden.produce.request, 0);
  refused({ ...golden, produce: { ...golden.produce, request } }, /Produce request around the golden batch are not what they must be/u);
  const batch = damaged(golden.produce.batch, -1);
  refused({ ...golden, produce: { ...golden.produce, batch } }, /Produce request/u);
  const options = { ...golden.produce.options, baseSequence: 18 };
  refused({ ...golden, produce: { ...golden.produce, options } }, /Produce request/u);
});
