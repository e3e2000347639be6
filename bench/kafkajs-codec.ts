/**
 * The record codec inside kafkajs, which it does not export: the peer that the core replaces, and the encoder of the benchmark's input.
 * Nothing here changes what it does; these are types around it.
 */
import { createRequire } from "node:module";

/** A 64-bit number of kafkajs. */
interface Long {
  subtract(other: Long): Long;
}

interface LongConstructor {
  fromValue(value: string | bigint): Long;
}

/** Bytes in the making. */
export interface Encoded {
  readonly buffer: Buffer;
}

export interface DecodedRecord {
  /** Milliseconds, in decimal digits. */
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, Buffer>>;
}

interface DecodedBatch {
  readonly firstTimestamp: string;
  readonly records: readonly DecodedRecord[];
}

interface RecordFields {
  readonly offsetDelta: number;
  readonly timestampDelta: number | Long;
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, Buffer>>;
}

type EncodeRecordBatch = (batch: Readonly<Record<string, unknown>>) => Promise<Encoded>;

const require = createRequire(import.meta.url);

function internal(path: string): unknown {
  return require(`kafkajs/src/${path}`);
}

const DecoderOfKafkajs = internal("protocol/decoder") as new (bytes: Buffer) => object;
const decodeRecordBatch = internal("protocol/recordBatch/v0/decoder") as (decoder: object) => Promise<DecodedBatch>;
const { RecordBatch: encodeRecordBatch } = internal("protocol/recordBatch/v0") as { readonly RecordBatch: EncodeRecordBatch };

export const Long: LongConstructor = internal("utils/long") as LongConstructor;

/** Returns one record with its length in front. */
export const encodeRecord: (record: RecordFields) => Encoded = internal("protocol/recordBatch/record/v0") as (
  record: RecordFields,
) => Encoded;

/** Returns the CRC-32C of bytes, unsigned. */
export const crc32c: (bytes: Uint8Array) => number = internal("protocol/recordBatch/crc32C") as (bytes: Uint8Array) => number;

export function decodeBatch(bytes: Buffer): Promise<DecodedBatch> {
  return decodeRecordBatch(new DecoderOfKafkajs(bytes));
}

/** Returns a RecordBatch at offset 0 with no producer in it. */
export async function encodeBatch(firstTimestamp: bigint, maxTimestamp: bigint, records: readonly Encoded[]): Promise<Buffer> {
  const { buffer } = await encodeRecordBatch({
    partitionLeaderEpoch: -1,
    lastOffsetDelta: records.length - 1,
    firstTimestamp: Long.fromValue(firstTimestamp),
    maxTimestamp: Long.fromValue(maxTimestamp),
    producerEpoch: -1,
    firstSequence: -1,
    records,
  });
  return buffer;
}
