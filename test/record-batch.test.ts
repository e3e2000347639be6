import assert from "node:assert/strict";
import test from "node:test";
import fc from "fast-check";
import { batch } from "./arbitraries.ts";
import { bytesOf, hexBytes } from "./bytes.ts";
import { crc32cOfKafkajs, decodeWithKafkajs, encodeWithKafkajs, headersOf } from "./kafkajs-codec.ts";
import { checkAsync } from "./property.ts";
import type { RecordBatch } from "./record-batch.ts";
import { CONTROL, LOG_APPEND_TIME, crc32c, decodeBatch, encodeBatch, varint } from "./record-batch.ts";

/** What kafkajs can encode: header values that are not null, headers of one key together, no broker's attributes. */
function isForKafkajs({ attributes, records }: RecordBatch): boolean {
  if ((attributes & (CONTROL | LOG_APPEND_TIME)) !== 0) return false;
  return records.every(({ headers }) => {
    const names = headers.map(({ key }) => Buffer.from(key).toString());
    // An object puts names that look like indexes first.
    return (
      new Set(names).size === names.length && headers.every((header) => header.value !== null) && names.every((name) => !/^\d/.test(name))
    );
  });
}

test("the model encodes batches byte for byte as kafkajs does", async () => {
  await checkAsync(
    fc.asyncProperty(batch.filter(isForKafkajs), async (one) => {
      assert.deepEqual(encodeBatch(one), await encodeWithKafkajs(one));
    }),
  );
});

test("kafkajs reads from the model's batches what went in", async () => {
  await checkAsync(
    fc.asyncProperty(
      batch.filter(({ attributes }) => (attributes & CONTROL) === 0),
      async (one) => {
        const read = await decodeWithKafkajs(encodeBatch(one));
        const isLogAppendTime = (one.attributes & LOG_APPEND_TIME) !== 0;
        const expected = one.records.map(({ offsetDelta, timestampDelta, key, value, headers }) => ({
          offset: String(one.baseOffset + BigInt(offsetDelta)),
          timestamp: String(isLogAppendTime ? one.maxTimestamp : BigInt.asIntN(64, one.baseTimestamp + timestampDelta)),
          key: key === null ? null : Buffer.from(key),
          value: value === null ? null : Buffer.from(value),
          headers: headersOf(headers),
        }));
        assert.deepEqual(
          read.records.map(({ offset, timestamp, key, value, headers }) => ({
            offset,
            // Beyond 64 bits kafkajs goes on where Java begins anew.
            timestamp: String(BigInt.asIntN(64, BigInt(timestamp))),
            key,
            value,
            headers,
          })),
          expected,
        );
      },
    ),
  );
});

test("the model decodes what it encodes", async () => {
  await checkAsync(
    fc.asyncProperty(
      batch.filter(({ attributes }) => (attributes & CONTROL) === 0),
      async (one) => {
        assert.deepEqual(decodeBatch(encodeBatch(one)), one);
      },
    ),
  );
});

test("the model's CRC-32C is that of RFC 3720 and of kafkajs", () => {
  assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
  assert.equal(crc32c(new Uint8Array(32).fill(0xff)), 0x62a8ab43);
  assert.equal(crc32c(bytesOf("123456789")), 0xe3069283);
  assert.equal(crc32c(bytesOf("timestamp")), crc32cOfKafkajs(bytesOf("timestamp")));
});

test("the model writes varints as the Protocol Buffers documentation has them", () => {
  const cases: readonly (readonly [bigint, string])[] = [
    [0n, "00"],
    [-1n, "01"],
    [1n, "02"],
    [63n, "7e"],
    [64n, "80 01"],
    [-65n, "81 01"],
    [2147483647n, "fe ff ff ff 0f"],
    [-2147483648n, "ff ff ff ff 0f"],
    [-(1n << 63n), "ff ff ff ff ff ff ff ff ff 01"],
  ];
  for (const [number, hex] of cases) assert.deepEqual(varint(number), hexBytes(hex));
});
