/** Writes Produce requests around RecordBatches that are finished already. */
import type { ProducerStamp } from "../../routed.ts";

/** Of a RecordBatch, up to its first record. */
const HEADER_BYTES = 61;

/**
 * One finished RecordBatch on its way through kafkajs's producer, in the place of an array of messages. kafkajs asks three things of it:
 * `find` (is there a message without a value?), `reduce` (group the messages by partition) and, of what `reduce` gave, `length` (how far to
 * advance its sequence number).
 */
export class BatchToProduce {
  /**
   * Always 0, so that kafkajs's sequence numbers stand still. It takes them back after every error, also when the broker may have the batch,
   * and wraps them at the wrong place; the lane has its own.
   */
  readonly length = 0;
  readonly bytes: Uint8Array;
  /** Sequence number of the first record, the same for every attempt: a broker knows a batch again that it has already. */
  readonly baseSequence: number;
  /** Why the broker did not take it at the last attempt, as far as it answered. */
  refusal: unknown = null;
  readonly #partition: number;
  readonly #stopped: () => Error | null;

  /** @param stopped asked before every attempt to send; an error ends kafkajs's retries */
  constructor(bytes: Uint8Array, partition: number, baseSequence: number, stopped: () => Error | null) {
    this.bytes = bytes;
    this.baseSequence = baseSequence;
    this.#partition = partition;
    this.#stopped = stopped;
  }

  find(): undefined {
    return undefined;
  }

  reduce(): Readonly<Record<number, BatchToProduce>> {
    const reason = this.#stopped();
    if (reason !== null) throw reason;
    return { [this.#partition]: this };
  }
}

/** What kafkajs knows of a Produce request. */
export interface ProduceOptions {
  readonly acks: number;
  readonly timeout: number;
  readonly transactionalId?: string | null;
  /** -1 without idempotence. kafkajs has it as a number, a string or its own Long. */
  readonly producerId?: { toString(): string };
  readonly producerEpoch?: number;
  readonly topicData: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number | string; readonly messages: unknown }[];
  }[];
}

/** Returns whether every partition's messages are one finished batch; kafkajs's own encoder is for the others. */
export function carriesBatches(options: ProduceOptions): boolean {
  return options.topicData.every(({ partitions }) => partitions.every(({ messages }) => messages instanceof BatchToProduce));
}

/**
 * Encodes the body of a Produce request of version 3 to 7, in parts that follow each other:
 *
 *     Produce Request => transactional_id acks timeout_ms [topic_data]
 *       topic_data => topic [partitions]
 *         partitions => partition records
 *
 * Producer id, epoch and sequence are stamped into the copy of a batch's header that is sent; those of a retry are the same. The records are the
 * batch's own bytes.
 */
export function encodeProduceRequest(options: ProduceOptions, stampProducer: (header: Uint8Array, stamp: ProducerStamp) => void): Buffer[] {
  const { acks, timeout, transactionalId = null, producerEpoch = -1, topicData } = options;
  const producerId = BigInt(options.producerId?.toString() ?? "-1");
  const stamp = { producerId, producerEpoch, transactional: transactionalId !== null };
  const parts: Buffer[] = [];
  let fields: Uint8Array[] = [nullableString(transactionalId), integers([2, acks], [4, timeout], [4, topicData.length])];
  for (const { topic, partitions } of topicData) {
    fields.push(nullableString(topic), integers([4, partitions.length]));
    for (const { partition, messages } of partitions) {
      if (!(messages instanceof BatchToProduce)) throw new TypeError("a Produce request mixes finished batches and messages");
      const { bytes, baseSequence } = messages;
      const header = Buffer.from(bytes.subarray(0, HEADER_BYTES));
      if (producerId >= 0n) stampProducer(header, { ...stamp, baseSequence });
      fields.push(integers([4, Number(partition)], [4, bytes.length]), header);
      parts.push(Buffer.concat(fields), Buffer.from(bytes.buffer, bytes.byteOffset + header.length, bytes.length - header.length));
      fields = [];
    }
  }
  if (fields.length > 0) parts.push(Buffer.concat(fields));
  return parts;
}

/** Returns integers, each given as its bytes and its value, big endian. */
function integers(...fields: readonly (readonly [2 | 4, number])[]): Buffer {
  const buffer = Buffer.alloc(fields.reduce((sum, [size]) => sum + size, 0));
  let at = 0;
  for (const [size, value] of fields) at = buffer.writeIntBE(value, at, size);
  return buffer;
}

/** Returns an i16 length and the UTF-8 bytes; null has the length -1. */
function nullableString(text: string | null): Buffer {
  if (text === null) return integers([2, -1]);
  const bytes = Buffer.from(text);
  return Buffer.concat([integers([2, bytes.length]), bytes]);
}
