// RecordBatch, magic 2, big endian (Kafka documentation, "Message Format"):
//
//      0 i64 baseOffset            21 i16 attributes         43 i64 producerId
//      8 i32 batchLength           23 i32 lastOffsetDelta    51 i16 producerEpoch
//     12 i32 partitionLeaderEpoch  27 i64 baseTimestamp      53 i32 baseSequence
//     16 i8  magic                 35 i64 maxTimestamp       57 i32 recordCount
//     17 u32 crc of 21 to the end                            61 records
export const BATCH_LENGTH: usize = 8;
export const LEADER_EPOCH: usize = 12;
export const MAGIC: usize = 16;
export const CRC: usize = 17;
export const ATTRIBUTES: usize = 21;
export const LAST_OFFSET_DELTA: usize = 23;
export const BASE_TIME: usize = 27;
export const MAX_TIME: usize = 35;
export const PRODUCER_ID: usize = 43;
export const PRODUCER_EPOCH: usize = 51;
export const BASE_SEQUENCE: usize = 53;
export const RECORD_COUNT: usize = 57;
export const HEADER_BYTES: u32 = 61;

/** Bytes of the header that the length field does not count. */
export const LENGTH_BASE: u32 = 12;
/** The shortest record: seven fields of a byte each. */
export const RECORD_BYTES_MIN: u32 = 7;

export const COMPRESSION_MASK: u32 = 0x07;
export const LOG_APPEND_TIME: u32 = 0x08;
export const TRANSACTIONAL: u32 = 0x10;
export const CONTROL: u32 = 0x20;
