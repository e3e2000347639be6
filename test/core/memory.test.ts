import assert from "node:assert/strict";
import test from "node:test";
import { Router } from "../../hosts/embed.ts";
import { RouterError } from "../../hosts/router-error.ts";
import { batchOf, recordLines } from "../batches.ts";
import { bytesOf } from "../bytes.ts";
import { CoreInstance, OUTPUTS } from "../core-instance.ts";
import { coreModule } from "../core-module.ts";
import { crc32c, decodeBatch, encodeBatch } from "../record-batch.ts";

const MIB = 1024 * 1024;
const LARGE = encodeBatch(batchOf([{ value: new Uint8Array(3 * MIB).fill(0x32) }], { baseOffset: 9n }));

/** Where each arena begins, in the order of memory. */
function layout({ exports }: CoreInstance): readonly number[] {
  const outputs = OUTPUTS.flatMap((index) => [exports.outputAddress(index), exports.outputEndsAddress(index)]);
  return [exports.inputAddress(), exports.valueTableAddress(), exports.unroutableAddress(), ...outputs, exports.memory.buffer.byteLength];
}

test("reserve lays the arenas out one behind the other with the room that was asked for and slack to read and write past", () => {
  for (const [input, output, records] of [
    [0, 0, 0],
    [1, 1, 1],
    [100, 5000, 7],
    [5000, 100, 1000],
    [64, 576, 8],
    [MIB, MIB + 513, 65_537],
  ] as const) {
    const core = CoreInstance.ready(input, output, records);
    const [inputAt = 0, values = 0, unroutable = 0, arena0 = 0, ends0 = 0, arena1 = 0, ends1 = 0, end = 0] = layout(core);
    const sizes = [values - inputAt, unroutable - values, arena0 - unroutable, ends0 - arena0, arena1 - ends0, ends1 - arena1, end - ends1];
    const outputBytes = Math.max(output, input + 512) + 64;
    const wanted = [input + 64, 8 * records, 16 * records, outputBytes, 4 * records, outputBytes, 4 * records];
    for (const [index, size] of sizes.entries()) assert.ok(size >= (wanted[index] ?? 0), `arena ${index} of ${input} ${output} ${records}`);
    assert.ok([inputAt, values, unroutable, arena0, ends0, arena1, ends1].every((address) => address % 64 === 0));
    const [struct0, struct1] = OUTPUTS.map((index) => core.exports.outputNameAddress(index));
    assert.ok(Math.max(struct0 ?? 0, struct1 ?? 0) < inputAt && core.exports.ruleAddress() + 16_384 <= inputAt);
  }
});

test("reserve never gives less than it gave before, and never shrinks memory", () => {
  const core = CoreInstance.ready(MIB, 2 * MIB, 1000);
  const before = layout(core);
  for (const [input, output, records] of [
    [0, 0, 0],
    [10, 10, 10],
    [MIB, 2 * MIB, 1000],
  ] as const) {
    assert.equal(core.reserve(input, output, records), "Ok");
    assert.deepEqual(layout(core), before);
  }
});

test("reserve refuses what is beyond its limits and leaves everything as it was", () => {
  const core = CoreInstance.ready(100, 100, 10);
  const before = layout(core);
  assert.equal(core.reserve(0x10000001, 0, 0), "OutOfRange");
  assert.equal(core.reserve(0, 0x10000001, 0), "OutOfRange");
  assert.equal(core.reserve(0, 0, 0x1000001), "OutOfRange");
  assert.equal(core.reserve(0xffffffff, 0xffffffff, 0xffffffff), "OutOfRange");
  // Within each limit, but beyond the gigabyte that the memory may have.
  assert.equal(core.reserve(0x10000000, 0x10000000, 0x1000000), "OutOfMemory");
  assert.deepEqual(layout(core), before);
  core.openBatches(100);
  assert.equal(core.routeRecordBatch(encodeBatch(batchOf(["2"]))), "Ok");
});

