/** Most outputs that one rule may name. */
export const OUTPUTS_MAX: u32 = 8;

/** Most bytes in the name of an output. */
export const OUTPUT_NAME_BYTES_MAX: u32 = 64;

/** Most bytes that a prefix may have once its escapes are resolved. */
export const PREFIX_BYTES_MAX: u32 = 255;

/** Most bytes of rule text: room for every prefix written wholly in `\xHH`, and to spare. */
export const RULE_BYTES_MAX: u32 = 16384;

/** Most bytes that `reserve` gives to the input, and to each output. Keeps every sum of two lengths far below 2^32. */
export const ARENA_BYTES_MAX: u32 = 0x10000000;

/** Most records that `reserve` gives tables for. */
export const RECORDS_MAX: u32 = 0x1000000;

/**
 * Bytes past the end of an arena that the core may read (input) or overwrite (outputs): it copies in steps of 32 bytes and rounds up, which
 * is several times faster than an exact copy of a short value.
 */
export const SLACK_BYTES: u32 = 64;
