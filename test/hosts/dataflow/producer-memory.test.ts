/** What becomes of the memory that the producer lends for batches. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { BatchProducer } from "../../../hosts/dataflow/binder.ts";
import { turn } from "./fake-binder.ts";
import { plainBytes } from "./fetched.ts";
import { client, ok, refused } from "./fake-producer-client.ts";

/** A batch that is large enough for its memory to be worth keeping. */
const BATCH = plainBytes(0n, ["1".repeat(20_000), "2"]);

function copyOf(producer: BatchProducer): Uint8Array {
  assert.ok(producer.copy !== undefined);
  return producer.copy(BATCH);
}

test("the memory of a batch that was acknowledged at the first attempt is lent again", async () => {
  const { producer, requests } = await client();
  const copy = copyOf(producer);
  const written = producer.produce("even", 0, copy);
  await turn();
  requests[0]?.batch.reduce();
  assert.notEqual(copyOf(producer).buffer, copy.buffer);
  requests[0]?.answer([ok("even", 0)]);
  await written;
  assert.equal(copyOf(producer).buffer, copy.buffer);
});

test("the memory of a batch that was sent twice is not lent again: it may be sent from there yet", async () => {
  const { producer, requests } = await client();
  const copy = copyOf(producer);
  const written = producer.produce("even", 0, copy);
  await turn();
  for (let attempt = 0; attempt < 2; attempt++) requests[0]?.batch.reduce();
  requests[0]?.answer([ok("even", 0)]);
  await written;
  assert.notEqual(copyOf(producer).buffer, copy.buffer);
});

test("the memory of a batch that the topic does not take whole is not lent again as long as its parts are on their way", async () => {
  const { producer, requests } = await client();
  const copy = copyOf(producer);
  const written = producer.produce("even", 0, copy);
  await turn();
  requests[0]?.batch.reduce();
  requests[0]?.refuse(refused("MESSAGE_TOO_LARGE"));
  for (const part of [1, 2]) {
    await turn();
    requests[part]?.batch.reduce();
    assert.notEqual(copyOf(producer).buffer, copy.buffer);
    requests[part]?.answer([ok("even", 0)]);
  }
  await written;
});
