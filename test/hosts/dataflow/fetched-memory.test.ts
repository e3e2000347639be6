import assert from "node:assert/strict";
import { test } from "node:test";
import { noteFetched, releaseHandled } from "../../../hosts/dataflow/kafka/fetched-memory.ts";
import type { FetchCalls } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { responsesOf } from "../../../hosts/dataflow/kafka/whole-responses.ts";

/** Responses of this size are worth keeping; those of other tests have other ones. */
const RESPONSE_BYTES = 1 << 19;
const PAYLOAD_AT = 8;

type Handle = FetchCalls["handleBatch"];
type PartitionBatch = Parameters<Handle>[0];

/** Returns the payload of a response that has come over a connection. */
function received(): Buffer {
  const response = Buffer.alloc(RESPONSE_BYTES);
  response.writeInt32BE(RESPONSE_BYTES - 4);
  const whole: Buffer[] = [];
  const take = responsesOf(
    (one) => whole.push(one),
    (error) => assert.fail(error),
  );
  take(response);
  const [only] = whole;
  assert.ok(only !== undefined);
  return only.subarray(PAYLOAD_AT);
}

/** Has a response fetched that has messages of so many partitions, and of one more that has none. */
function fetched(partitions: number): { readonly payload: Buffer; readonly batches: readonly PartitionBatch[] } {
  const payload = received();
  const lists = Array.from({ length: partitions }, () => [{ bytes: payload }]);
  noteFetched({ responses: [{ partitions: [...lists.map((messages) => ({ messages })), { messages: [] }] }] }, payload);
  return { payload, batches: lists.map((rawMessages) => ({ rawMessages })) };
}

/** Handles a partition's batch as kafkajs calls it. */
async function handle(batch: PartitionBatch, by: () => Promise<void> = async () => Promise.resolve()): Promise<void> {
  const calls: FetchCalls = { fetch: async () => Promise.resolve([]), handleBatch: by };
  releaseHandled(calls);
  await calls.handleBatch.call({ running: true, consumerGroup: { offsetManager: null } }, batch);
}

/** Whether the next response comes to the memory of this one. */
function isUsedAgain({ buffer }: Buffer): boolean {
  return received().buffer === buffer;
}

test("the memory of a response is used again when the messages of all its partitions are handled", async () => {
  const { payload, batches } = fetched(3);
  for (const batch of batches) {
    assert.equal(isUsedAgain(payload), false);
    await handle(batch);
  }
  assert.equal(isUsedAgain(payload), true);
});

test("the memory of a response is not used again while a handler runs", async () => {
  const { payload, batches } = fetched(1);
  const [batch] = batches;
  assert.ok(batch !== undefined);
  const { promise, resolve } = Promise.withResolvers<void>();
  const handled = handle(batch, async () => promise);
  assert.equal(isUsedAgain(payload), false);
  resolve();
  await handled;
  assert.equal(isUsedAgain(payload), true);
});

test("a handler that fails does not need the memory any more either, and its error is passed on", async () => {
  const { payload, batches } = fetched(1);
  const [batch] = batches;
  assert.ok(batch !== undefined);
  await assert.rejects(
    handle(batch, async () => Promise.reject(new Error("no group"))),
    { message: "no group" },
  );
  assert.equal(isUsedAgain(payload), true);
});

test("the memory of a response that brought nothing is used again at once", () => {
  assert.equal(isUsedAgain(fetched(0).payload), true);
});

test("a batch that is handled twice does not stand for another one", async () => {
  const { payload, batches } = fetched(2);
  const [batch] = batches;
  assert.ok(batch !== undefined);
  await handle(batch);
  await handle(batch);
  assert.equal(isUsedAgain(payload), false);
});

test("a batch that was not fetched here is handled like others", async () => {
  let count = 0;
  await handle({ rawMessages: [{}] }, async () => {
    count++;
    return Promise.resolve();
  });
  assert.equal(count, 1);
});
