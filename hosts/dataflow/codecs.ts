/** Compresses the records of a RecordBatch, and inflates them. The only file that imports the codecs' library. */
import { promisify } from "node:util";
import { gunzipSync, gzip, zstdCompress, zstdDecompressSync } from "node:zlib";
import { lz4Compress, lz4Decompress, snappyCompress, snappyDecompress } from "@platformatic/wasm-utils";
import { lz4Length } from "./lz4-length.ts";

/** Names by the codec number in the batch's attributes (bits 0 to 2). */
const CODEC_NAMES = ["none", "gzip", "snappy", "lz4", "zstd"] as const;

/** How the records of a batch are compressed. */
export type Codec = (typeof CODEC_NAMES)[number];

/** Java's snappy streams begin with this ("xerial" framing): magic, version and compatible version, 16 bytes in all. */
const XERIAL_MAGIC = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER = Buffer.concat([XERIAL_MAGIC, Buffer.from([0, 0, 0, 1, 0, 0, 0, 1])]);

/** The records would take more room than a batch is allowed, or the codec is none that Kafka knows. */
export class CodecError extends Error {
  override readonly name = "CodecError";
}

/** Returns a codec's name for people. */
export function codecName(codec: number): string {
  return CODEC_NAMES[codec] ?? `unknown codec ${codec}`;
}

/** Returns a codec's number in the attributes. */
export function codecNumber(codec: Codec): number {
  return CODEC_NAMES.indexOf(codec);
}

const gzipped = promisify(gzip);
const zstdCompressed = promisify(zstdCompress);

/** How records are compressed. gzip and zstd work on another thread; snappy and LZ4 are done before a thread would have begun. */
const COMPRESSORS: Readonly<Record<Codec, (records: Buffer) => Uint8Array | Promise<Uint8Array>>> = {
  none: (records) => records,
  gzip: gzipped,
  snappy: (records) => {
    const block = snappyCompress(records);
    const length = Buffer.alloc(4);
    length.writeInt32BE(block.length);
    return Buffer.concat([XERIAL_HEADER, length, block]);
  },
  lz4: lz4Compress,
  zstd: zstdCompressed,
};

/** Returns the compressed records. */
export async function compress(codec: Codec, records: Uint8Array): Promise<Uint8Array> {
  return COMPRESSORS[codec](Buffer.from(records.buffer, records.byteOffset, records.length));
}

/** Returns the inflated records, at most `bytesMax`. Throws `CodecError` for an unknown codec or too many bytes, other errors for bad data. */
export function inflate(codec: number, records: Uint8Array, bytesMax: number): Uint8Array {
  switch (codec) {
    case 1:
      return bounded(() => gunzipSync(records, { maxOutputLength: bytesMax }), bytesMax);
    case 2:
      return inflateSnappy(Buffer.from(records.buffer, records.byteOffset, records.length), bytesMax);
    case 3:
      return inflateLz4(Buffer.from(records.buffer, records.byteOffset, records.length), bytesMax);
    case 4:
      return bounded(() => zstdDecompressSync(records, { maxOutputLength: bytesMax }), bytesMax);
    default:
      throw new CodecError(`unknown compression codec ${codec}; known are ${CODEC_NAMES.join(", ")}`);
  }
}

function bounded(run: () => Uint8Array, bytesMax: number): Uint8Array {
  let inflated: Uint8Array;
  try {
    inflated = run();
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_BUFFER_TOO_LARGE") throw tooLarge(bytesMax);
    throw error;
  }
  if (inflated.length > bytesMax) throw tooLarge(bytesMax);
  return inflated;
}

function inflateLz4(records: Buffer, bytesMax: number): Uint8Array {
  if (lz4Length(records, bytesMax) > bytesMax) throw tooLarge(bytesMax);
  return bounded(() => lz4Decompress(records), bytesMax);
}

function tooLarge(bytesMax: number): CodecError {
  return new CodecError(`the RecordBatch inflates to more than ${bytesMax} bytes`);
}

/** Raw snappy, or xerial framing: the header, then blocks of `i32 length, snappy`. */
function inflateSnappy(records: Buffer, bytesMax: number): Uint8Array {
  if (!records.subarray(0, XERIAL_MAGIC.length).equals(XERIAL_MAGIC)) return inflateSnappyBlock(records, bytesMax, 0);
  const blocks: Uint8Array[] = [];
  let bytes = 0;
  for (let at = XERIAL_HEADER.length; at < records.length;) {
    const length = records.readInt32BE(at);
    at += 4;
    if (length < 0 || length > records.length - at) throw new Error("a snappy block crosses the end of its RecordBatch");
    const block = inflateSnappyBlock(records.subarray(at, at + length), bytesMax, bytes);
    blocks.push(block);
    bytes += block.length;
    at += length;
  }
  return Buffer.concat(blocks);
}

/** A snappy block says in front how long it will be: a varint. With the bytes before it, it is checked before anything is allocated. */
function inflateSnappyBlock(block: Buffer, bytesMax: number, bytesBefore: number): Uint8Array {
  let length = 0;
  for (let at = 0; ; at++) {
    const byte = block[at];
    if (byte === undefined || at > 4) throw new Error("a snappy block has no length");
    length += (byte & 0x7f) * 2 ** (7 * at);
    if (byte < 0x80) break;
  }
  if (length > bytesMax - bytesBefore) throw tooLarge(bytesMax);
  return snappyDecompress(block);
}
