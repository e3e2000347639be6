/**
 * How long an LZ4 frame will be when it is inflated, without inflating it: the library can't be told of a limit, and keeps the memory that it
 * once had. All integers are little-endian (LZ4 Frame Format, LZ4 Block Format):
 *
 *     frame   magic u32, flags u8, block size u8, [content size u64] [dictionary id u32], header checksum u8, blocks, u32 0, [checksum u32]
 *     flags   bit 4 block checksums, bit 3 content size, bit 0 dictionary id
 *     block   size u32 (the highest bit: it is not compressed), as many bytes, [checksum u32]
 *     bytes   sequences: token u8 (length of literals, length of match), literals, offset u16 of the match; the last has literals alone
 */
const MAGIC = 0x184d2204;
const HEADER_BYTES_MIN = 7;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const DICTIONARY_ID = 0x01;
const NOT_COMPRESSED = 0x80000000;
/** A length in a token that is all ones goes on in the bytes behind it. */
const NIBBLE_MAX = 15;
/** What a match is long at least, which its length does not say. */
const MATCH_MIN = 4;

/**
 * Returns the bytes that a frame inflates to, or, once there are more than `bytesMax`, any number above it. Where something makes no sense it
 * returns what came before, for the library to refuse. Throws for what is no such frame: the library knows an older format, Kafka does not.
 */
export function lz4Length(frame: Buffer, bytesMax: number): number {
  if (frame.length < HEADER_BYTES_MIN || frame.readUInt32LE(0) !== MAGIC) throw new Error("the records are no LZ4 frame");
  const flags = frame[4] ?? 0;
  let at = HEADER_BYTES_MIN + ((flags & CONTENT_SIZE) === 0 ? 0 : 8) + ((flags & DICTIONARY_ID) === 0 ? 0 : 4);
  let length = 0;
  while (at + 4 <= frame.length && length <= bytesMax) {
    const size = frame.readUInt32LE(at);
    if (size === 0) break;
    const from = at + 4;
    const end = from + (size % NOT_COMPRESSED);
    length += size >= NOT_COMPRESSED ? end - from : blockLength(frame.subarray(from, end));
    at = end + ((flags & BLOCK_CHECKSUMS) === 0 ? 0 : 4);
  }
  return length;
}

/** Returns the bytes that one block inflates to. */
function blockLength(block: Buffer): number {
  let length = 0;
  let at = 0;
  const lengthOf = (nibble: number): number => {
    if (nibble < NIBBLE_MAX) return nibble;
    let sum = nibble;
    for (let byte = 255; byte === 255; sum += byte) byte = block[at++] ?? 0;
    return sum;
  };
  while (at < block.length) {
    const token = block[at++] ?? 0;
    const literals = lengthOf(token >> 4);
    length += literals;
    at += literals;
    if (at >= block.length) break;
    at += 2;
    length += MATCH_MIN + lengthOf(token & NIBBLE_MAX);
  }
  return length;
}
