/** Generators of values, records and batches, weighted towards the edges of the core. */
import fc from "fast-check";
import { bytesOf, joined } from "./bytes.ts";
import type { ModelRule } from "./model.ts";
import { DEFAULT_RULE } from "./model.ts";
import type { BatchRecord, Header, RecordBatch } from "./record-batch.ts";
import { CONTROL, LOG_APPEND_TIME, PLAIN_HEADER, TRANSACTIONAL } from "./record-batch.ts";

const INT64 = { min: -(1n << 63n), max: (1n << 63n) - 1n };

/** Bytes that end in a digit, of the lengths around which the core copies in another way. */
const routableValue = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: fc.uint8Array({ maxLength: 40 }) },
      { weight: 1, arbitrary: fc.integer({ min: 509, max: 514 }).map((length) => new Uint8Array(length).fill(0x61)) },
      { weight: 1, arbitrary: fc.integer({ min: 40, max: 3000 }).map((length) => new Uint8Array(length).fill(0x62)) },
    ),
    fc.integer({ min: 0x30, max: 0x39 }),
  )
  .map(([bytes, digit]) => joined([bytes, Uint8Array.of(digit)]));

const timestampText = fc
  .date({ noInvalidDate: true, min: new Date(0), max: new Date(4e12) })
  .map((date) => bytesOf(date.toISOString().slice(0, 19)));

/** A record's value: a timestamp mostly, else anything. */
export const value: fc.Arbitrary<Uint8Array | null> = fc.oneof(
  { weight: 4, arbitrary: timestampText },
  { weight: 6, arbitrary: routableValue },
  { weight: 1, arbitrary: fc.constant(null) },
  { weight: 1, arbitrary: fc.constant(new Uint8Array(0)) },
  { weight: 2, arbitrary: fc.uint8Array({ maxLength: 20 }) },
  { weight: 1, arbitrary: fc.constantFrom("/", ":", "4\n", "4 ", "٤", "4x").map(bytesOf) },
);

const prefix = fc.oneof(
  fc.constantFrom(0, 1, 15, 16, 17, 31, 32, 33, 254, 255).map((length) => new Uint8Array(length).fill(0x70)),
  fc.uint8Array({ maxLength: 255 }),
);

/** A rule: the default one half of the time. */
export const rule: fc.Arbitrary<ModelRule> = fc.oneof(
  fc.constant(DEFAULT_RULE),
  fc.tuple(prefix, prefix, fc.constantFrom(null, 0, 1)).map(([first, second, unroutable]): ModelRule => ({
    outputs: [
      { name: "left", prefix: first },
      { name: "right", prefix: second },
    ],
    unroutable,
  })),
);

/** A delta of any width: a few milliseconds mostly, every length of a varlong, the ends of 64 bits. */
const timestampDelta = fc.oneof(
  { weight: 6, arbitrary: fc.bigInt({ min: 0n, max: 5000n }) },
  {
    weight: 3,
    arbitrary: fc
      .tuple(fc.integer({ min: 0, max: 62 }), fc.bigInt({ min: -2n, max: 2n }), fc.boolean())
      .map(([bits, near, negative]) => (negative ? -(1n << BigInt(bits)) : 1n << BigInt(bits)) + near),
  },
  { weight: 1, arbitrary: fc.constantFrom(INT64.min, INT64.max) },
);

const header: fc.Arbitrary<Header> = fc.record(
  {
    // kafkajs, which is asked about the same batches, takes a header called "toString" for a second one of that name.
    key: fc
      .string({ unit: "grapheme", maxLength: 8 })
      .filter((name) => !(name in {}))
      .map(bytesOf),
    value: fc.option(fc.uint8Array({ maxLength: 200 }), { freq: 4 }),
  },
  { noNullPrototype: true },
);

const record = fc.record(
  {
    gap: fc.oneof({ weight: 5, arbitrary: fc.constant(1) }, { weight: 1, arbitrary: fc.integer({ min: 2, max: 9000 }) }),
    timestampDelta,
    key: fc.option(fc.uint8Array({ maxLength: 70 }), { freq: 2 }),
    value,
    headers: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(header, { maxLength: 4 }) }),
  },
  { noNullPrototype: true },
);

interface BatchDraft {
  readonly baseOffset: bigint;
  readonly baseTimestamp: bigint;
  readonly attributes: number;
  readonly firstGap: number;
  readonly lastGap: number;
  readonly records: readonly (Omit<BatchRecord, "offsetDelta"> & { readonly gap: number })[];
}

const batchDraft: fc.Arbitrary<BatchDraft> = fc.record({
  baseOffset: fc.oneof(fc.bigInt({ min: 0n, max: 1000n }), fc.bigInt({ min: INT64.max - 40_000_000n, max: INT64.max - 30_000_000n })),
  baseTimestamp: fc.oneof(fc.bigInt({ min: 1_500_000_000_000n, max: 1_500_000_100_000n }), fc.constantFrom(-1n, 0n), fc.bigInt(INT64)),
  attributes: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 2, arbitrary: fc.constantFrom(LOG_APPEND_TIME, TRANSACTIONAL) },
    { weight: 1, arbitrary: fc.constantFrom(CONTROL, CONTROL | TRANSACTIONAL) },
  ),
  firstGap: fc.constantFrom(0, 0, 0, 3),
  lastGap: fc.constantFrom(0, 0, 0, 200),
  records: fc.array(record, { maxLength: 30 }),
});

/** Numbers the records and finds the largest timestamp. */
function finished({ baseOffset, baseTimestamp, attributes, firstGap, lastGap, records }: BatchDraft): RecordBatch {
  let offsetDelta = firstGap - 1;
  const numbered = records.map(({ gap, timestampDelta: delta, key, value: content, headers }): BatchRecord => {
    offsetDelta += gap;
    return { timestampDelta: delta, key, value: content, headers, offsetDelta };
  });
  const times = numbered.map((one) => BigInt.asIntN(64, baseTimestamp + one.timestampDelta));
  const maxTimestamp = times.reduce((most, time) => (time > most ? time : most), times[0] ?? baseTimestamp);
  const lastOffsetDelta = Math.max(offsetDelta + lastGap, 0);
  return { ...PLAIN_HEADER, baseOffset, baseTimestamp, maxTimestamp, attributes, lastOffsetDelta, records: numbered };
}

/** A batch as a broker may hand it out: gaps in the offsets, any times, now and then control, transactional or of log append time. */
export const batch: fc.Arbitrary<RecordBatch> = batchDraft.map(finished);
