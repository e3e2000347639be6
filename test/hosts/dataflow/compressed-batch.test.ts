import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import type { Codec } from "../../../hosts/dataflow/codecs.ts";
import { compressBatch, inflateBatch } from "../../../hosts/dataflow/compressed-batch.ts";
import { batch } from "../../arbitraries.ts";
import { checkAsync } from "../../property.ts";
import { ATTRIBUTES_AT, CRC_AT, HEADER_BYTES, crc32c, encodeBatch, mendCrc } from "../../record-batch.ts";
import { plainBytes } from "./fetched.ts";

const CODECS: readonly (readonly [codec: Codec, number: number])[] = [
  ["gzip", 1],
  ["snappy", 2],
  ["lz4", 3],
  ["zstd", 4],
];
const MEBIBYTE = 1 << 20;
const LONG = plainBytes(0n, ["0123456789".repeat(1000), "0123456789".repeat(1000)]);

for (const [codec, number] of CODECS) {
  test(`a batch that is compressed with ${codec} and inflated again is what it was`, async () => {
    await checkAsync(
      fc.asyncProperty(batch, async (one) => {
        const plain = encodeBatch({ ...one, attributes: 0 });
        const compressed = await compressBatch(plain, codec, crc32c);
        if (compressed === plain) return;
        assert.ok(compressed.length < plain.length);
        const inflated = inflateBatch(compressed, MEBIBYTE);
        mendCrc(inflated);
        assert.deepEqual(Uint8Array.from(inflated), plain);
      }),
    );
  });

  test(`the header of a batch that is compressed with ${codec} says so, and its length and CRC are those of the compressed bytes`, async () => {
    const compressed = Buffer.from(await compressBatch(LONG, codec, crc32c));
    assert.ok(compressed.length < LONG.length / 4);
    assert.equal(compressed.readInt16BE(ATTRIBUTES_AT), number);
    assert.equal(compressed.readInt32BE(8), compressed.length - 12);
    assert.equal(compressed.readUInt32BE(CRC_AT), crc32c(compressed.subarray(ATTRIBUTES_AT)));
    // Of the header all else stays.
    assert.deepEqual(compressed.subarray(23, HEADER_BYTES), Buffer.from(LONG.subarray(23, HEADER_BYTES)));
  });

  test(`a batch that ${codec} makes no smaller stays as it is`, async () => {
    const plain = plainBytes(0n, [{ value: randomBytes(1000) }]);
    assert.equal(await compressBatch(plain, codec, crc32c), plain);
  });
}

// The library of snappy and LZ4 loses its view of its memory when that grows, and takes a new one only for input of some length.
test("a batch without records stays as it is, also behind one for which a codec took more memory", async () => {
  await compressBatch(plainBytes(0n, [{ value: Buffer.alloc(8 * MEBIBYTE) }]), "snappy", crc32c);
  const empty = plainBytes(0n, []);
  for (const [codec] of CODECS) assert.equal(await compressBatch(empty, codec, crc32c), empty);
});

test("a batch that is not to be compressed stays as it is", async () => {
  assert.equal(await compressBatch(LONG, "none", crc32c), LONG);
});
