/**
 * The encoding of Kafka's flexible versions (KIP-482), which kafkajs has none of: lengths and counts are unsigned varints of one more than there are,
 * with 0 for null, and behind each structure there are tagged fields, of which this client sends none and skips what it gets:
 *
 *     tagged fields  count uvarint, then each: tag uvarint, length uvarint, bytes
 */

/** Writes one request. Each method returns the writer. */
export class FlexibleWriter {
  readonly #parts: Buffer[] = [];

  int8(value: number): this {
    const bytes = Buffer.alloc(1);
    bytes.writeInt8(value);
    return this.#push(bytes);
  }

  int16(value: number): this {
    const bytes = Buffer.alloc(2);
    bytes.writeInt16BE(value);
    return this.#push(bytes);
  }

  int32(value: number): this {
    const bytes = Buffer.alloc(4);
    bytes.writeInt32BE(value);
    return this.#push(bytes);
  }

  int64(value: bigint): this {
    const bytes = Buffer.alloc(8);
    bytes.writeBigInt64BE(value);
    return this.#push(bytes);
  }

  string(text: string | null): this {
    if (text === null) return this.#uvarint(0);
    const bytes = Buffer.from(text);
    return this.#uvarint(bytes.length + 1).#push(bytes);
  }

  array<Item>(items: readonly Item[], write: (item: Item) => void): this {
    this.#uvarint(items.length + 1);
    for (const item of items) write(item);
    return this;
  }

  /** The end of a structure. */
  noTags(): this {
    return this.#uvarint(0);
  }

  bytes(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #uvarint(value: number): this {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    bytes.push(rest);
    return this.#push(Buffer.from(bytes));
  }

  #push(bytes: Buffer): this {
    this.#parts.push(bytes);
    return this;
  }
}

/** Reads one response. A read behind its end throws `RangeError`. */
export class FlexibleReader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  int16(): number {
    this.#at += 2;
    return this.#bytes.readInt16BE(this.#at - 2);
  }

  int32(): number {
    this.#at += 4;
    return this.#bytes.readInt32BE(this.#at - 4);
  }

  int64(): bigint {
    this.#at += 8;
    return this.#bytes.readBigInt64BE(this.#at - 8);
  }

  /** A string, or null. */
  string(): string | null {
    const length = this.#uvarint() - 1;
    if (length < 0) return null;
    return this.#take(length).toString();
  }

  array<Item>(read: () => Item): Item[] {
    // As far as there are bytes for them, whatever the count says.
    return Array.from({ length: Math.min(this.#uvarint() - 1, this.#bytes.length) }, read);
  }

  /** The end of a structure. */
  skipTags(): void {
    for (let left = this.#uvarint(); left > 0; left--) {
      this.#uvarint();
      this.#take(this.#uvarint());
    }
  }

  #take(length: number): Buffer {
    if (this.#at + length > this.#bytes.length) throw new RangeError("a response ends in the middle of a field");
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  #uvarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#at++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError("an unsigned varint has more than five bytes");
  }
}
