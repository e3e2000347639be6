/** Which batches a read_committed consumer sees. The lists of aborted transactions are in the broker's order: by their end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { batchMessages, type AbortedTransaction } from "../../../hosts/dataflow/kafka/fetch-codec.ts";
import { batchOf } from "../../batches.ts";
import { joined } from "../../bytes.ts";
import { CONTROL, TRANSACTIONAL, encodeBatch, encodeBatchOf, PLAIN_HEADER } from "../../record-batch.ts";
import { markerBatch } from "./fetch-response.ts";

const A = 1000n;
const B = 2000n;

/** A partition's log in the making. */
function log(): {
  plain(): number;
  records(producerId: bigint, count?: number): number;
  marker(type: "abort" | "commit", producerId: bigint): number;
  add(batch: (baseOffset: bigint) => Uint8Array, count?: number): number;
  /** The indexes of the batches that are visible, from the batch `from` on. */
  visible(aborted: readonly AbortedTransaction[], from?: number): readonly number[];
} {
  const batches: Uint8Array[] = [];
  let nextOffset = 0;
  const add = (batch: (baseOffset: bigint) => Uint8Array, count = 1): number => {
    batches.push(batch(BigInt(nextOffset)));
    nextOffset += count;
    return nextOffset - count;
  };
  return {
    add,
    plain: () => add((baseOffset) => encodeBatch(batchOf(["1"], { baseOffset }))),
    records: (producerId, count = 1) =>
      add(
        (baseOffset) => encodeBatch(batchOf(Array<string>(count).fill("1"), { baseOffset, producerId, attributes: TRANSACTIONAL })),
        count,
      ),
    marker: (type, producerId) => add((baseOffset) => markerBatch(type, producerId, baseOffset)),
    visible: (aborted, from = 0) =>
      batchMessages(Buffer.from(joined(batches.slice(from))), aborted).flatMap(({ visible }, index) => (visible ? [index + from] : [])),
  };
}

test("batches without a transaction are visible, whatever is aborted", () => {
  const partition = log();
  partition.plain();
  // An idempotent producer has an id, too, and its batches are in no transaction.
  partition.add((baseOffset) => encodeBatch(batchOf(["1"], { baseOffset, producerId: A })));
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: 0n }]), [0, 1]);
});

test("control batches are never visible", () => {
  const partition = log();
  partition.marker("commit", A);
  partition.marker("abort", A);
  assert.deepEqual(partition.visible([]), []);
});

test("transactions that end between each other are told apart", () => {
  const partition = log();
  const a = partition.records(A);
  partition.records(B);
  partition.records(A);
  partition.marker("abort", A);
  partition.records(B);
  partition.marker("commit", B);
  partition.records(A);
  partition.marker("commit", A);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: BigInt(a) }]), [1, 4, 6]);
});

test("the list of aborted transactions need not be in the order of their beginnings", () => {
  const partition = log();
  const a = partition.records(A);
  const b = partition.records(B);
  partition.marker("abort", B);
  partition.records(B);
  partition.records(A);
  partition.marker("abort", A);
  partition.records(A);
  const aborted = [
    { producerId: B, firstOffset: BigInt(b) },
    { producerId: A, firstOffset: BigInt(a) },
  ];
  assert.deepEqual(partition.visible(aborted), [3, 6]);
  assert.deepEqual(partition.visible(aborted.toReversed()), [3, 6]);
});

test("one producer may be listed several times", () => {
  const partition = log();
  const once = partition.records(A);
  partition.marker("abort", A);
  partition.records(A);
  partition.marker("commit", A);
  const twice = partition.records(A);
  partition.records(A);
  partition.marker("abort", A);
  partition.records(A);
  const aborted = [
    { producerId: A, firstOffset: BigInt(twice) },
    { producerId: A, firstOffset: BigInt(once) },
  ];
  assert.deepEqual(partition.visible(aborted), [2, 7]);
});

test("a transaction goes on over two responses: the list names it again, and its marker ends it in the later one", () => {
  const partition = log();
  const a = partition.records(A);
  partition.records(A);
  partition.records(A);
  partition.marker("abort", A);
  partition.records(A);
  const aborted = [{ producerId: A, firstOffset: BigInt(a) }];
  assert.deepEqual(partition.visible(aborted), [4]);
  assert.deepEqual(partition.visible(aborted, 2), [4]);
});

test("a transaction that begins within a batch's offsets takes that batch", () => {
  // Compaction may have removed the first records of the transaction, and its first offset with them.
  const partition = log();
  partition.records(A, 5);
  partition.marker("abort", A);
  for (const firstOffset of [0n, 2n, 4n]) assert.deepEqual(partition.visible([{ producerId: A, firstOffset }]), []);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: 5n }]), [0]);
});

test("a COMMIT marker ends no aborted transaction", () => {
  const partition = log();
  const a = partition.records(A);
  partition.marker("commit", A);
  partition.records(A);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: BigInt(a) }]), []);
});

test("a marker of one producer does not end the transaction of another", () => {
  const partition = log();
  const a = partition.records(A);
  partition.marker("abort", B);
  partition.records(A);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: BigInt(a) }]), []);
});

test("a control batch that compaction has left empty ends nothing", () => {
  const partition = log();
  const a = partition.records(A);
  partition.add((baseOffset) =>
    encodeBatchOf({ ...PLAIN_HEADER, baseOffset, producerId: A, attributes: CONTROL | TRANSACTIONAL }, 0, new Uint8Array()),
  );
  partition.records(A);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: BigInt(a) }]), []);
});

test("a user's key that looks like an ABORT marker's ends nothing", () => {
  const partition = log();
  const a = partition.records(A);
  partition.add((baseOffset) =>
    encodeBatch(batchOf([{ key: Uint8Array.of(0, 0, 0, 0), value: "1" }], { baseOffset, producerId: A, attributes: TRANSACTIONAL })),
  );
  partition.records(A);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: BigInt(a) }]), []);
});

test("a marker is read behind varints of any length", () => {
  // Far from the batch's base in time, so that the timestamp delta takes more than one byte.
  const partition = log();
  const a = partition.records(A);
  partition.add((baseOffset) => {
    const key = Uint8Array.of(0, 0, 0, 0);
    const marker = { key, value: new Uint8Array(200), timestampDelta: 1_000_000_000_000n };
    return encodeBatch(batchOf([marker], { baseOffset, producerId: A, attributes: CONTROL | TRANSACTIONAL }));
  });
  partition.records(A);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: BigInt(a) }]), [2]);
});

test("a marker whose key is cut off ends nothing", () => {
  const partition = log();
  const a = partition.records(A);
  partition.add((baseOffset) =>
    encodeBatchOf(
      { ...PLAIN_HEADER, baseOffset, producerId: A, attributes: CONTROL | TRANSACTIONAL },
      1,
      Uint8Array.of(0x10, 0, 0, 0, 8, 0),
    ),
  );
  partition.records(A);
  assert.deepEqual(partition.visible([{ producerId: A, firstOffset: BigInt(a) }]), []);
});
