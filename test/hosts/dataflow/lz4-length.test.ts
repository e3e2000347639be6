import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { CodecError, compress, inflate } from "../../../hosts/dataflow/codecs.ts";
import { lz4Length } from "../../../hosts/dataflow/lz4-length.ts";
import { HEADER_BYTES } from "../../record-batch.ts";
import { checkAsync } from "../../property.ts";
import compressed from "./compressed.json" with { type: "json" };

const LZ4 = 3;
const NO_LIMIT = 2 ** 40;

async function packed(bytes: Uint8Array): Promise<Buffer> {
  return Buffer.from(await compress("lz4", bytes));
}

/** A frame with the header and the blocks of another, the blocks as often as one likes; it has no checksum of its content. */
async function bomb(times: number): Promise<Buffer> {
  const frame = await packed(Buffer.alloc(1 << 20));
  const blocks = frame.subarray(7, -4);
  return Buffer.concat([frame.subarray(0, 7), ...Array.from({ length: times }, () => blocks), Buffer.alloc(4)]);
}

test("the length is that of what was compressed", async () => {
  const part = fc.oneof(
    fc.uint8Array({ maxLength: 300 }),
    fc.tuple(fc.nat(255), fc.nat(100_000)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
  );
  await checkAsync(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
      const bytes = Buffer.concat([...parts, Buffer.of(1)]);
      assert.equal(lz4Length(await packed(bytes), NO_LIMIT), bytes.length);
    }),
  );
});

test("the length of what Kafka's producer compressed is right, with whatever its frames have in them", () => {
  for (const { batch } of compressed.filter(({ name }) => name.includes("lz4"))) {
    const records = Buffer.from(batch, "base64").subarray(HEADER_BYTES);
    assert.equal(lz4Length(records, NO_LIMIT), inflate(LZ4, records, NO_LIMIT).length);
  }
});

test("what would inflate to gigabytes is refused before the library sees it, and leaves it its memory", async () => {
  const before = process.memoryUsage.rss();
  const frames = await bomb(4096);
  assert.ok(lz4Length(frames, NO_LIMIT) >= 2 ** 32);
  assert.throws(() => inflate(LZ4, frames, 1 << 27), CodecError);
  assert.ok(process.memoryUsage.rss() - before < 2 ** 29);
});

test("what is cut off has the length of what is left", async () => {
  const frame = await packed(Buffer.from("a".repeat(1000)));
  for (let end = 7; end < frame.length; end++) assert.ok(lz4Length(frame.subarray(0, end), NO_LIMIT) <= 1000);
});

test("what is no frame is refused, and so is the older format, of which nobody would know the length", async () => {
  const frame = await packed(Buffer.alloc(60_000));
  const legacy = Buffer.concat([Buffer.from("02214c18", "hex"), frame.subarray(7, -4)]);
  for (const bytes of [legacy, Buffer.alloc(0), frame.subarray(0, 6), Buffer.alloc(40, 0xff)]) {
    assert.throws(() => inflate(LZ4, bytes, NO_LIMIT), /^Error: the records are no LZ4 frame$/u);
  }
});
