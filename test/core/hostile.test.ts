import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import * as arbitraries from "../arbitraries.ts";
import { bytesOf } from "../bytes.ts";
import { CRC_VERIFIED, CoreInstance, OUTPUTS } from "../core-instance.ts";
import { hostileBatch } from "../hostile-batches.ts";
import { check } from "../property.ts";
import { crc32c, encodeBatch } from "../record-batch.ts";
import { SideBySide } from "./side-by-side.ts";

/** Below the length from which the CRC needs memory of its own, where no test can look. */
const INPUT_BYTES = 890;
const RECORDS = 40;

/** Bytes of an output struct that hold numbers; its name follows them. */
const STRUCT_NUMBERS_BYTES = 128;
/** Of the page on the ABI. */
const RULE_BYTES_MAX = 16_384;

type Region = readonly [from: number, to: number];

/** Returns the regions that a routing call may write: the outputs and their tables, the unroutable table, and the numbers of the outputs. */
function writable({ exports }: CoreInstance): readonly Region[] {
  const outputs = OUTPUTS.flatMap((index): readonly Region[] => [
    [exports.outputNameAddress(index) - STRUCT_NUMBERS_BYTES, exports.outputNameAddress(index)],
    [exports.outputAddress(index), exports.outputEndsAddress(index) + 4 * RECORDS],
  ]);
  return [[exports.unroutableAddress(), exports.unroutableAddress() + 16 * RECORDS], ...outputs];
}

/** Fills all arenas, and what lies beyond the last, so that no call can rely on what it finds there. */
function fillArenas(core: CoreInstance, byte: number): void {
  core.memory().fill(byte, core.exports.inputAddress());
}

/** Returns memory with what may be written blanked out. */
function guarded(core: CoreInstance): Uint8Array {
  const copy = core.memory().slice();
  for (const [from, to] of writable(core)) copy.fill(0, from, to);
  return copy;
}

function assertSameMemory(actual: Uint8Array, expected: Uint8Array): void {
  if (Buffer.compare(actual, expected) === 0) return;
  assert.fail(`the core wrote at ${actual.findIndex((byte, at) => byte !== expected[at])}`);
}

/** Routes in an instance whose free memory is filled with one byte; returns all that can be seen of it. */
function observe(batch: Uint8Array, flags: number, fill: number): object {
  const core = CoreInstance.ready(INPUT_BYTES, 0, RECORDS);
  core.configure("outputs=a,b\nprefix.a=0123456789abcdefg");
  fillArenas(core, fill);
  core.openBatches(INPUT_BYTES);
  core.writeInput(0, batch);
  const before = guarded(core);
  const status = core.nameOf(core.exports.routeRecordBatch(0, batch.length, 0n, flags));
  const batches = core.finishBatches();
  assertSameMemory(guarded(core), before);
  return { status, batches, unroutable: core.unroutable(), tombstones: core.exports.tombstoneCount() };
}

test("a hostile batch neither traps the core nor makes it write outside its outputs nor lets it see what lies outside the batch", () => {
  check(
    fc.property(hostileBatch, fc.boolean(), (batch, crcVerified) => {
      fc.pre(batch.length <= INPUT_BYTES);
      const flags = crcVerified ? CRC_VERIFIED : 0;
      assert.deepEqual(observe(batch, flags, 0xff), observe(batch, flags, 0));
    }),
    4,
  );
});

test("the core takes a hostile batch exactly when the model does, and a refused one leaves no trace", () => {
  const room = { inputBytes: 200_000, outputBytesMax: 300_000, records: 10_000 };
  check(
    fc.property(arbitraries.batch, hostileBatch, arbitraries.batch, fc.boolean(), (before, hostile, after, crcVerified) => {
      const both = new SideBySide(room);
      both.route(encodeBatch(before));
      both.route(hostile, 0n, crcVerified);
      both.route(encodeBatch(after));
      both.finish();
    }),
    10,
  );
});

