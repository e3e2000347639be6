/** The host itself is judged here: Redpanda's SDK runs in it unmodified, and finds everything as in a broker. */
import assert from "node:assert/strict";
import { before, test } from "node:test";
import fc from "fast-check";
import * as arbitraries from "../arbitraries.ts";
import { batchOf } from "../batches.ts";
import { literalOf } from "../bytes.ts";
import { checkAsync } from "../property.ts";
import { CONTROL } from "../record-batch.ts";
import { LongLivedVm, runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { readPayload } from "./payload.ts";
import { goMissing } from "../go-program.ts";
import { SDK_GUEST, SDK_GUEST_MEMORY_BYTES, sdkGuest } from "./sdk-guest.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";

const skip = (await goMissing(SDK_GUEST)) ?? false;
let wasm: Uint8Array = new Uint8Array(0);
before(async () => {
  if (skip === false) wasm = await sdkGuest();
});

const TOPICS = ["first", "second", "third"];
const BATCHES = [
  sourceBatchOf(
    batchOf([{ key: "k", value: "1", timestampDelta: 7n, headers: [["h", null]] }, null], { baseTimestamp: 1_558_115_796_000n }),
  ),
  sourceBatchOf(batchOf(["2"], { baseOffset: 2n })),
];

function guestThat(does: string): Guest {
  return new Guest(wasm, { name: "judge", inputTopic: "in", outputTopics: TOPICS, environment: { DO: does } }, SDK_GUEST_MEMORY_BYTES);
}

function written(guest: Guest, batches: readonly SourceBatch[]): readonly string[] {
  const lines: string[] = [];
  runOnce(guest, batches, (topic, payload) => {
    lines.push(`${topic ?? "default"} ${literalOf(payload)}`);
    return topic === null || TOPICS.includes(topic);
  });
  return lines;
}

test("the SDK's guest gives back each record, byte for byte", { skip }, async () => {
  const batches = arbitraries.batch.filter(({ attributes, records }) => (attributes & CONTROL) === 0 && records.length > 0);
  const payloads: string[] = [];
  const vm = new LongLivedVm(guestThat("copy"), (_, payload) => payloads.push(literalOf(payload)) > 0);
  await vm.start();
  await checkAsync(
    fc.asyncProperty(batches, async (batch) => {
      const source = sourceBatchOf(batch);
      payloads.length = 0;
      await vm.transform(source);
      assert.deepEqual(
        payloads,
        source.records.map(({ payload }) => literalOf(payload)),
      );
    }),
  );
  vm.stop();
});

test("the SDK's guest writes to each topic that it finds in its environment", { skip }, () => {
  const expected = BATCHES.flatMap(({ records }) =>
    records.flatMap(({ payload }) => TOPICS.map((topic) => `${topic} ${literalOf(payload)}`)),
  );
  assert.deepEqual(written(guestThat("tee"), BATCHES), expected);
});

test("the SDK's guest finds its name, its input topic, and the record's time for the time of day", { skip }, () => {
  const values: string[] = [];
  runOnce(guestThat("look"), BATCHES, (_, payload) => values.push(Buffer.from(readPayload(payload)?.value ?? []).toString()) > 0);
  assert.deepEqual(values, [
    "[judge] in now=1558115796007 time=1558115796007 offset=0",
    "[judge] in now=1558115796000 time=1558115796000 offset=1",
    "[judge] in now=0 time=0 offset=2",
  ]);
});

test("what the SDK's guest prints is an event a line", { skip }, () => {
  const guest = guestThat("log");
  written(guest, BATCHES);
  assert.deepEqual(guest.log.events, [
    { severity: "info", message: "value 1\n" },
    { severity: "info", message: "value \n" },
    { severity: "info", message: "value 2\n" },
  ]);
});

test("a write to a topic that was not deployed reaches the SDK as -3, and ends the guest", { skip }, () => {
  const guest = guestThat("stray");
  assert.throws(() => written(guest, BATCHES), { name: "GuestTrap", message: "failure executing host function: exited with code: 2" });
  assert.match(guest.log.events.map(({ message }) => message).join(""), /writing record failed with errno: -3/);
});

test("the SDK's guest needs more memory than a broker gives by default", { skip }, () => {
  assert.throws(() => new Guest(wasm, guestThat("copy").deployment), { name: "EngineRefused", message: /pages exceeds memory limits$/ });
});
