/** kafkajs's own codecs, called as kafkajs calls them. */
import { randomUUID } from "node:crypto";
import { createRequire } from "node:module";
import type { Kafka } from "kafkajs";

const load = createRequire(import.meta.url);

/** A record as kafkajs decodes it. */
export interface KafkajsRecord {
  readonly key: Buffer | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly timestamp: string;
}

interface Encoded {
  readonly buffer: Buffer;
}

type Codec = (options: object) => { request: { encode(): Promise<Encoded> }; response: { decode(raw: Buffer): Promise<unknown> } };
type Protocol = (choice: { version: number }) => Codec;

/** Reads a topic from its beginning with a consumer of kafkajs's, and returns the raw Fetch response that had all of it. */
export async function capturedFetch(kafka: Kafka, topic: string): Promise<{ version: number; response: Buffer; records: KafkajsRecord[] }> {
  const { requests } = load("kafkajs/src/protocol/requests") as { requests: { Fetch: { protocol: Protocol } } };
  const { protocol } = requests.Fetch;
  let captured = { version: 0, response: Buffer.alloc(0) };
  requests.Fetch.protocol = (choice) => {
    const codec = protocol(choice);
    return (options) => {
      const call = codec(options);
      const decode = async (raw: Buffer): Promise<unknown> => {
        if (raw.length > captured.response.length) captured = { version: choice.version, response: Buffer.from(raw) };
        return call.response.decode(raw);
      };
      return { ...call, response: { ...call.response, decode } };
    };
  };
  const consumer = kafka.consumer({ groupId: `golden-${randomUUID()}` });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic], fromBeginning: true });
  const records = await new Promise<KafkajsRecord[]>((resolve, reject) => {
    const eachBatch = async ({ batch }: { batch: { messages: unknown } }): Promise<void> => {
      resolve(batch.messages as KafkajsRecord[]);
      return Promise.resolve();
    };
    consumer.run({ eachBatch }).catch(reject);
  });
  await consumer.disconnect();
  requests.Fetch.protocol = protocol;
  return { ...captured, records };
}

/** Splits the records of a Fetch response with one topic and one partition: they are its last bytes, after their i32 length. */
export function splitBatches(response: Buffer): { bytes: Buffer; firstOffset: bigint; lastOffset: bigint; control: boolean }[] {
  // throttle_time, error_code, session_id, topic count, topic, partition count; partition, error, three offsets, aborted, replica.
  let at = 4 + 2 + 4 + 4;
  at += 2 + response.readInt16BE(at) + 4;
  at += 4 + 2 + 8 + 8 + 8;
  at += 4 + 16 * Math.max(0, response.readInt32BE(at)) + 4;
  at += 4;
  const batches = [];
  while (at < response.length) {
    const bytes = response.subarray(at, at + 12 + response.readInt32BE(at + 8));
    const firstOffset = bytes.readBigInt64BE(0);
    batches.push({
      bytes,
      firstOffset,
      lastOffset: firstOffset + BigInt(bytes.readInt32BE(23)),
      control: (bytes.readInt16BE(21) & 0x20) !== 0,
    });
    at += bytes.length;
  }
  return batches;
}

/** Encodes records with kafkajs's encoder, without a producer, and with the leader epoch that Java's producer writes. */
export async function encodeBatch(records: readonly KafkajsRecord[], baseTimestamp: bigint): Promise<Buffer> {
  const { RecordBatch } = load("kafkajs/src/protocol/recordBatch/v0") as { RecordBatch: (batch: object) => Promise<Encoded> };
  const encodeRecord = load("kafkajs/src/protocol/recordBatch/record/v0") as (record: object) => object;
  const Long = load("kafkajs/src/utils/long") as { fromValue(value: bigint | string): object };
  const timestamps = records.map(({ timestamp }) => BigInt(timestamp));
  const { buffer } = await RecordBatch({
    firstOffset: Long.fromValue("0"),
    firstTimestamp: Long.fromValue(baseTimestamp),
    maxTimestamp: Long.fromValue(timestamps.reduce((max, timestamp) => (timestamp > max ? timestamp : max))),
    lastOffsetDelta: records.length - 1,
    producerId: Long.fromValue("-1"),
    producerEpoch: -1,
    firstSequence: -1,
    records: records.map(({ key, value, headers, timestamp }, offsetDelta) =>
      encodeRecord({ offsetDelta, timestampDelta: Long.fromValue(BigInt(timestamp) - baseTimestamp), key, value, headers }),
    ),
  });
  const batch = Buffer.from(buffer);
  // Not under the CRC: kafkajs writes 0, the broker overwrites it.
  batch.writeInt32BE(-1, 12);
  return batch;
}

/** What a Produce request says besides its records. */
export interface ProduceOptions {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId: string | null;
  readonly producerId: string;
  readonly producerEpoch: number;
  readonly topic: string;
  readonly partition: number;
  readonly baseSequence: number;
}

/** Returns kafkajs's own Produce request of version 7, and the batch in it as it is without a producer. */
export async function encodeProduce(
  { topic, partition, baseSequence, ...options }: ProduceOptions,
  messages: readonly KafkajsRecord[],
): Promise<{ request: Buffer; batch: Buffer }> {
  const { requests } = load("kafkajs/src/protocol/requests") as { requests: { Produce: { protocol: Protocol } } };
  const crc32C = load("kafkajs/src/protocol/recordBatch/crc32C") as (bytes: Buffer) => number;
  const topicData = [{ topic, partitions: [{ partition, firstSequence: baseSequence, messages }] }];
  const { buffer } = await requests.Produce.protocol({ version: 7 })({ ...options, topicData }).request.encode();
  const request = Buffer.from(buffer);
  // The batch is the request's last field.
  const batch = Buffer.from(request.subarray(request.indexOf(Buffer.from(topic)) + topic.length + 12));
  batch.writeBigInt64BE(-1n, 43);
  batch.writeInt16BE(-1, 51);
  batch.writeInt32BE(-1, 53);
  batch.writeUInt32BE(crc32C(batch.subarray(21)) >>> 0, 17);
  return { request, batch };
}