test("random value tables neither trap the core nor make it write outside its outputs", () => {
  const length = fc.oneof(fc.nat(40), fc.constantFrom(0xffffffff, 0xfffffffe, INPUT_BYTES, 0x80000000));
  const pairs = fc.array(fc.tuple(fc.oneof(fc.nat(INPUT_BYTES + 2), fc.nat(0xffffffff)), length), {
    minLength: RECORDS,
    maxLength: RECORDS,
  });
  check(
    fc.property(pairs, fc.uint8Array({ minLength: INPUT_BYTES, maxLength: INPUT_BYTES }), (table, input) => {
      const core = CoreInstance.ready(INPUT_BYTES, 0, RECORDS);
      fillArenas(core, 0x35);
      core.writeInput(0, input);
      core.writeValueTable(table);
      const before = guarded(core);
      const status = core.nameOf(core.exports.routeValues(0, RECORDS));
      assertSameMemory(guarded(core), before);
      assert.match(status, /^(?:Ok|Full|OutOfRange)$/);
      const routed = core.exports.outputValueCount(0) + core.exports.outputValueCount(1) + core.exports.unroutableCount();
      assert.equal(routed, core.exports.takenCount());
    }),
  );
});

test("random rule text neither traps the core nor makes it write to the text or where the host writes and reads", () => {
  const line = fc.constantFrom(
    "rule=last-digit",
    "outputs=a,b",
    "outputs=even,odd",
    "prefix.a=\\x41\\n",
    "prefix.even=é",
    "unroutable=a",
    "rule=timestamp",
    "timestamp.format=uuuu-MM-dd'T'HH:mm:ss.SSSXXX",
    `timestamp.format=${"ss.".repeat(40)}`,
    "timestamp.format='",
    "table=0:even,1-9:odd",
    `table=${Array.from({ length: 70 }, (_, number) => `${number}:even`).join(",")}`,
    "outputs=a,b,c,d,e,f,g,h,i",
    "\\",
    "=",
    ",",
    "\n",
  );
  const rule = fc.array(fc.oneof(line, fc.string({ unit: "binary", maxLength: 100 })), { maxLength: 12 }).map((parts) => parts.join("\n"));
  check(
    fc.property(rule, (text) => {
      const core = CoreInstance.ready(INPUT_BYTES, 0, RECORDS);
      fillArenas(core, 0x35);
      const address = core.exports.ruleAddress();
      const textEnd = address + RULE_BYTES_MAX;
      // What lies between is the core's own.
      const rest = (): Uint8Array =>
        core
          .memory()
          .slice(address)
          .fill(0, textEnd - address, core.exports.inputAddress() - address);
      const bytes = bytesOf(text);
      core.memory().set(bytes, address);
      const before = rest();
      core.nameOf(core.exports.configure(bytes.length));
      assertSameMemory(rest(), before);
    }),
  );
});

test("the CRC of a long batch needs no memory but its own", () => {
  const core = CoreInstance.ready(20_000, 0, RECORDS);
  fillArenas(core, 0x35);
  core.writeInput(0, new Uint8Array(20_000).fill(0x77));
  const arenas = (): Uint8Array => core.memory().slice(core.exports.inputAddress());
  const rule = (): Uint8Array => core.memory().slice(core.exports.ruleAddress(), core.exports.ruleAddress() + 16_384);
  const before = [arenas(), rule()];
  for (const length of [896, 1333, 1334, 4096 + 437, 20_000]) {
    core.exports.crc32c(20_000 - length, length);
    assert.deepEqual([arenas(), rule()], before);
    assert.deepEqual(
      [0, 1].map((index) => core.exports.outputPrefixLength(index)),
      [16, 14],
    );
  }
});

test("all of this leaves the CRC tables as they were", () => {
  const core = CoreInstance.ready(256, 0, 1);
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  core.writeInput(0, bytes);
  for (let length = 0; length <= 256; length++) assert.equal(core.exports.crc32c(0, length) >>> 0, crc32c(bytes.subarray(0, length)));
});
