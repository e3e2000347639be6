/**
 * Fetch responses written by hand after the protocol guide ("Fetch API"), for any version that the lane speaks, and what kafkajs's own decoder
 * makes of them.
 */
import { createRequire } from "node:module";
import { CONTROL, TRANSACTIONAL, encodeBatch } from "../../record-batch.ts";
import { batchOf } from "../../batches.ts";

/** One partition of a response; what is left out is 0, empty or, for the records, null. */
export interface FetchedPartition {
  readonly partition?: number;
  readonly errorCode?: number;
  readonly highWatermark?: bigint;
  readonly lastStableOffset?: bigint;
  readonly logStartOffset?: bigint;
  readonly aborted?: readonly { readonly producerId: bigint; readonly firstOffset: bigint }[];
  readonly preferredReadReplica?: number;
  readonly records?: Uint8Array | null;
}

export interface FetchResponse {
  readonly throttleTimeMs?: number;
  readonly errorCode?: number;
  readonly sessionId?: number;
  readonly topics: readonly { readonly name: string; readonly partitions: readonly FetchedPartition[] }[];
}

/** Returns the bytes of a response, of version 4 to 11. */
export function encodeFetchResponse(version: number, response: FetchResponse): Buffer {
  const { throttleTimeMs = 0, errorCode = 0, sessionId = 0, topics } = response;
  return Buffer.concat([
    int(4, throttleTimeMs),
    ...(version >= 7 ? [int(2, errorCode), int(4, sessionId)] : []),
    array(topics, ({ name, partitions }) =>
      Buffer.concat([string(name), array(partitions, (partition) => encodePartition(version, partition))]),
    ),
  ]);
}

function encodePartition(version: number, fetched: FetchedPartition): Buffer {
  const { partition = 0, errorCode = 0, highWatermark = 0n, lastStableOffset = 0n, logStartOffset = 0n, aborted = [] } = fetched;
  const { preferredReadReplica = -1, records = null } = fetched;
  return Buffer.concat([
    int(4, partition),
    int(2, errorCode),
    long(highWatermark),
    long(lastStableOffset),
    ...(version >= 5 ? [long(logStartOffset)] : []),
    array(aborted, ({ producerId, firstOffset }) => Buffer.concat([long(producerId), long(firstOffset)])),
    ...(version >= 11 ? [int(4, preferredReadReplica)] : []),
    records === null ? int(4, -1) : Buffer.concat([int(4, records.length), records]),
  ]);
}

/** A control batch with one marker, as a broker appends it. */
export function markerBatch(type: "abort" | "commit", producerId: bigint, baseOffset: bigint): Uint8Array {
  const key = Uint8Array.of(0, 0, 0, type === "abort" ? 0 : 1);
  const value = new Uint8Array(6);
  return encodeBatch(batchOf([{ key, value }], { attributes: CONTROL | TRANSACTIONAL, producerId, producerEpoch: 0, baseOffset }));
}

type Decode = (raw: Buffer) => Promise<KafkajsResponse>;

/** What kafkajs's own decoder returns; from version 8 on, throttling is the client's business. */
export interface KafkajsResponse {
  readonly throttleTime: number;
  readonly clientSideThrottleTime?: number;
  readonly errorCode?: number;
  readonly sessionId?: number;
  readonly responses: readonly {
    readonly topicName: string;
    readonly partitions: readonly {
      readonly abortedTransactions: readonly object[];
      readonly messages: readonly { readonly offset: string; readonly value: Buffer | null; readonly isControlRecord: boolean }[];
    }[];
  }[];
}

const load = createRequire(import.meta.url);

/** Returns what kafkajs's own decoder for this version makes of a response. */
export async function decodeWithKafkajs(version: number, response: Buffer): Promise<KafkajsResponse> {
  const { decode } = load(`kafkajs/src/protocol/requests/fetch/v${version}/response`) as { decode: Decode };
  return decode(response);
}

function int(size: 2 | 4, value: number): Buffer {
  const buffer = Buffer.alloc(size);
  buffer.writeIntBE(value, 0, size);
  return buffer;
}

function long(value: bigint): Buffer {
  const buffer = Buffer.alloc(8);
  buffer.writeBigInt64BE(value);
  return buffer;
}

function string(text: string): Buffer {
  const bytes = Buffer.from(text);
  return Buffer.concat([int(2, bytes.length), bytes]);
}

function array<Item>(items: readonly Item[], encode: (item: Item) => Buffer): Buffer {
  return Buffer.concat([int(4, items.length), ...items.map(encode)]);
}
