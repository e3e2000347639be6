/** Batches as tests write them and read them. */
import { bytesOf, literalOf } from "./bytes.ts";
import type { BatchHeader, BatchRecord, RecordBatch } from "./record-batch.ts";
import { LOG_APPEND_TIME, PLAIN_HEADER } from "./record-batch.ts";

/** A record with only what matters said; its offset delta is one more than that of the record before. */
export interface Sketch {
  readonly value: string | Uint8Array | null;
  readonly key?: string | Uint8Array | null;
  readonly offsetDelta?: number;
  readonly timestampDelta?: bigint;
  readonly headers?: readonly (readonly [key: string | Uint8Array, value: string | Uint8Array | null])[];
}

/** Returns a batch of records; a plain string is a record with that value. */
export function batchOf(sketches: readonly (Sketch | string | null)[], header: Partial<BatchHeader> = {}): RecordBatch {
  let offsetDelta = -1;
  const records = sketches.map((sketch): BatchRecord => {
    const whole = sketch === null || typeof sketch === "string" ? { value: sketch } : sketch;
    offsetDelta = whole.offsetDelta ?? offsetDelta + 1;
    return {
      offsetDelta,
      timestampDelta: whole.timestampDelta ?? 0n,
      key: toBytes(whole.key ?? null),
      value: toBytes(whole.value),
      headers: (whole.headers ?? []).map(([key, value]) => ({ key: toBytes(key) ?? bytesOf(""), value: toBytes(value) })),
    };
  });
  const base = header.baseTimestamp ?? 0n;
  const maxTimestamp = records.reduce((most, one) => (base + one.timestampDelta > most ? base + one.timestampDelta : most), base);
  return { ...PLAIN_HEADER, lastOffsetDelta: Math.max(offsetDelta, 0), maxTimestamp, ...header, records };
}

function toBytes(text: string | Uint8Array | null): Uint8Array | null {
  return typeof text === "string" ? bytesOf(text) : text;
}

/** Returns the time of a record of a batch. */
export function timeOf(batch: BatchHeader, record: BatchRecord): bigint {
  if ((batch.attributes & LOG_APPEND_TIME) !== 0) return batch.maxTimestamp;
  return BigInt.asIntN(64, batch.baseTimestamp + record.timestampDelta);
}

/** Returns a record as a line of text: `time=5 key="k" value="4" "header"="x"`, without key and headers when there are none. */
export function recordLine(record: Pick<BatchRecord, "key" | "value" | "headers">, time: bigint): string {
  const key = record.key === null ? "" : ` key=${literalOf(record.key)}`;
  const headers = record.headers.map((header) => ` ${literalOf(header.key)}=${literalOf(header.value)}`).join("");
  return `time=${time}${key} value=${literalOf(record.value)}${headers}`;
}

/** Returns the records of a batch as lines of text. */
export function recordLines(batch: RecordBatch | null): readonly string[] {
  return batch === null ? [] : batch.records.map((record) => recordLine(record, timeOf(batch, record)));
}