test("calls without room are out of range, not traps", () => {
  const core = new CoreInstance();
  core.configure("");
  assert.equal(core.openBatches(1), "OutOfRange");
  assert.equal(core.exports.crc32c(0, 1), 0);
  assert.equal(core.nameOf(core.exports.routeValues(0, 1)), "OutOfRange");
  assert.equal(core.nameOf(core.exports.stampProducer(0, 0n, 0, 0, 0)), "OutOfRange");
  core.reserve(100, 0, 0);
  assert.equal(core.openBatches(613), "OutOfRange");
  assert.equal(core.openBatches(612), "Ok");
  for (const [offset, length] of [
    [0, 101],
    [40, 61],
    [101, 0],
    [0xffffffff, 61],
    [61, 0xffffffff],
  ] as const) {
    assert.equal(core.nameOf(core.exports.routeRecordBatch(offset, length, 0n, 0)), "OutOfRange");
  }
});

test("a batch is routed wherever in the input it is", () => {
  const bytes = encodeBatch(batchOf(["2", "1"]));
  const core = CoreInstance.ready(bytes.length + 3, 0, 2);
  core.openBatches(500);
  for (const offset of [0, 1, 2, 3]) {
    core.writeInput(offset, bytes);
    assert.equal(core.nameOf(core.exports.routeRecordBatch(offset, bytes.length, 0n, 0)), "Ok");
  }
  assert.deepEqual(
    OUTPUTS.map((index) => core.exports.batchRecordCount(index)),
    [4, 4],
  );
});

test("a router that grows while it works goes on with the new memory", () => {
  const router = new Router(coreModule());
  assert.equal(router.routeValues([bytesOf("2")]).outputs[0]?.ends.length, 1);
  router.openBatches(100);
  assert.equal(router.routeRecordBatch(encodeBatch(batchOf(["2"])), 0n, false).full, false);
  assert.equal(router.finishBatches().length, 1);
  assert.equal(router.routeValues([new Uint8Array(2 * MIB).fill(0x33)]).outputs[1]?.bytes.length, 2 * MIB + 14);
  router.openBatches(8 * MIB);
  assert.equal(router.routeRecordBatch(LARGE, 9n, false).nextOffset, 10n);
  assert.equal(router.finishBatches()[0]?.bytes.length, LARGE.length + 16);
  const many = router.routeValues(Array.from({ length: 300_000 }, () => null));
  assert.equal(many.unroutable.length, 300_000);
  assert.equal(router.crc32c(new Uint8Array(20 * MIB)), crc32c(new Uint8Array(20 * MIB)));
  assert.deepEqual(router.route(bytesOf("7")), { output: "odd", value: bytesOf("Odd timestamp:7") });
});

test("a batch that needs more memory than there is asks first for what the outputs hold", () => {
  const router = new Router(coreModule());
  router.openBatches(1000);
  router.routeRecordBatch(encodeBatch(batchOf(["2", "x"])), 0n, false);
  const first = router.routeRecordBatch(LARGE, 9n, false);
  assert.deepEqual(first, { full: true, nextOffset: 9n, tombstones: 0, unroutable: [] });
  assert.deepEqual(
    router.finishBatches().map(({ bytes }) => recordLines(decodeBatch(bytes))),
    [['time=0 value="Even timestamp: 2"']],
  );
  router.openBatches(1000);
  assert.deepEqual(router.routeRecordBatch(LARGE, first.nextOffset, false), {
    full: false,
    nextOffset: 10n,
    tombstones: 0,
    unroutable: [],
  });
  assert.deepEqual(
    router.finishBatches().map(({ recordCount }) => recordCount),
    [1],
  );
});

