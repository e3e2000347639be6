/**
 * The module `redpanda_transform` (`src/v/wasm/transform_module.cc`): how a guest reads its batch and writes records. In the broker a write
 * waits while the buffer of writes is full; a guest can't tell, and here there is always room.
 */
import { LOG_APPEND_TIME } from "../record-batch.ts";
import type { GuestMemory } from "./guest-memory.ts";
import { GuestTrap } from "./guest-trap.ts";
import { readPayload, readVarint } from "./payload.ts";
import type { SourceBatch } from "./source-batch.ts";

/** What a guest's calls return when they fail (`src/v/wasm/transform_module.cc:33-35`). */
export const NO_ACTIVE_TRANSFORM = -1;
export const INVALID_BUFFER = -2;
export const INVALID_WRITE = -3;

const OUTPUT_TOPIC_KEY = 0x01;

/** Takes a record that a guest wrote, for a topic or, with null, for the first one; returns whether there is such an output. */
export type Emit = (topic: string | null, payload: Uint8Array) => boolean;

/** The state of one VM between its calls. */
export class TransformModule {
  readonly #emit: Emit;
  readonly #setWallTime: (milliseconds: bigint) => void;
  #batch: SourceBatch | null = null;
  #next = 0;

  constructor(emit: Emit, setWallTime: (milliseconds: bigint) => void) {
    this.#emit = emit;
    this.#setWallTime = setWallTime;
  }

  /** Ends the batch that the guest was at, whether or not it has read all of it: records that it left are never seen again. */
  endBatch(): void {
    this.#batch = null;
  }

  /**
   * Writes a batch's header to the ten pointers of `read_batch_header`, and returns the size of its largest payload:
   *
   *     base_offset i64, record_count i32, partition_leader_epoch i32, attributes i16, last_offset_delta i32,
   *     base_timestamp i64, max_timestamp i64, producer_id i64, producer_epoch i16, base_sequence i32
   */
  beginBatch(memory: GuestMemory, batch: SourceBatch, pointers: readonly number[]): number {
    const { header, records } = batch;
    this.#batch = batch;
    this.#next = 0;
    const at = (index: number): number => pointers[index] ?? 0;
    memory.setInt64(at(0), header.baseOffset);
    memory.setInt32(at(1), batch.recordCount ?? records.length);
    memory.setInt32(at(2), header.partitionLeaderEpoch);
    memory.setInt16(at(3), header.attributes);
    memory.setInt32(at(4), header.lastOffsetDelta);
    memory.setInt64(at(5), header.baseTimestamp);
    memory.setInt64(at(6), header.maxTimestamp);
    memory.setInt64(at(7), header.producerId);
    memory.setInt16(at(8), header.producerEpoch);
    memory.setInt32(at(9), header.baseSequence);
    this.#setWallTime((header.attributes & LOG_APPEND_TIME) === 0 ? header.baseTimestamp : header.maxTimestamp);
    return Math.max(0, ...records.map(({ payload }) => payload.length));
  }

  /** Copies the next payload into the guest's buffer; a buffer that is too small leaves the record to be read again. */
  readNextRecord(memory: GuestMemory, [attributes = 0, timestamp = 0, offset = 0, buffer = 0, length = 0]: readonly number[]): number {
    const record = this.#batch?.records[this.#next];
    if (record === undefined) return NO_ACTIVE_TRANSFORM;
    if (length >>> 0 < record.payload.length) return INVALID_BUFFER;
    this.#next++;
    this.#setWallTime(record.timestamp);
    memory.span(attributes, 1)[0] = 0;
    memory.setInt64(timestamp, record.timestamp);
    memory.setInt64(offset, record.offset);
    memory.span(buffer, record.payload.length).set(record.payload);
    return record.payload.length;
  }

  /** Takes a payload for the topic that the options name; returns its length. The payload is judged before the options are. */
  write(memory: GuestMemory, [buffer = 0, length = 0, options = 0, optionsLength = 0]: readonly number[]): number {
    if (this.#batch === null) return NO_ACTIVE_TRANSFORM;
    const payload = memory.span(buffer, length).slice();
    if (readPayload(payload) === null) return INVALID_BUFFER;
    const topic = topicOf(memory.span(options, optionsLength));
    if (topic === undefined) return INVALID_BUFFER;
    return this.#emit(topic, payload) ? payload.length : INVALID_WRITE;
  }
}

/**
 * Returns the topic that options name, null for none, undefined when they are malformed:
 *
 *     nothing, or 0x01, length of the topic as a zig-zag varint, topic
 */
function topicOf(options: Uint8Array): string | null | undefined {
  if (options.length === 0) return null;
  if (options[0] !== OUTPUT_TOPIC_KEY) return undefined;
  const { value, end } = readVarint(options, 1);
  // The broker compares without a sign, so a negative length is a large one (`src/v/wasm/ffi.cc`, `read_string_view`).
  const length = BigInt.asUintN(64, value);
  const left = options.length - end;
  if (length > BigInt(left)) {
    throw GuestTrap.inHostFunction(`ffi::array buffer too small ${length} > ${left}, total: ${options.length}`);
  }
  return length < BigInt(left) ? undefined : Buffer.from(options.subarray(end)).toString();
}
