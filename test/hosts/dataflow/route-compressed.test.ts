import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import { CorruptBatchError } from "../../../hosts/dataflow/route-fetched.ts";
import { mendCrc } from "../../record-batch.ts";
import compressed from "./compressed.json" with { type: "json" };
import { fetchedBatch, fetchedOf, plainBytes } from "./fetched.ts";
import { BYTES_MAX, damaged, refusal, route, routeAll, values } from "./routed.ts";

const CODEC_GZIP = 1;

for (const { name, recordCount, batch } of compressed) {
  test(`a compressed batch is inflated and routed, and split when it does not fit (${name}, ${recordCount} records)`, () => {
    const bytes = Buffer.from(batch, "base64");
    for (const bytesMax of [BYTES_MAX, 4096]) {
      const stretches = route(fetchedOf([fetchedBatch(bytes)]), bytesMax);
      const [even, odd] = [values(stretches, 0), values(stretches, 1)];
      assert.equal(even.length + odd.length, recordCount);
      assert.match(even[0] ?? "", /^Even timestamp: 05\/17\/19 17:56:00/u);
      assert.equal(stretches.at(-1)?.nextOffset, BigInt(recordCount));
    }
  });

  test(`a compressed batch with a bit turned over is corrupt (${name}, ${recordCount} records)`, () => {
    const bytes = Buffer.from(batch, "base64");
    for (const at of [17, 21, 60, 61, bytes.length - 1]) {
      const error = refusal(fetchedOf([fetchedBatch(damaged(bytes, at))]));
      assert.ok(error instanceof AppError, `byte ${at}`);
      assert.equal(error.code, "BATCH_CORRUPT", `byte ${at}`);
    }
  });
}

test("compressed records that can't be inflated are corrupt though the CRC is right", () => {
  const bytes = plainBytes(10n, ["2"], { attributes: CODEC_GZIP });
  assert.ok(refusal(fetchedOf([fetchedBatch(bytes)])) instanceof CorruptBatchError);
});

test("a codec that nobody knows, or too many bytes, end the app rather than come again", () => {
  const unknown = plainBytes(10n, ["2"], { attributes: 5 });
  const snappy = Buffer.from(plainBytes(10n, ["2"], { attributes: 2 }));
  // Snappy records that claim to be 256 MiB long.
  snappy.set([0x80, 0x80, 0x80, 0x80, 0x01], 61);
  mendCrc(snappy);
  for (const [bytes, message] of [
    [unknown, /^can't read the RecordBatch at in-0 offset 10 \(unknown codec 5\): /u],
    [snappy, /^can't read the RecordBatch at in-0 offset 10 \(snappy\): .*more than 134217728 bytes$/u],
  ] as const) {
    const error = refusal(fetchedOf([fetchedBatch(bytes)]));
    assert.ok(error instanceof AppError && !(error instanceof CorruptBatchError));
    assert.deepEqual([error.code, error.retriable], ["CODEC_UNSUPPORTED", false]);
    assert.match(error.message, message);
  }
});

test("several compressed batches in one fetch keep what earlier ones wrote", () => {
  const [gzip] = compressed.map(({ batch }) => Buffer.from(batch, "base64"));
  assert.ok(gzip !== undefined);
  const later = (offset: bigint): Buffer => {
    const copy = Buffer.from(gzip);
    copy.writeBigInt64BE(offset);
    return copy;
  };
  const batches = [fetchedBatch(gzip), fetchedBatch(plainBytes(3n, ["8"])), fetchedBatch(later(4n)), fetchedBatch(later(7n))];
  const stretch = routeAll(fetchedOf(batches));
  assert.equal(stretch.nextOffset, 10n);
  const each = ["00", "02"].map((seconds) => `Even timestamp: 05/17/19 17:56:${seconds}`);
  assert.deepEqual(values([stretch], 0), [...each, "Even timestamp: 8", ...each, ...each]);
});
