/** Seeded data. Parity is random: with alternating digits a branch predictor would know the outcome, and branchy code would look good. */
import { encodeBatch, encodeRecord } from "./kafkajs-codec.ts";

/** Records that a job rotates through, at least: too many for the branch history to learn. */
export const ROTATION_RECORDS = 20_000;

/** Values as the core takes them: bytes, and a table of pairs of u32 offset and length. */
export interface PackedInput {
  readonly bytes: Uint8Array;
  readonly table: Uint32Array;
}

/** Returns a generator of numbers from 0 up to, not including, 1 (xorshift32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state ^ (state << 13)) >>> 0;
    state ^= state >>> 17;
    state = (state ^ (state << 5)) >>> 0;
    return state / 0x1_0000_0000;
  };
}

function twoDigits(number: number): string {
  return String(Math.floor(number)).padStart(2, "0");
}

/** Returns timestamps as the `time` source writes them, such as `11/20/26 10:00:07`. */
export function timestampValues(count: number, seed: number): Buffer[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const date = `${twoDigits(1 + random() * 12)}/${twoDigits(1 + random() * 28)}/26`;
    return Buffer.from(`${date} ${twoDigits(random() * 24)}:${twoDigits(random() * 60)}:${twoDigits(random() * 60)}`);
  });
}

/** Returns the same times as ISO 8601 has them, without an offset: `2026-11-20T10:00:07`. */
export function isoValues(count: number, seed: number): Buffer[] {
  return timestampValues(count, seed).map((value) => {
    const [date = "", time = ""] = value.toString().split(" ");
    return Buffer.from(`20${date.slice(6)}-${date.slice(0, 2)}-${date.slice(3, 5)}T${time}`);
  });
}

/** Returns values of that many bytes, the last of them a random digit. */
function filledValues(count: number, valueBytes: number, seed: number): Buffer[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const value = Buffer.alloc(valueBytes, 0x61 + Math.floor(random() * 26));
    value[valueBytes - 1] = 0x30 + Math.floor(random() * 10);
    return value;
  });
}

/** Most bytes of distinct values: past this the pairs repeat values in random order, for fetched data is in the cache too. */
const DISTINCT_BYTES_MAX = 1 << 20;

/** Returns a rotation of values, end to end, with its table; 17 bytes are timestamps. */
export function packedValues(valueBytes: number, seed: number): PackedInput {
  const distinct = Math.min(ROTATION_RECORDS, Math.floor(DISTINCT_BYTES_MAX / valueBytes));
  const values = valueBytes === 17 ? timestampValues(distinct, seed) : filledValues(distinct, valueBytes, seed);
  const random = randomFrom(seed + 1);
  const table = new Uint32Array(2 * ROTATION_RECORDS);
  for (let index = 0; index < ROTATION_RECORDS; index++) {
    table[2 * index] = valueBytes * (distinct === ROTATION_RECORDS ? index : Math.floor(random() * distinct));
    table[2 * index + 1] = valueBytes;
  }
  return { bytes: Buffer.concat(values), table };
}

/** Returns a rotation of RecordBatches of timestamps, as the producer of kafkajs encodes them. */
export async function recordBatches(keyed: boolean, valuesOf = timestampValues, batchRecords = 1000): Promise<Buffer[]> {
  const batches: Buffer[] = [];
  for (let batch = 0; batch < ROTATION_RECORDS / batchRecords; batch++) {
    const values = valuesOf(batchRecords, 100 + batch);
    const random = randomFrom(200 + batch);
    const firstTimestamp = 1_795_000_000_000 + batch * 100_000;
    const records = values.map((value, index) => ({
      offsetDelta: index,
      // Somewhat out of order, as the clocks of several producer threads are.
      timestampDelta: index === 0 ? 0 : Math.floor(index * 100 * (0.5 + random() * 0.5)),
      key: keyed ? Buffer.from(`key-${String(Math.floor(random() * 10_000)).padStart(4, "0")}`) : null,
      value,
      headers: keyed ? { source: Buffer.from("time"), contentType: Buffer.from("text/plain") } : {},
    }));
    const maxTimestamp = firstTimestamp + Math.max(...records.map(({ timestampDelta }) => timestampDelta));
    batches.push(await encodeBatch(BigInt(firstTimestamp), BigInt(maxTimestamp), records.map(encodeRecord)));
  }
  return batches;
}

/** Returns runs of random bytes, one after the other in one piece. */
export function randomRuns(runBytes: number, runCount: number, seed: number): Uint8Array {
  const random = randomFrom(seed);
  return Uint8Array.from({ length: runBytes * runCount }, () => Math.floor(random() * 256));
}
