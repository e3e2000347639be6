import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { CodecError, codecName, inflate } from "../../../hosts/dataflow/codecs.ts";
import { HEADER_BYTES } from "../../record-batch.ts";
import compressed from "./compressed.json" with { type: "json" };

const MEBIBYTE = 1 << 20;
const SNAPPY = 2;
const XERIAL_HEADER = Buffer.from("82534e41505059000000000100000001", "hex");

function recordsOf(batch: string): Buffer {
  return Buffer.from(batch, "base64").subarray(HEADER_BYTES);
}

function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}

/** An i32 length and the block. */
function framed(block: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeInt32BE(block.length);
  return Buffer.concat([length, block]);
}

for (const { codec, name, recordCount, batch, plainBytes, plainSha256 } of compressed) {
  const what = `${name}, ${recordCount} records`;

  test(`what Kafka's own client has compressed is inflated to what it was (${what})`, () => {
    const inflated = inflate(codec, recordsOf(batch), MEBIBYTE);
    assert.equal(inflated.length, plainBytes);
    assert.equal(sha256(inflated), plainSha256);
  });

  test(`records that take just as many bytes as allowed are inflated, and those with one more are refused (${what})`, () => {
    assert.equal(inflate(codec, recordsOf(batch), plainBytes).length, plainBytes);
    assert.throws(() => inflate(codec, recordsOf(batch), plainBytes - 1), {
      name: "CodecError",
      message: `the RecordBatch inflates to more than ${plainBytes - 1} bytes`,
    });
  });

  test(`records that are cut off are an error or too few, and the next ones are inflated all the same (${what})`, () => {
    const records = recordsOf(batch);
    for (const length of [0, 1, 3, records.length >> 1, records.length - 9]) {
      const inflated = inflatedOrNull(codec, records.subarray(0, length));
      assert.ok(inflated === null || inflated.length < plainBytes, `${length} of ${records.length} bytes`);
    }
    assert.equal(sha256(inflate(codec, records, MEBIBYTE)), plainSha256);
  });

  test(`bytes of no codec are an error (${what})`, () => {
    assert.throws(() => inflate(codec, Buffer.alloc(64, 0xff), MEBIBYTE), notCodecError);
  });
}

/** The inflated records, or null for bad data. An LZ4 frame that ends between two blocks is taken for whole; the record count tells. */
function inflatedOrNull(codec: number, records: Uint8Array): Uint8Array | null {
  try {
    return inflate(codec, records, MEBIBYTE);
  } catch (error) {
    if (notCodecError(error)) return null;
    throw error;
  }
}

/** Bad data may be the network's doing and is fetched again; a `CodecError` ends the app. */
function notCodecError(error: unknown): boolean {
  return error instanceof Error && !(error instanceof CodecError);
}

test("a snappy block that claims to be longer than allowed is refused before anything is inflated", () => {
  // One byte too many; 15 behind the two of the block before; 4 GiB less one, which nobody could allocate.
  const claims17 = Buffer.from("11", "hex");
  assert.throws(() => inflate(SNAPPY, claims17, 16), { name: "CodecError" });
  const twoBlocks = Buffer.concat([XERIAL_HEADER, framed(Buffer.from("02043031", "hex")), framed(Buffer.from("0f", "hex"))]);
  assert.throws(() => inflate(SNAPPY, twoBlocks, 16), { name: "CodecError" });
  const claims4Gib = Buffer.from("ffffffff0f", "hex");
  assert.throws(() => inflate(SNAPPY, claims4Gib, MEBIBYTE), { name: "CodecError" });
});

test("snappy without blocks around it is inflated, too", () => {
  // A length of 2, a literal of 2 bytes.
  assert.deepEqual([...inflate(SNAPPY, Buffer.from("02043031", "hex"), 16)], [0x30, 0x31]);
});

test("several snappy blocks are joined in their order", () => {
  const blocks = Buffer.concat([XERIAL_HEADER, framed(Buffer.from("02043031", "hex")), framed(Buffer.from("01003a", "hex"))]);
  assert.deepEqual([...inflate(SNAPPY, blocks, 3)], [0x30, 0x31, 0x3a]);
});

test("a snappy block that crosses the end of the records is an error", () => {
  const block = framed(Buffer.from("02043031", "hex"));
  for (const length of [-1, 5, 0x7fffffff]) {
    block.writeInt32BE(length);
    assert.throws(() => inflate(SNAPPY, Buffer.concat([XERIAL_HEADER, block]), 16), notCodecError, String(length));
  }
});

test("a snappy block whose length never ends is an error", () => {
  assert.throws(() => inflate(SNAPPY, Buffer.alloc(16, 0x80), 16), notCodecError);
  assert.throws(() => inflate(SNAPPY, Buffer.alloc(0), 16), notCodecError);
});

test("a codec that Kafka does not know is refused by its number", () => {
  for (const codec of [5, 6, 7]) {
    assert.throws(() => inflate(codec, Buffer.alloc(8), MEBIBYTE), {
      name: "CodecError",
      message: `unknown compression codec ${codec}; known are none, gzip, snappy, lz4, zstd`,
    });
    assert.equal(codecName(codec), `unknown codec ${codec}`);
  }
  assert.deepEqual([0, 1, 2, 3, 4].map(codecName), ["none", "gzip", "snappy", "lz4", "zstd"]);
});
