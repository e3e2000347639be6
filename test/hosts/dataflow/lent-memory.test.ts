import assert from "node:assert/strict";
import { test } from "node:test";
import { LentMemory } from "../../../hosts/dataflow/kafka/lent-memory.ts";

const batch = (length: number, byte = 7): Uint8Array => new Uint8Array(length).fill(byte);

test("a copy has the batch's bytes, in memory of its own", () => {
  for (const length of [0, 61, 16_383, 16_384, 16_385, 900_000]) {
    const memory = new LentMemory();
    const original = batch(length);
    const copy = memory.copy(original);
    original.fill(1);
    assert.deepEqual(copy, Buffer.from(batch(length)));
  }
});

test("the memory of a copy that is released is that of the next one of about its size", () => {
  const memory = new LentMemory();
  const first = memory.copy(batch(100_000));
  const other = memory.copy(batch(100_000));
  assert.notEqual(other.buffer, first.buffer);
  memory.release(first);
  const small = memory.copy(batch(50_000));
  assert.notEqual(small.buffer, first.buffer);
  const next = memory.copy(batch(131_072, 9));
  assert.equal(next.buffer, first.buffer);
  assert.deepEqual(next, Buffer.from(batch(131_072, 9)));
  assert.deepEqual(other, Buffer.from(batch(100_000)));
});

test("memory is lent to one at a time, also when a copy is released twice", () => {
  const memory = new LentMemory();
  const first = memory.copy(batch(100_000));
  memory.release(first);
  memory.release(first);
  const [second, third] = [memory.copy(batch(100_000)), memory.copy(batch(100_000))];
  assert.notEqual(second.buffer, third.buffer);
});

test("parts of a copy, and memory of others, are not taken back", () => {
  const memory = new LentMemory();
  const copy = memory.copy(batch(100_000));
  for (const part of [copy.subarray(0, 99_999), copy.subarray(1), batch(100_000), new Uint8Array(new SharedArrayBuffer(100_000))]) {
    memory.release(part);
  }
  assert.notEqual(memory.copy(batch(100_000)).buffer, copy.buffer);
});

test("one memory is enough for any number of batches, one after the other", () => {
  const memory = new LentMemory();
  const { buffer } = memory.copy(batch(1 << 20));
  let last = buffer;
  for (let count = 0; count < 100; count++) {
    memory.release(Buffer.from(last, 0, 1 << 20));
    last = memory.copy(batch(1 << 20)).buffer;
    assert.equal(last, buffer);
  }
});

test("no more than 32 MiB are kept, and what came back last stays", () => {
  const memory = new LentMemory();
  const copies = Array.from({ length: 33 }, () => memory.copy(batch(1 << 20)));
  for (const copy of copies) memory.release(copy);
  const again = new Set(Array.from({ length: 33 }, () => memory.copy(batch(1 << 20)).buffer));
  assert.deepEqual(
    copies.map(({ buffer }) => again.has(buffer)),
    copies.map((_, index) => index > 0),
  );
});

test("memory of a size that is wanted no more gives way to that of a size that is", () => {
  const memory = new LentMemory();
  const large = memory.copy(batch(32 << 20));
  memory.release(large);
  const small = memory.copy(batch(100_000));
  memory.release(small);
  assert.equal(memory.copy(batch(100_000)).buffer, small.buffer);
  assert.notEqual(memory.copy(batch(32 << 20)).buffer, large.buffer);
});

test("memory of more than 32 MiB is as long as was asked for, and is not kept", () => {
  const memory = new LentMemory();
  const lent = memory.lend((32 << 20) + 1);
  assert.equal(lent.buffer.byteLength, (32 << 20) + 1);
  memory.release(lent);
  assert.notEqual(memory.lend((32 << 20) + 1).buffer, lent.buffer);
});