test("a call that needs more memory than there is fails loudly while outputs hold records, and they still hold them", () => {
  const router = new Router(coreModule());
  router.openBatches(1000);
  router.routeRecordBatch(encodeBatch(batchOf(["2"])), 0n, false);
  assert.throws(() => router.crc32c(LARGE), { code: "ROUTER_NOT_FINISHED" });
  assert.throws(() => router.routeValues([LARGE]), { code: "ROUTER_NOT_FINISHED" });
  // What needs no more memory can be called in between.
  assert.equal(router.crc32c(bytesOf("4")), crc32c(bytesOf("4")));
  router.stampProducer(encodeBatch(batchOf([])), { producerId: 1n, producerEpoch: 1, baseSequence: 1, transactional: false });
  router.routeRecordBatch(encodeBatch(batchOf(["4"])), 0n, true);
  assert.deepEqual(
    router.finishBatches().map(({ bytes }) => recordLines(decodeBatch(bytes))),
    [['time=0 value="Even timestamp: 2"', 'time=0 value="Even timestamp: 4"']],
  );
});

test("values are refused while outputs hold records, which they would overwrite, and else close the outputs", () => {
  const router = new Router(coreModule());
  const batch = encodeBatch(batchOf(["2"]));
  router.openBatches(1000);
  router.routeRecordBatch(batch);
  assert.throws(() => router.route("3"), { code: "ROUTER_NOT_FINISHED" });
  assert.throws(() => router.routePackedValues({ bytes: bytesOf("3"), ends: Uint32Array.of(1) }), { code: "ROUTER_NOT_FINISHED" });
  assert.deepEqual(
    router.finishBatches().map(({ recordCount }) => recordCount),
    [1],
  );
  for (const value of ["3", "3".repeat(MIB)]) {
    router.openBatches(1000);
    assert.equal(router.routeValues([value]).outputs[1]?.ends.length, 1);
    for (const next of [batch, LARGE]) assert.throws(() => router.routeRecordBatch(next), { code: "ROUTER_NOT_OPEN" });
  }
});

test("memory that grows between the opening of empty outputs and their first record does no harm", () => {
  const router = new Router(coreModule());
  const bytes = encodeBatch(batchOf(["2"]));
  router.openBatches(1000);
  router.routeRecordBatch(bytes, 0n, false);
  router.finishBatches();
  router.openBatches(1000);
  assert.equal(router.crc32c(LARGE), crc32c(LARGE));
  router.routeRecordBatch(bytes, 0n, false);
  assert.deepEqual(
    router.finishBatches().map(({ recordCount }) => recordCount),
    [1],
  );
});

test("a host that forgot to open the outputs is told so, however large the batch", () => {
  for (const batch of [LARGE, encodeBatch(batchOf(["2"]))]) {
    const router = new Router(coreModule());
    router.openBatches(1000);
    router.finishBatches();
    assert.throws(
      () => router.routeRecordBatch(batch, 0n, false),
      (error) => error instanceof RouterError && error.code === "ROUTER_NOT_OPEN",
    );
  }
});

test("a router that was asked for too much still routes what fits", () => {
  const router = new Router(coreModule());
  assert.throws(
    () => router.openBatches(0x10000001),
    (error) => error instanceof RouterError && error.code === "ROUTER_OUT_OF_RANGE",
  );
  assert.deepEqual(router.route(bytesOf("7")), { output: "odd", value: bytesOf("Odd timestamp:7") });
  router.openBatches(1000);
  router.routeRecordBatch(encodeBatch(batchOf(["2"])), 0n, false);
  assert.equal(router.finishBatches().length, 1);
});

test("a size that is no 32-bit number is out of range, and the router still routes what fits", () => {
  const most = new Uint8Array(0x10000000);
  const calls: readonly ((router: Router) => unknown)[] = [
    // Sixteen times as much: to the core, 2^32 bytes are none.
    (router) => router.routeValues(Array.from({ length: 16 }, () => most)),
    ...[2 ** 32, 2 ** 32 + 100, Infinity, NaN, -1].map((bytesMax) => (router: Router) => {
      router.openBatches(bytesMax);
    }),
  ];
  for (const call of calls) {
    const router = new Router(coreModule());
    assert.throws(() => call(router), { code: "ROUTER_OUT_OF_RANGE" });
    const { outputs } = router.routeValues(Array.from({ length: 1000 }, () => "1234"));
    assert.equal(outputs[0]?.ends.length, 1000);
  }
});
