/**
 * Builds dead letters: unroutable records as the Kafka binder of Spring Cloud Stream writes them. Key, value and headers are the record's own,
 * byte for byte; behind its headers come these:
 *
 *     x-original-topic           UTF-8
 *     x-original-partition       i32, big-endian
 *     x-original-offset          i64, big-endian
 *     x-original-timestamp       i64, big-endian, milliseconds since 1970
 *     x-original-timestamp-type  UTF-8, CreateTime or LogAppendTime
 *     x-exception-fqcn           UTF-8
 *     x-exception-message        UTF-8
 *     x-exception-stacktrace     UTF-8
 *
 * A record that has been a dead letter before keeps those it has: of headers with the same key, clients take the last one.
 */
import type { RefusedRecord } from "../routed.ts";
import { BatchWriter, RECORD_FRAME_BYTES_MAX, readBatchTime, readRecord, timestampOf, varint, type Crc32c } from "./record-batch.ts";
import { describeRefusal } from "./unroutable.ts";

/** A finished RecordBatch of dead letters. */
export interface DeadLetterBatch {
  readonly bytes: Uint8Array;
  readonly recordCount: number;
}

export interface DeadLetterOptions {
  /** Where the records were read. */
  readonly topic: string;
  readonly partition: number;
  /** Largest batch; only a single dead letter that is longer makes a longer one. */
  readonly bytesMax: number;
  /** Milliseconds since 1970: a dead letter with the time of its record might be too old for the topic to keep. */
  readonly now: () => number;
  readonly crc32c: Crc32c;
}

/** What a Java consumer reads as the class of the exception. */
const EXCEPTION_CLASS = "timestamprouter.UnroutableRecordException";
const ADDED_HEADER_COUNT = 8;
/** A record's attributes, and its distance from the batch's time: all dead letters of a batch have the same time. */
const RECORD_BEGIN = Uint8Array.of(0, 0);
const BATCH_BYTES_TO_BEGIN_WITH = 16_384;

/** The dead letters of one partition, in the order of its records. */
export class DeadLetters {
  readonly #options: DeadLetterOptions;
  readonly #writer = new BatchWriter(BATCH_BYTES_TO_BEGIN_WITH);
  #finished: DeadLetterBatch[] = [];
  #finishedBytes = 0;
  /** Time of the batch in the making. */
  #timestamp = 0n;

  constructor(options: DeadLetterOptions) {
    this.#options = options;
  }

  /** Bytes of all that `take` would give. */
  get length(): number {
    return this.#finishedBytes + (this.#writer.recordCount === 0 ? 0 : this.#writer.length);
  }

  /** Adds the dead letters of some records of one uncompressed batch. */
  add(batch: Uint8Array, baseOffset: bigint, refused: readonly RefusedRecord[]): void {
    if (refused.length === 0) return;
    const { topic, partition } = this.#options;
    const time = readBatchTime(batch);
    const origin = new OriginHeaders(topic, partition, time.isLogAppendTime ? "LogAppendTime" : "CreateTime");
    for (const one of refused) {
      const record = readRecord(batch, one.recordOffset);
      this.#append(
        batch.subarray(record.keyAt, record.headerCountAt),
        varint(record.headerCount + ADDED_HEADER_COUNT),
        batch.subarray(record.headersAt, record.end),
        origin.of(baseOffset + BigInt(one.offsetDelta), timestampOf(time, record)),
        exceptionHeaders(describeRefusal(one)),
      );
    }
  }

  /** Returns what was added since the last call, as finished batches. */
  take(): readonly DeadLetterBatch[] {
    this.#finish();
    const taken = this.#finished;
    this.#finished = [];
    this.#finishedBytes = 0;
    return taken;
  }

  #append(...parts: readonly Uint8Array[]): void {
    const { bytesMax, now } = this.#options;
    const length = parts.reduce((sum, part) => sum + part.length, RECORD_FRAME_BYTES_MAX + RECORD_BEGIN.length);
    if (this.#writer.length + length > bytesMax) this.#finish();
    if (this.#writer.recordCount === 0) this.#timestamp = BigInt(now());
    this.#writer.append(RECORD_BEGIN, ...parts);
  }

  #finish(): void {
    const { recordCount } = this.#writer;
    if (recordCount === 0) return;
    const bytes = this.#writer.finish(this.#timestamp, this.#timestamp, this.#options.crc32c);
    this.#finished.push({ bytes, recordCount });
    this.#finishedBytes += bytes.length;
  }
}

/** The headers that say where a record was: two numbers differ from one record of a batch to the next, and are written over each time. */
class OriginHeaders {
  readonly #bytes: Buffer;
  readonly #offsetAt: number;
  readonly #timestampAt: number;

  constructor(topic: string, partition: number, timestampType: "CreateTime" | "LogAppendTime") {
    const partitionBytes = Buffer.alloc(4);
    partitionBytes.writeInt32BE(partition);
    const offset = Buffer.concat([
      header("x-original-topic", Buffer.from(topic)),
      header("x-original-partition", partitionBytes),
      header("x-original-offset", Buffer.alloc(8)),
    ]);
    const timestamp = header("x-original-timestamp", Buffer.alloc(8));
    this.#bytes = Buffer.concat([
      offset,
      timestamp,
      header("x-original-timestamp-type", Buffer.from(timestampType)),
      EXCEPTION_CLASS_HEADER,
    ]);
    // Each of the two values ends where its header ends.
    this.#offsetAt = offset.length - 8;
    this.#timestampAt = offset.length + timestamp.length - 8;
  }

  /** Returns the headers of one record, and of the exception those that are always the same. Valid until the next call. */
  of(offset: bigint, timestamp: bigint): Uint8Array {
    this.#bytes.writeBigInt64BE(offset, this.#offsetAt);
    this.#bytes.writeBigInt64BE(timestamp, this.#timestampAt);
    return this.#bytes;
  }
}

const EXCEPTION_CLASS_HEADER = header("x-exception-fqcn", Buffer.from(EXCEPTION_CLASS));

function exceptionHeaders(message: string): Buffer {
  return Buffer.concat([
    header("x-exception-message", Buffer.from(message)),
    header("x-exception-stacktrace", Buffer.from(`${EXCEPTION_CLASS}: ${message}`)),
  ]);
}

function header(key: string, value: Uint8Array): Buffer {
  const keyBytes = Buffer.from(key);
  return Buffer.concat([varint(keyBytes.length), keyBytes, varint(value.length), value]);
}
