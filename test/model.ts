/**
 * The oracle of the routing core: the same decisions and the same RecordBatches, written with objects, BigInt and no thought of speed, and
 * with no code of the core or of its hosts.
 */
import { bytesOf, joined } from "./bytes.ts";
import type { BatchRecord, RecordBatch } from "./record-batch.ts";
import {
  CONTROL,
  HEADER_BYTES,
  LOG_APPEND_TIME,
  PLAIN_HEADER,
  decodeBatch,
  decodeHeader,
  encodeRecord,
  recordOffsetsOf,
} from "./record-batch.ts";

export interface ModelOutput {
  readonly name: string;
  readonly prefix: Uint8Array;
}

export interface ModelRule {
  /** Even digits go to the first output, odd ones to the second. */
  readonly outputs: readonly [ModelOutput, ModelOutput];
  /** The output of what ends in no digit; null when it goes nowhere. */
  readonly unroutable: 0 | 1 | null;
}

/** Why a value has no output by its last byte, and where in it that shows. */
export interface ModelRefusal {
  readonly reason: "tombstone" | "empty" | "not-a-digit";
  readonly byteOffset: number;
}

export const DEFAULT_RULE: ModelRule = {
  outputs: [
    { name: "even", prefix: bytesOf("Even timestamp: ") },
    { name: "odd", prefix: bytesOf("Odd timestamp:") },
  ],
  unroutable: null,
};

/** Returns where a value goes and as what, or why it goes nowhere. */
export function decide(
  { outputs, unroutable }: ModelRule,
  value: Uint8Array | null,
): { readonly output: 0 | 1; readonly value: Uint8Array } | ModelRefusal {
  if (value === null) return { reason: "tombstone", byteOffset: 0 };
  const digit = value.length === 0 ? -1 : "0123456789".indexOf(String.fromCharCode(value[value.length - 1] ?? 0));
  const output = digit === -1 ? unroutable : digit % 2 === 0 ? 0 : 1;
  if (output !== null) return { output, value: joined([outputs[output].prefix, value]) };
  return value.length === 0 ? { reason: "empty", byteOffset: 0 } : { reason: "not-a-digit", byteOffset: value.length - 1 };
}

/** What routing one batch came to. */
export interface Taken {
  /** True when an output or the list of unroutable records had no room for the rest. */
  readonly full: boolean;
  /** Of the first record that was not taken; behind the batch when all were. */
  readonly nextOffset: bigint;
  readonly tombstones: number;
  readonly unroutable: readonly TakenUnroutable[];
}

/** A record that went nowhere. */
interface TakenUnroutable extends ModelRefusal {
  readonly offsetDelta: number;
  /** Where its bytes begin in those of the batch. */
  readonly recordOffset: number;
}

/** A batch that is being built. */
interface OpenBatch {
  baseTimestamp: bigint;
  maxTimestamp: bigint;
  bytes: number;
  readonly records: BatchRecord[];
}

/** The outputs of a rule, open for RecordBatches of at most `bytesMax` bytes, with room to name `unroutableMax` records a call. */
export class ModelRouter {
  readonly #rule: ModelRule;
  readonly #bytesMax: number;
  readonly #unroutableMax: number;
  #open: readonly [OpenBatch, OpenBatch];

  constructor(rule: ModelRule, bytesMax: number, unroutableMax = Number.POSITIVE_INFINITY) {
    this.#rule = rule;
    this.#bytesMax = bytesMax;
    this.#unroutableMax = unroutableMax;
    this.#open = [emptyBatch(), emptyBatch()];
  }

  /** Routes one batch; throws `Malformed` for one with a fault, and then has taken nothing of it. */
  routeBatch(bytes: Uint8Array, fetchOffset: bigint, crcVerified = false): Taken {
    const header = decodeHeader(bytes, crcVerified);
    const end = header.baseOffset + BigInt(header.lastOffsetDelta) + 1n;
    const unroutable: TakenUnroutable[] = [];
    let tombstones = 0;
    if ((header.attributes & CONTROL) !== 0 || fetchOffset >= end) return { full: false, nextOffset: end, tombstones, unroutable };
    const batch = decodeBatch(bytes, crcVerified);
    const recordOffsets = recordOffsetsOf(bytes);
    for (const [index, record] of batch.records.entries()) {
      const offset = batch.baseOffset + BigInt(record.offsetDelta);
      if (offset < fetchOffset) continue;
      const decision = decide(this.#rule, record.value);
      if ("output" in decision) {
        if (!this.#append(this.#open[decision.output], batch, { ...record, value: decision.value })) {
          return { full: true, nextOffset: offset, tombstones, unroutable };
        }
      } else if (decision.reason === "tombstone") {
        tombstones++;
      } else {
        if (unroutable.length === this.#unroutableMax) return { full: true, nextOffset: offset, tombstones, unroutable };
        unroutable.push({ ...decision, offsetDelta: record.offsetDelta, recordOffset: recordOffsets[index] ?? 0 });
      }
    }
    return { full: false, nextOffset: end, tombstones, unroutable };
  }

  /** Returns the batch of each output, null for one without records, and begins new ones. */
  finish(): readonly (RecordBatch | null)[] {
    const finished = this.#open.map(({ records, baseTimestamp, maxTimestamp }) =>
      records.length === 0 ? null : { ...PLAIN_HEADER, lastOffsetDelta: records.length - 1, baseTimestamp, maxTimestamp, records },
    );
    this.#open = [emptyBatch(), emptyBatch()];
    return finished;
  }

  /** Appends a record with the time it has in its own batch; returns false when the output has no room for it. */
  #append(open: OpenBatch, batch: RecordBatch, record: BatchRecord): boolean {
    const isLogAppendTime = (batch.attributes & LOG_APPEND_TIME) !== 0;
    const baseTimestamp = isLogAppendTime ? batch.maxTimestamp : batch.baseTimestamp;
    const timestamp = isLogAppendTime ? batch.maxTimestamp : BigInt.asIntN(64, batch.baseTimestamp + record.timestampDelta);
    const isFirst = open.records.length === 0;
    const timestampDelta = BigInt.asIntN(64, timestamp - (isFirst ? baseTimestamp : open.baseTimestamp));
    const appended = { ...record, timestampDelta, offsetDelta: open.records.length };
    const bytes = open.bytes + encodeRecord(appended).length;
    // A record that is too long for any batch is let through alone: a partition must not get stuck on it.
    if (bytes > this.#bytesMax && !isFirst) return false;
    if (isFirst) open.baseTimestamp = baseTimestamp;
    open.maxTimestamp = isFirst || timestamp > open.maxTimestamp ? timestamp : open.maxTimestamp;
    open.bytes = bytes;
    open.records.push(appended);
    return true;
  }
}

function emptyBatch(): OpenBatch {
  return { baseTimestamp: 0n, maxTimestamp: 0n, bytes: HEADER_BYTES, records: [] };
}
