/** Reads Fetch responses as far as their RecordBatches and no further. */
import type { FetchedBatch } from "../binder.ts";

/**
 * What kafkajs takes for a message, and what is a whole RecordBatch here. kafkajs looks at `offset` alone;
 * the rest is for the handler.
 */
export interface BatchMessage extends FetchedBatch {
  /**
   * As large as an offset can be: kafkajs drops messages below the offset that it fetched, and a batch whose own idea of its offsets is
   * corrupt must reach the CRC check. The consumer tells kafkajs where it is.
   */
  readonly offset: string;
  /** Never true: kafkajs would drop the message, and with it the position behind it. */
  readonly isControlRecord: false;
}

/** In the place of batches: the broker does not have the offset that was asked for. kafkajs would go elsewhere by itself, and hardly say so. */
export interface OutOfRangeMessage {
  readonly outOfRange: true;
  readonly offset: string;
  readonly isControlRecord: false;
}

/** An entry of the list of aborted transactions of one partition. */
export interface AbortedTransaction {
  readonly producerId: bigint;
  readonly firstOffset: bigint;
}

const HEADER_BYTES = 61;
const LENGTH_BASE = 12;
const TRANSACTIONAL = 0x10;
const CONTROL = 0x20;
/** Key of a control record: i16 version, i16 type; type 0 is ABORT, 1 is COMMIT. */
const ABORT = 0;
/** The protocol's error code, and that of no error. */
const OFFSET_OUT_OF_RANGE = 1;
const NONE = 0;
const OFFSET_MAX = 2n ** 63n - 1n;
const OFFSET_SEEN = OFFSET_MAX.toString();
const OUT_OF_RANGE: OutOfRangeMessage = { outOfRange: true, offset: OFFSET_SEEN, isControlRecord: false };

/**
 * Decodes a Fetch response of version 4 to 11 into what kafkajs's own decoder returns, but with a message a RecordBatch:
 *
 *     Fetch Response => throttle_time_ms [error_code session_id]7 [responses]
 *       responses => topic [partitions]
 *         partitions => partition error_code high_watermark last_stable_offset [log_start_offset]5 [aborted_transactions]
 *                       [preferred_read_replica]11 records
 *           aborted_transactions => producer_id first_offset
 *
 * A number behind a bracket is the version that the field came with. The list of aborted transactions that kafkajs sees is empty, for the
 * batches are judged here; and an offset out of range is no error to it, but a message, for the consumer decides what becomes of it.
 */
export function decodeFetchResponse(raw: Buffer, version: number): object {
  const reader = new Reader(raw);
  const throttle = reader.i32();
  const errorCode = version >= 7 ? reader.i16() : 0;
  const sessionId = version >= 7 ? reader.i32() : 0;
  const responses = reader.array(() => ({
    topicName: reader.string(),
    partitions: reader.array(() => decodePartition(reader, version)),
  }));
  // Since version 8 the broker leaves the throttling to the client, which for kafkajs is a field of its own.
  const throttling = version >= 8 ? { throttleTime: 0, clientSideThrottleTime: throttle } : { throttleTime: throttle };
  return { ...throttling, errorCode, sessionId, responses };
}

function decodePartition(reader: Reader, version: number): object {
  const partition = reader.i32();
  const errorCode = reader.i16();
  const highWatermark = reader.i64().toString();
  const lastStableOffset = reader.i64().toString();
  const lastStartOffset = version >= 5 ? { lastStartOffset: reader.i64().toString() } : {};
  const aborted = reader.array(() => ({ producerId: reader.i64(), firstOffset: reader.i64() }));
  const preferredReadReplica = version >= 11 ? { preferredReadReplica: reader.i32() } : {};
  const batches = batchMessages(reader.bytes(), aborted);
  const isOutOfRange = errorCode === OFFSET_OUT_OF_RANGE;
  const messages = isOutOfRange ? [OUT_OF_RANGE] : batches;
  return {
    partition,
    errorCode: isOutOfRange ? NONE : errorCode,
    highWatermark,
    lastStableOffset,
    ...lastStartOffset,
    abortedTransactions: [],
    ...preferredReadReplica,
    messages,
  };
}

/**
 * Returns the batches of one partition's records, each marked visible or not.
 *
 * The rest of a batch that the broker cut off at the end is left out; it comes again with the next fetch. Bytes that are no batch become a
 * last message of their own, which the core refuses with a reason: they are neither skipped nor waited for.
 */
