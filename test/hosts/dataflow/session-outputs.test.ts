/** How a session writes what its outputs are told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeBatch } from "../../record-batch.ts";
import { fetchedBatch, fetchedOf, plainBytes } from "./fetched.ts";
import { TARGETS, open } from "./opened-session.ts";

test("each output is written with its own compression, and without headers if it is to have none", async (context) => {
  const [even, odd] = TARGETS.outputs;
  assert.ok(even !== undefined && odd !== undefined);
  const targets = {
    ...TARGETS,
    outputs: [
      { ...even, codec: "zstd" as const },
      { ...odd, keepsHeaders: false },
    ],
  };
  const { consumer, producer } = await open(context, { targets });
  const records = ["2", "1"].map((value) => ({ value, key: "k", headers: [["h", "v"] as const] }));
  await consumer.deliver(fetchedOf([fetchedBatch(plainBytes(0n, records))]));
  const seen = producer.sent.map(({ topic, codec, bytes }) => {
    const [record] = decodeBatch(bytes).records;
    return [topic, codec, Buffer.from(record?.key ?? []).toString(), record?.headers.length];
  });
  assert.deepEqual(seen, [
    ["even", "zstd", "k", 1],
    ["odd", "none", "k", 0],
  ]);
});
