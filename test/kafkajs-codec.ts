/** The record codec of kafkajs, by which ours is judged. It is internal to kafkajs and has no types, so it gets them here. */
import { createRequire } from "node:module";
import type { Header, RecordBatch } from "./record-batch.ts";
import { COMPRESSION_MASK, TRANSACTIONAL } from "./record-batch.ts";

type KafkajsHeaders = Record<string, Buffer | null | (Buffer | null)[]>;

interface KafkajsRecord {
  readonly timestamp: string;
  readonly offset: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers: KafkajsHeaders;
}

export interface KafkajsBatch {
  readonly firstOffset: string;
  readonly firstTimestamp: string;
  readonly maxTimestamp: string;
  readonly lastOffsetDelta: number;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly firstSequence: number;
  readonly inTransaction: boolean;
  readonly isControlBatch: boolean;
  readonly records: readonly KafkajsRecord[];
}

const load = createRequire(import.meta.url);
const { RecordBatch: encode } = load("kafkajs/src/protocol/recordBatch/v0") as {
  readonly RecordBatch: (batch: object) => Promise<{ readonly buffer: Buffer }>;
};
const encodeRecord = load("kafkajs/src/protocol/recordBatch/record/v0") as (record: object) => object;
const decode = load("kafkajs/src/protocol/recordBatch/v0/decoder") as (decoder: object) => Promise<KafkajsBatch>;
const Decoder = load("kafkajs/src/protocol/decoder") as new (bytes: Buffer) => object;
const Long = load("kafkajs/src/utils/long") as { fromValue(text: string): object };
const crc32C = load("kafkajs/src/protocol/recordBatch/crc32C") as (bytes: Buffer) => number;

/** Returns the CRC-32C that kafkajs computes. */
export function crc32cOfKafkajs(bytes: Uint8Array): number {
  return crc32C(Buffer.from(bytes));
}

/** Returns the bytes that kafkajs makes of a batch. It knows no log append time and no control batches, and header values are not null. */
export async function encodeWithKafkajs(batch: RecordBatch): Promise<Uint8Array> {
  const encoded = await encode({
    compression: batch.attributes & COMPRESSION_MASK,
    firstOffset: Long.fromValue(String(batch.baseOffset)),
    firstTimestamp: Long.fromValue(String(batch.baseTimestamp)),
    maxTimestamp: Long.fromValue(String(batch.maxTimestamp)),
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    lastOffsetDelta: batch.lastOffsetDelta,
    transactional: (batch.attributes & TRANSACTIONAL) !== 0,
    producerId: Long.fromValue(String(batch.producerId)),
    producerEpoch: batch.producerEpoch,
    firstSequence: batch.baseSequence,
    records: batch.records.map((record) =>
      encodeRecord({
        offsetDelta: record.offsetDelta,
        timestampDelta: Long.fromValue(String(record.timestampDelta)),
        key: record.key === null ? null : Buffer.from(record.key),
        value: record.value === null ? null : Buffer.from(record.value),
        headers: headersOf(record.headers),
      }),
    ),
  });
  return Uint8Array.from(encoded.buffer);
}

/** Returns what kafkajs reads from a batch's bytes. */
export async function decodeWithKafkajs(bytes: Uint8Array): Promise<KafkajsBatch> {
  return decode(new Decoder(Buffer.from(bytes)));
}

/** Returns headers as kafkajs has them: an object, with a list where a key comes more than once. */
export function headersOf(headers: readonly Header[]): KafkajsHeaders {
  const values = new Map<string, (Buffer | null)[]>();
  for (const { key, value } of headers) {
    const name = Buffer.from(key).toString();
    values.set(name, [...(values.get(name) ?? []), value === null ? null : Buffer.from(value)]);
  }
  return Object.fromEntries(Array.from(values, ([name, list]) => [name, list.length === 1 ? (list[0] ?? null) : list]));
}
