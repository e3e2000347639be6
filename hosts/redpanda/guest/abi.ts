// What the broker gives the guest: version 2 of the ABI of Redpanda's data transforms, and of WASI preview 1 the three functions that the guest
// needs. Addresses are i32, all numbers in memory little-endian and naturally aligned. An address outside of the memory traps.
//
// A record is passed in both directions as the tail of a record of Kafka's message format 2, the payload:
//
//     varint keyLength       zigzag; -1 is null
//     u8[]   key
//     varint valueLength     zigzag; -1 is null
//     u8[]   value
//     varint headerCount     zigzag
//     for each header: varint keyLength, u8[] key, varint valueLength (-1 is null), u8[] value

/** Tells the broker, when the module is deployed, which version of the ABI it speaks. Does nothing when called. */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("redpanda_transform", "check_abi_version_2")
export declare function checkAbiVersion2(): void;

/**
 * Ends the batch before, waits for the next one and writes its header to ten addresses:
 *
 *     i64 baseOffset, i32 recordCount, i32 partitionLeaderEpoch, i16 attributes, i32 lastOffsetDelta,
 *     i64 baseTimestamp, i64 maxTimestamp, i64 producerId, i16 producerEpoch, i32 baseSequence
 *
 * Returns the bytes of the batch's largest payload. Records that were not read are left out for good.
 */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("redpanda_transform", "read_batch_header")
export declare function readBatchHeader(
  baseOffset: usize,
  recordCount: usize,
  partitionLeaderEpoch: usize,
  attributes: usize,
  lastOffsetDelta: usize,
  baseTimestamp: usize,
  maxTimestamp: usize,
  producerId: usize,
  producerEpoch: usize,
  baseSequence: usize,
): i32;

/**
 * Copies the next payload of the batch to `payload`, which has room for `length` bytes, and writes to the other addresses
 *
 *     u8 attributes, i64 timestamp (milliseconds since 1970), i64 offset
 *
 * Returns the bytes of the payload; -1 when the batch has no more; -2, with the record left where it is, when there is not room enough.
 */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("redpanda_transform", "read_next_record")
export declare function readNextRecord(attributes: usize, timestamp: usize, offset: usize, payload: usize, length: u32): i32;

/**
 * Writes a payload to the topic that the options name:
 *
 *     u8     1               the only option there is
 *     varint topicLength     zigzag
 *     u8[]   topic
 *
 * Returns `length`; -1 outside of a batch; -2 when payload or options are malformed; -3 when the topic is none of the transform's.
 */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("redpanda_transform", "write_record_with_options")
export declare function writeRecordWithOptions(payload: usize, length: u32, options: usize, optionsLength: u32): i32;

/** Writes to `count` how many environment variables there are, and to `length` their bytes. Returns 0. */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("wasi_snapshot_preview1", "environ_sizes_get")
export declare function environSizesGet(count: usize, length: usize): i32;

/** Writes the variables to `bytes`, as `name=value` and a zero each, and the address of each one to the u32s at `addresses`. Returns 0. */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("wasi_snapshot_preview1", "environ_get")
export declare function environGet(addresses: usize, bytes: usize): i32;

/**
 * Writes what `vectorCount` pairs of u32 address and u32 length point to; `fd` 2 is the transform's log, as a warning. The bytes that were
 * written are counted at `written`. Returns 0.
 */
// @ts-expect-error: a decorator on a declaration is AssemblyScript's alone
@external("wasi_snapshot_preview1", "fd_write")
export declare function fdWrite(fd: i32, vectors: usize, vectorCount: u32, written: usize): i32;