export function batchMessages(records: Buffer, aborted: readonly AbortedTransaction[]): BatchMessage[] {
  const isVisible = visibility(aborted);
  const messages: BatchMessage[] = [];
  let at = 0;
  while (at < records.length) {
    const left = records.length - at;
    const length = left < HEADER_BYTES ? left + 1 : LENGTH_BASE + records.readInt32BE(at + 8);
    const isBatch = left < HEADER_BYTES || (records[at + 16] === 2 && length >= HEADER_BYTES);
    if (!isBatch || (length > left && messages.length === 0)) {
      messages.push({ bytes: records.subarray(at), lastOffset: OFFSET_MAX, offset: OFFSET_SEEN, visible: true, isControlRecord: false });
      break;
    }
    if (length > left) break;
    const bytes = records.subarray(at, at + length);
    const lastOffset = bytes.readBigInt64BE(0) + BigInt(bytes.readInt32BE(23));
    messages.push({ bytes, lastOffset, offset: OFFSET_SEEN, visible: isVisible(bytes, lastOffset), isControlRecord: false });
    at += length;
  }
  return messages;
}

/**
 * Returns the judge of a read_committed consumer, to be asked of each batch in order, as Java's CompletedFetch does it: a transaction is
 * aborted from its first offset until its producer's ABORT marker. The broker lists them by their end, so they are sorted here; one producer
 * may be listed several times.
 */
function visibility(aborted: readonly AbortedTransaction[]): (batch: Buffer, lastOffset: bigint) => boolean {
  const coming = aborted.toSorted((left, right) =>
    left.firstOffset < right.firstOffset ? -1 : left.firstOffset > right.firstOffset ? 1 : 0,
  );
  const open = new Set<bigint>();
  return (batch, lastOffset) => {
    const attributes = batch.readInt16BE(21);
    const producerId = batch.readBigInt64BE(43);
    while (coming[0] !== undefined && coming[0].firstOffset <= lastOffset) {
      open.add(coming[0].producerId);
      coming.shift();
    }
    if ((attributes & CONTROL) !== 0) {
      if (controlType(batch) === ABORT) open.delete(producerId);
      return false;
    }
    return !((attributes & TRANSACTIONAL) !== 0 && open.has(producerId));
  };
}

/** Returns the type in the first record's key of a control batch, or null when compaction has left it empty. */
function controlType(batch: Buffer): number | null {
  if (batch.readInt32BE(57) === 0) return null;
  // length, attributes, timestampDelta, offsetDelta, keyLength: all but the attributes are varints, and none of their values matters.
  let at = skipVarint(batch, HEADER_BYTES) + 1;
  for (let field = 0; field < 3; field++) at = skipVarint(batch, at);
  return at + 4 <= batch.length ? batch.readInt16BE(at + 2) : null;
}

function skipVarint(bytes: Buffer, from: number): number {
  let at = from;
  while ((bytes[at] ?? 0) > 0x7f) at++;
  return at + 1;
}

/** Reads big-endian fields one after the other. Throws RangeError past the end. */
class Reader {
  readonly #buffer: Buffer;
  #at = 0;

  constructor(buffer: Buffer) {
    this.#buffer = buffer;
  }

  i16(): number {
    this.#at += 2;
    return this.#buffer.readInt16BE(this.#at - 2);
  }

  i32(): number {
    this.#at += 4;
    return this.#buffer.readInt32BE(this.#at - 4);
  }

  i64(): bigint {
    this.#at += 8;
    return this.#buffer.readBigInt64BE(this.#at - 8);
  }

  string(): string {
    const length = this.i16();
    // Else the reader would go back, and an answer of a few bytes could have it do so without end.
    if (length < 0) throw new RangeError("a Fetch response has a topic without a name");
    this.#at += length;
    return this.#buffer.toString("utf8", this.#at - length, this.#at);
  }

  /** Bytes with an i32 length in front; -1 is null, which is as good as none here. */
  bytes(): Buffer {
    const length = Math.max(0, this.i32());
    if (length > this.#buffer.length - this.#at) throw new RangeError("a Fetch response ends within its records");
    this.#at += length;
    return this.#buffer.subarray(this.#at - length, this.#at);
  }

  array<T>(read: () => T): T[] {
    const items: T[] = [];
    for (let left = this.i32(); left > 0; left--) items.push(read());
    return items;
  }
}
