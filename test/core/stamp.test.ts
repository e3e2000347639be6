import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import type { ProducerStamp } from "../../hosts/routed.ts";
import { Router } from "../../hosts/embed.ts";
import { RouterError } from "../../hosts/router-error.ts";
import * as arbitraries from "../arbitraries.ts";
import { batchOf } from "../batches.ts";
import { bytesOf } from "../bytes.ts";
import { CoreInstance } from "../core-instance.ts";
import { coreModule } from "../core-module.ts";
import { crc32cOfKafkajs, decodeWithKafkajs } from "../kafkajs-codec.ts";
import { check } from "../property.ts";
import { HEADER_BYTES, TRANSACTIONAL, crc32c, decodeBatch, encodeBatch } from "../record-batch.ts";

const stamp: fc.Arbitrary<ProducerStamp> = fc.record(
  {
    producerId: fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n }),
    producerEpoch: fc.integer({ min: -32768, max: 32767 }),
    baseSequence: fc.integer(),
    transactional: fc.boolean(),
  },
  { noNullPrototype: true },
);

test("a stamped batch is the batch that an encoder would have made for that producer, CRC included", () => {
  check(
    fc.property(arbitraries.batch, fc.array(stamp, { minLength: 1, maxLength: 3 }), (batch, stamps) => {
      const router = new Router(coreModule());
      const bytes = encodeBatch(batch);
      for (const { transactional, ...producer } of stamps) {
        router.stampProducer(bytes, { transactional, ...producer });
        const attributes = (batch.attributes & ~TRANSACTIONAL) | (transactional ? TRANSACTIONAL : 0);
        assert.deepEqual(bytes, encodeBatch({ ...batch, attributes, ...producer }));
      }
    }),
  );
});

test("kafkajs reads the producer that was stamped into a routed batch", async () => {
  const router = new Router(coreModule());
  router.openBatches(1000);
  router.routeRecordBatch(encodeBatch(batchOf(["2", "4"])), 0n, false);
  const bytes = router.finishBatches()[0]?.bytes.slice() ?? bytesOf("");
  router.stampProducer(bytes, { producerId: 4_294_967_301n, producerEpoch: 7, baseSequence: 2147483647, transactional: true });
  const { producerId, producerEpoch, firstSequence, inTransaction, records } = await decodeWithKafkajs(bytes);
  assert.deepEqual(
    { producerId, producerEpoch, firstSequence, inTransaction, records: records.length },
    { producerId: "4294967301", producerEpoch: 7, firstSequence: 2147483647, inTransaction: true, records: 2 },
  );
  decodeBatch(bytes);
});

test("a batch that never was in the core is stamped by its header alone, however long its records are", () => {
  for (const length of [0, 1, 2, 255, 256, 65_535, 1_000_000]) {
    const batch = batchOf([{ value: new Uint8Array(length).fill(0x32) }]);
    const bytes = encodeBatch(batch);
    const producer = { producerId: 1n, producerEpoch: 2, baseSequence: 3 };
    new Router(coreModule()).stampProducer(bytes, { ...producer, transactional: false });
    assert.ok(Buffer.compare(bytes, encodeBatch({ ...batch, ...producer })) === 0, String(length));
  }
});

test("bytes that are too short for a header, or say so, are not stamped", () => {
  const router = new Router(coreModule());
  const producer = { producerId: 1n, producerEpoch: 2, baseSequence: 3, transactional: false };
  const short = encodeBatch(batchOf([])).slice(0, HEADER_BYTES - 1);
  const lying = encodeBatch(batchOf([]));
  new DataView(lying.buffer).setInt32(8, HEADER_BYTES - 12 - 1);
  for (const [bytes, code] of [
    [short, "ROUTER_BATCH_TRUNCATED"],
    [lying, "ROUTER_BATCH_LENGTH"],
  ] as const) {
    const before = bytes.slice();
    assert.throws(
      () => router.stampProducer(bytes, producer),
      (error) => error instanceof RouterError && error.code === code,
    );
    assert.deepEqual(bytes, before);
  }
});

test("a header beyond the input is out of range", () => {
  const core = CoreInstance.ready(HEADER_BYTES, 0, 1);
  for (const offset of [1, HEADER_BYTES, 0xffffffff, 0xffffffff - 60]) {
    assert.equal(core.nameOf(core.exports.stampProducer(offset, 1n, 2, 3, 0)), "OutOfRange", String(offset));
  }
});

test("the CRC-32C is that of RFC 3720, appendix B.4", () => {
  const router = new Router(coreModule());
  const ascending = Uint8Array.from({ length: 32 }, (_, index) => index);
  const vectors: readonly (readonly [Uint8Array, number])[] = [
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [ascending, 0x46dd794e],
    [ascending.toReversed(), 0x113fdb5c],
    [
      Uint8Array.from(
        Buffer.from("01c000000000000000000000000000001400000000000400000000140000001828000000000000000200000000000000", "hex"),
      ),
      0xd9963a56,
    ],
    [bytesOf("123456789"), 0xe3069283],
    [bytesOf(""), 0],
  ];
  for (const [bytes, crc] of vectors) assert.equal(router.crc32c(bytes), crc);
});

test("the CRC-32C of any bytes is that of the model and of kafkajs", () => {
  const router = new Router(coreModule());
  check(
    fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
      assert.equal(router.crc32c(bytes), crc32c(bytes));
      assert.equal(router.crc32c(bytes), crc32cOfKafkajs(bytes));
    }),
  );
});

test("the CRC-32C is right at every length at which it is computed in another way", () => {
  // Word by word from 896 bytes on, in blocks of 4,096 and a rest.
  const router = new Router(coreModule());
  const bytes = Uint8Array.from({ length: 14_000 }, (_, index) => (index * 131 + (index >> 8) * 29) & 0xff);
  for (const length of [896, 896 + 448, 4096 + 437, 8192 + 437, 13_900].flatMap(lengthsAround)) {
    assert.equal(router.crc32c(bytes.subarray(3, length)), crc32c(bytes.subarray(3, length)), String(length));
  }
});

/** Returns the lengths from 40 below to 40 above. */
function lengthsAround(length: number): readonly number[] {
  return Array.from({ length: 81 }, (_, index) => length - 40 + index);
}

test("the CRC-32C of any bytes, however many, is the model's", () => {
  const router = new Router(coreModule());
  check(
    fc.property(fc.integer({ min: 800, max: 10_000 }), fc.integer({ min: 1 }), (length, seed) => {
      // Bytes made from a number, so that a failure is shrunk in two steps and not in thousands.
      let state = seed;
      const bytes = Uint8Array.from({ length }, () => (state = Math.imul(state, 1_664_525) + 1_013_904_223) >>> 24);
      assert.equal(router.crc32c(bytes), crc32c(bytes));
    }),
    0.1,
  );
});

test("the CRC-32C is the same wherever in the input the bytes are, and zero beyond it", () => {
  const core = CoreInstance.ready(300, 0, 1);
  const bytes = Uint8Array.from({ length: 100 }, (_, index) => (index * 7) & 0xff);
  for (const offset of [0, 1, 3, 8, 15, 16, 200]) {
    core.writeInput(offset, bytes);
    assert.equal(core.exports.crc32c(offset, 100) >>> 0, crc32c(bytes));
  }
  assert.equal(core.exports.crc32c(201, 100), 0);
  assert.equal(core.exports.crc32c(0xffffffff, 2), 0);
});
