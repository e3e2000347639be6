/** Generators of batches that no sane producer sends: lying lengths and counts, varints that are too long, broken bytes. */
import fc from "fast-check";
import { batch } from "./arbitraries.ts";
import { bytesOf, joined } from "./bytes.ts";
import { HEADER_BYTES, PLAIN_HEADER, encodeBatch, encodeBatchOf, mendCrc, varint } from "./record-batch.ts";

/** A number's varint as it should be, or longer than needed, up to longer than allowed. */
function padded(number: fc.Arbitrary<bigint>): fc.Arbitrary<Uint8Array> {
  const length = fc.oneof({ weight: 30, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 12 }) });
  return fc.tuple(number, length).map(([value, bytesMin]) => varint(value, bytesMin));
}

/** A number that is right nearly always, and else near it, negative, or far off. */
function nearly(right: bigint): fc.Arbitrary<bigint> {
  const wrong = fc.oneof(
    fc.constantFrom(right - 1n, right + 1n, -1n, -2n, 0n, 1n, -right - 1n),
    fc.constantFrom(1n << 31n, (1n << 31n) - 1n, -(1n << 31n), 1n << 34n, 1n << 55n, (1n << 63n) - 1n),
    fc.bigInt({ min: -300n, max: 300n }),
  );
  return fc.oneof({ weight: 40, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: wrong });
}

/** Bytes with a length in front that may lie; null at times. */
const sized = fc
  .option(fc.oneof(fc.constantFrom("4", "7", "x", "").map(bytesOf), fc.uint8Array({ maxLength: 80 })), { freq: 5 })
  .chain((bytes) => padded(nearly(bytes === null ? -1n : BigInt(bytes.length))).map((length) => joined([length, bytes ?? bytesOf("")])));

const headers = fc
  .array(fc.tuple(sized, sized), { maxLength: 3 })
  .chain((list) => padded(nearly(BigInt(list.length))).map((count) => joined([count, ...list.flat()])));

function record(offsetDelta: number): fc.Arbitrary<Uint8Array> {
  const timestampDelta = padded(fc.oneof(fc.bigInt({ min: 0n, max: 70n }), fc.bigInt({ min: -(1n << 63n), max: (1n << 63n) - 1n })));
  return fc
    .tuple(timestampDelta, padded(nearly(BigInt(offsetDelta))), sized, sized, headers, fc.constantFrom(0, 0, 0, 0, 0, 0, 0, 0, 1))
    .chain(([time, offset, key, value, tail, extra]) => {
      const body = joined([Uint8Array.of(0), time, offset, key, value, tail, new Uint8Array(extra)]);
      return padded(nearly(BigInt(body.length))).map((length) => joined([length, body]));
    });
}

/** Batches built field by field, where now and then a field lies; the CRC is right. */
const lyingBatch = fc
  .integer({ min: 0, max: 5 })
  .chain((count) =>
    fc.tuple(
      fc.tuple(...Array.from({ length: count }, (_, index) => record(index))),
      nearly(BigInt(count)),
      nearly(BigInt(count - 1)),
      fc.bigInt({ min: -1000n, max: 1_700_000_000_000n }),
      fc.constantFrom(0n, 0n, 7n, (1n << 63n) - 3n),
    ),
  )
  .map(([records, count, last, time, baseOffset]) => {
    const header = { ...PLAIN_HEADER, baseOffset, lastOffsetDelta: int32(last), baseTimestamp: time, maxTimestamp: time };
    return encodeBatchOf(header, int32(count), joined(records));
  });

function int32(number: bigint): number {
  return Number(BigInt.asIntN(32, number));
}

type Damage = (bytes: Uint8Array) => Uint8Array;

const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.tuple(fc.nat(), fc.nat(255)).map(
    ([at, byte]): Damage =>
      (bytes) =>
        bytes.with(at % bytes.length, byte),
  ),
  fc.tuple(fc.nat(), fc.nat(7)).map(
    ([at, bit]): Damage =>
      (bytes) =>
        bytes.with(at % bytes.length, (bytes[at % bytes.length] ?? 0) ^ (1 << bit)),
  ),
  // The records again, where most of a batch's meaning is.
  fc.tuple(fc.nat(40), fc.constantFrom(0, 1, 2, 0x7f, 0x80, 0xff)).map(
    ([at, byte]): Damage =>
      (bytes) =>
        HEADER_BYTES + at < bytes.length ? bytes.with(HEADER_BYTES + at, byte) : bytes,
  ),
  fc.tuple(fc.nat(), fc.uint8Array({ maxLength: 12 })).map(
    ([at, more]): Damage =>
      (bytes) =>
        joined([bytes.subarray(0, at % bytes.length), more, bytes.subarray(at % bytes.length)]),
  ),
  fc.tuple(fc.nat(), fc.integer({ min: 1, max: 12 })).map(
    ([at, less]): Damage =>
      (bytes) =>
        joined([bytes.subarray(0, at % bytes.length), bytes.subarray((at % bytes.length) + less)]),
  ),
  fc.nat().map(
    (length): Damage =>
      (bytes) =>
        bytes.slice(0, Math.max(1, length % bytes.length)),
  ),
);

/** Sound batches with damage; mostly the length and CRC are mended afterwards, so that the damage is met and not the CRC. */
const damagedBatch = fc
  .tuple(batch, fc.array(damage, { minLength: 1, maxLength: 3 }), fc.nat(9), fc.nat(9))
  .map(([sound, damages, mendLength, mend]) => {
    const bytes = damages.reduce((sofar, one) => (sofar.length === 0 ? sofar : one(sofar)), encodeBatch(sound));
    if (bytes.length >= HEADER_BYTES && mendLength > 0) new DataView(bytes.buffer, bytes.byteOffset).setInt32(8, bytes.length - 12);
    if (bytes.length >= HEADER_BYTES && mend > 0) mendCrc(bytes);
    return bytes;
  });

const garbage = fc
  .tuple(fc.uint8Array({ maxLength: 150 }), fc.boolean())
  .map(([bytes, asRecords]) => (asRecords ? encodeBatchOf(PLAIN_HEADER, Math.floor(bytes.length / 7), bytes) : bytes));

/** A batch that may be anything. */
export const hostileBatch: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 6, arbitrary: lyingBatch },
  { weight: 4, arbitrary: damagedBatch },
  { weight: 1, arbitrary: garbage },
);
