import assert from "node:assert/strict";
import { test } from "node:test";
import { TARGETS, open, values } from "./opened-session.ts";
import { turn } from "./fake-binder.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 10_000;

/** Delivers fetch after fetch of one record each, as long as the handler lets it; returns how many it took. */
async function deliverUntilHeld(opened: Awaited<ReturnType<typeof open>>, text: string): Promise<number> {
  const held = Symbol("held");
  for (let fetches = 1; fetches <= 100; fetches++) {
    const handled = opened.consumer.deliver(values(BigInt(fetches), [text])).then(() => "handled");
    await turn();
    if ((await Promise.race([handled, Promise.resolve(held)])) === held) return fetches;
  }
  return Infinity;
}

for (const [text, output] of [
  ["2", "first"],
  ["3", "second"],
] as const) {
  test(
    `a slow partition of the ${output} output holds the input's back after four batches, however small`,
    { timeout: TEST_MS_MAX },
    async (context) => {
      const opened = await open(context);
      assert.equal(await deliverUntilHeld(opened, text), 4);
      assert.equal(opened.producer.sent.length, 4);
    },
  );
}

test("slow dead letters hold the input's partition back, too", { timeout: TEST_MS_MAX }, async (context) => {
  const opened = await open(context, {
    targets: { ...TARGETS, deadLetters: new Map([["in", { destination: "dead", partitions: 4, codec: "none", keepsHeaders: true }]]) },
  });
  assert.equal(await deliverUntilHeld(opened, "x"), 4);
});

test("a partition whose outputs are other partitions goes on meanwhile", { timeout: TEST_MS_MAX }, async (context) => {
  const opened = await open(context);
  await deliverUntilHeld(opened, "2");
  await opened.consumer.deliver(values(0n, ["2"], 1));
  assert.equal(opened.producer.sent.at(-1)?.partition, 1);
});

test("as long as all the bytes are on their way that may be, no partition adds to them", { timeout: TEST_MS_MAX }, async (context) => {
  const opened = await open(context, { inFlightBytesMax: 1 });
  const first = opened.consumer.deliver(values(0n, ["2"]));
  await turn();
  const second = opened.consumer.deliver(values(0n, ["2"], 1));
  await turn();
  assert.deepEqual(
    opened.producer.sent.map(({ partition }) => partition),
    [0],
  );
  opened.producer.acknowledgeAll();
  await first;
  await turn();
  assert.deepEqual(
    opened.producer.sent.map(({ partition }) => partition),
    [0, 1],
  );
  opened.producer.acknowledgeAll();
  await second;
});
