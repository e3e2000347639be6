/** What a producer makes of batches that are to be compressed. */
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { inflateBatch } from "../../../hosts/dataflow/compressed-batch.ts";
import { mendCrc } from "../../record-batch.ts";
import { turn } from "./fake-binder.ts";
import { plainBytes, valuesOf } from "./fetched.ts";
import { client, ok, refused, type Request } from "./fake-producer-client.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 5000;

test(
  "a batch is compressed once, for all attempts to send it, and goes on from the number of its records",
  { timeout: TEST_MS_MAX },
  async () => {
    const { producer, requests } = await client();
    const texts = ["2", "4", "6"].map((digit) => digit.repeat(500));
    const first = producer.produce("even", 0, plainBytes(0n, texts), "gzip");
    const second = producer.produce("even", 0, plainBytes(0n, ["8"]));
    await requested(requests, 1);
    const [attempt, again] = [requests[0]?.batch.reduce()[0], requests[0]?.batch.reduce()[0]];
    assert.equal(attempt?.bytes, again?.bytes);
    assert.equal(Buffer.from(attempt?.bytes ?? []).readInt16BE(21), 1);
    const inflated = inflateBatch(attempt?.bytes ?? Buffer.alloc(0), 1 << 20);
    mendCrc(inflated);
    assert.deepEqual(valuesOf(inflated), texts);
    requests[0]?.answer([ok("even", 0)]);
    await first;
    await requested(requests, 2);
    assert.equal(requests[1]?.batch.baseSequence, 3);
    requests[1]?.answer([ok("even", 0)]);
    await second;
  },
);

test("a compressed batch that is too large goes out in parts that are compressed each", { timeout: TEST_MS_MAX }, async () => {
  const { producer, requests } = await client();
  // Half of the bytes of such texts is what a codec can save, so that half a batch is half as long.
  const texts = ["2", "4", "6", "8"].map((digit) => createHash("shake256", { outputLength: 300 }).update(digit).digest("hex"));
  const written = producer.produce("even", 0, plainBytes(0n, texts), "zstd");
  await requested(requests, 1);
  requests[0]?.refuse(refused("MESSAGE_TOO_LARGE"));
  for (const count of [2, 3]) {
    await requested(requests, count);
    requests[count - 1]?.answer([ok("even", 0)]);
  }
  await written;
  const seen = requests.slice(1).map(({ batch }) => {
    const inflated = inflateBatch(batch.bytes, 1 << 20);
    mendCrc(inflated);
    return [batch.baseSequence, valuesOf(inflated)];
  });
  assert.deepEqual(seen, [
    [0, texts.slice(0, 2)],
    [2, texts.slice(2)],
  ]);
});

/** Resolves when so many requests have been made: to compress takes a thread, and so some turns. */
async function requested(requests: readonly Request[], count: number): Promise<void> {
  const deadline = performance.now() + TEST_MS_MAX;
  while (requests.length < count) {
    assert.ok(performance.now() < deadline, `${requests.length} of ${count} requests`);
    await turn();
  }
}
