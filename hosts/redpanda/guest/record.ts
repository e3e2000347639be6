/**
 * What the broker writes of a record besides its payload:
 *
 *     0 u8  attributes
 *     8 i64 timestamp    milliseconds since 1970
 *    16 i64 offset
 */
export const RECORD: usize = memory.data(24, 8);
export const RECORD_TIMESTAMP: usize = 8;
export const RECORD_OFFSET: usize = 16;
