/** A VM's life in the broker: batches in, batches out, failures, and what is done again after them. */
import assert from "node:assert/strict";
import test from "node:test";
import { batchOf } from "../batches.ts";
import { literalOf } from "../bytes.ts";
import { LOG_APPEND_TIME } from "../record-batch.ts";
import { assemble } from "./assembler.ts";
import { LongLivedVm, runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { Backoff, Processor } from "./processor.ts";
import { READ_BATCH, copyingGuest, resultAt, scriptedGuest } from "./small-guests.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";

const TOPICS = ["first", "second"];
const DEPLOYMENT = { name: "copy", inputTopic: "in", outputTopics: TOPICS, environment: {} };
const POISON = "x";
const NOW = 1_800_000_000_000;

const batchAt = (baseOffset: bigint, ...values: string[]): SourceBatch =>
  sourceBatchOf(batchOf(values, { baseOffset, baseTimestamp: 1_700_000_000_000n }));

function guestOf(poison?: string): Guest {
  return new Guest(copyingGuest(TOPICS, poison?.charCodeAt(0)), DEPLOYMENT);
}

function processorOf(guest: Guest, log: readonly SourceBatch[], now = (): number => NOW): Processor {
  return new Processor(guest, { partition: 5, partitionCount: 3, log, now });
}

function valuesOf(processor: Processor): readonly (readonly string[])[] {
  return processor.outputs.map(({ batches }) =>
    batches.flatMap(({ records }) => records.map(({ value }) => Buffer.from(value ?? []).toString())),
  );
}

test("outputs get batches of the broker's own time, without a producer, in the input's partition modulo theirs", async () => {
  const processor = processorOf(guestOf(), [batchAt(0n, "1", "2"), batchAt(2n, "3")]);
  assert.equal(await processor.run(), null);
  processor.stop();
  for (const { partition, batches } of processor.outputs) {
    assert.equal(partition, 2);
    assert.deepEqual(
      batches.map(({ baseOffset, records }) => [baseOffset, records.map(({ value }) => literalOf(value))]),
      [
        [0n, ['"1"', '"2"']],
        [2n, ['"3"']],
      ],
    );
    assert.ok(batches.every(({ attributes, producerId }) => attributes === LOG_APPEND_TIME && producerId === -1n));
    assert.ok(batches.every(({ baseTimestamp, maxTimestamp }) => baseTimestamp === BigInt(NOW) && maxTimestamp === BigInt(NOW)));
  }
});

test("one VM takes all batches, and goes on when there is more in the log", async () => {
  const log = [batchAt(0n, "1")];
  const processor = processorOf(guestOf(), log);
  await processor.run();
  log.push(batchAt(1n, "2"));
  await processor.run();
  processor.stop();
  assert.deepEqual(valuesOf(processor), [
    ["1", "2"],
    ["1", "2"],
  ]);
});

test("after a trap the VM is new, and everything behind the last commit is done again: at least once", async () => {
  const processor = processorOf(guestOf(POISON), [batchAt(0n, "1"), batchAt(1n, "2", POISON, "3")]);
  assert.equal(await processor.run(), 1000);
  assert.deepEqual(valuesOf(processor)[0], ["1", "2"]);
  processor.deploy(guestOf());
  assert.equal(await processor.run(), null);
  processor.stop();
  assert.deepEqual(valuesOf(processor)[0], ["1", "2", "1", "2", POISON, "3"]);
});

test("what is committed is not done again", async () => {
  const log = [batchAt(0n, "1")];
  const processor = processorOf(guestOf(POISON), log);
  await processor.run();
  for (const output of processor.outputs) output.commit();
  log.push(batchAt(1n, "2"), batchAt(2n, POISON));
  assert.equal(await processor.run(), 1000);
  processor.deploy(guestOf());
  await processor.run();
  processor.stop();
  assert.deepEqual(valuesOf(processor)[0], ["1", "2", "2", POISON]);
});

test("an output that has committed further than another keeps silent until the other has caught up", async () => {
  const log = [batchAt(0n, "1"), batchAt(1n, "2", "3")];
  const processor = processorOf(guestOf(POISON), log);
  await processor.run();
  processor.outputs[1]?.commit();
  log.push(batchAt(3n, POISON));
  assert.equal(await processor.run(), 1000);
  processor.deploy(guestOf());
  await processor.run();
  processor.stop();
  assert.deepEqual(valuesOf(processor), [
    ["1", "2", "3", "1", "2", "3", POISON],
    ["1", "2", "3", POISON],
  ]);
});

test("a record that always traps holds its partition up for ever, with longer and longer pauses", async () => {
  const processor = processorOf(guestOf(POISON), [batchAt(0n, POISON), batchAt(1n, "1")]);
  const pauses: (number | null)[] = [];
  for (let attempt = 0; attempt < 7; attempt++) pauses.push(await processor.run());
  assert.deepEqual(pauses, [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000]);
  assert.deepEqual(valuesOf(processor), [[], []]);
});

test("pauses begin anew after a run of more than ten seconds", () => {
  const backoff = new Backoff();
  backoff.started(0);
  assert.deepEqual(
    [backoff.nextMs(5000), backoff.nextMs(10_000), backoff.nextMs(10_001), backoff.nextMs(10_002)],
    [1000, 2000, 1000, 1000],
  );
});

test("a guest that returns, exits or traps at its start has failed", async () => {
  for (const wasm of [assemble(), scriptedGuest([["trap"]]), scriptedGuest([["wasi_snapshot_preview1.proc_exit", 0]])]) {
    assert.equal(await processorOf(new Guest(wasm, DEPLOYMENT), []).run(), 1000);
  }
  assert.throws(() => runOnce(new Guest(assemble(), DEPLOYMENT), [], () => true), { name: "GuestTrap", message: "vm has exited" });
  const vm = new LongLivedVm(new Guest(assemble(), DEPLOYMENT), () => true);
  await assert.rejects(vm.start(), { name: "GuestTrap", message: "vm has exited" });
});

test("a VM that has failed takes no further batch", async () => {
  const vm = new LongLivedVm(new Guest(scriptedGuest([READ_BATCH, ["trap"]]), DEPLOYMENT), () => true);
  await vm.start();
  await assert.rejects(vm.transform(batchAt(0n, "1")), WebAssembly.RuntimeError);
  await assert.rejects(vm.transform(batchAt(0n, "1")), WebAssembly.RuntimeError);
});

test("a VM that is stopped takes no further batch", async () => {
  const vm = new LongLivedVm(guestOf(), () => true);
  await vm.start();
  vm.stop();
  await assert.rejects(vm.transform(batchAt(0n, "1")), { name: "GuestTrap", message: "vm was shutdown" });
});

test("a guest's memory lives on from batch to batch", async () => {
  const vm = new LongLivedVm(new Guest(scriptedGuest([READ_BATCH, ["grow", 2], READ_BATCH, ["grow", 0]]), DEPLOYMENT), () => true);
  await vm.start();
  for (const offset of [0n, 1n]) await vm.transform(batchAt(offset, "1"));
  assert.equal(vm.memory.getUint32(resultAt(3)), 3);
  vm.stop();
});
