/**
 * Kafka's protocol as bytes: frames, and the fields of requests and responses. All integers are big-endian.
 *
 *     frame     size int32 (of what follows), then a request or a response
 *     request   api_key int16, api_version int16, correlation_id int32, client_id nullable string, [tags], body
 *     response  correlation_id int32, [tags], body
 *
 * The tags are there in flexible versions only. Those also have compact strings and arrays, with the length plus one as an unsigned varint in
 * front, 0 for null; the others have an int16 in front of a string and an int32 in front of an array, -1 for null.
 */

/** Cuts a stream of bytes into frames, each with its size in front. */
export class FrameReader {
  #rest = Buffer.alloc(0);

  /** Returns the frames that are whole now. */
  push(chunk: Buffer): Buffer[] {
    this.#rest = Buffer.concat([this.#rest, chunk]);
    const frames: Buffer[] = [];
    while (this.#rest.length >= 4) {
      const end = 4 + this.#rest.readInt32BE(0);
      if (this.#rest.length < end) break;
      frames.push(this.#rest.subarray(0, end));
      this.#rest = this.#rest.subarray(end);
    }
    return frames;
  }
}

/** Reads the fields of a request one after the other. */
export class FieldReader {
  readonly #bytes: Buffer;
  readonly #isFlexible: boolean;
  #at = 0;

  constructor(bytes: Buffer, isFlexible: boolean) {
    this.#bytes = bytes;
    this.#isFlexible = isFlexible;
  }

  int8(): number {
    return this.#bytes.readInt8(this.#skip(1));
  }

  int16(): number {
    return this.#bytes.readInt16BE(this.#skip(2));
  }

  int32(): number {
    return this.#bytes.readInt32BE(this.#skip(4));
  }

  int64(): bigint {
    return this.#bytes.readBigInt64BE(this.#skip(8));
  }

  string(): string | null {
    return this.#isFlexible ? this.#text(this.#uvarint() - 1) : this.classicString();
  }

  /** A string as no flexible version has it but in the header, where the client id is one in all versions. */
  classicString(): string | null {
    return this.#text(this.int16());
  }

  bytes(): Buffer {
    const length = this.#isFlexible ? this.#uvarint() - 1 : this.int32();
    return this.#bytes.subarray(this.#skip(Math.max(0, length)), this.#at);
  }

  array<Element>(read: () => Element): Element[] {
    const length = this.#isFlexible ? this.#uvarint() - 1 : this.int32();
    return Array.from({ length: Math.max(0, length) }, read);
  }

  /** The tags at the end of each structure: their number, and of each one its key, its length and its bytes. */
  tags(): void {
    if (!this.#isFlexible) return;
    for (let left = this.#uvarint(); left > 0; left--) {
      this.#uvarint();
      this.#skip(this.#uvarint());
    }
  }

  rest(): Buffer {
    return this.#bytes.subarray(this.#at);
  }

  #skip(length: number): number {
    const at = this.#at;
    this.#at += length;
    return at;
  }

  #text(length: number): string | null {
    return length < 0 ? null : this.#bytes.toString("utf8", this.#skip(length), this.#at);
  }

  #uvarint(): number {
    for (let value = 0, shift = 0; ; shift += 7) {
      const byte = this.#bytes.readUInt8(this.#skip(1));
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }
}

/** Writes the fields of a response one after the other. */
export class FieldWriter {
  readonly #parts: Buffer[] = [];
  readonly #isFlexible: boolean;

  constructor(isFlexible: boolean) {
    this.#isFlexible = isFlexible;
  }

  int8(value: number): this {
    return this.#fixed(1, (bytes) => bytes.writeInt8(value));
  }

  int16(value: number): this {
    return this.#fixed(2, (bytes) => bytes.writeInt16BE(value));
  }

  int32(value: number): this {
    return this.#fixed(4, (bytes) => bytes.writeInt32BE(value));
  }

  int64(value: bigint): this {
    return this.#fixed(8, (bytes) => bytes.writeBigInt64BE(value));
  }

  string(value: string | null): this {
    const text = Buffer.from(value ?? "");
    if (this.#isFlexible) this.#uvarint(value === null ? 0 : text.length + 1);
    else this.int16(value === null ? -1 : text.length);
    this.#parts.push(text);
    return this;
  }

  array<Element>(elements: readonly Element[], write: (element: Element) => void): this {
    if (this.#isFlexible) this.#uvarint(elements.length + 1);
    else this.int32(elements.length);
    for (const element of elements) write(element);
    return this;
  }

  /** No tags at all. */
  tags(): this {
    if (this.#isFlexible) this.#uvarint(0);
    return this;
  }

  written(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #fixed(length: number, write: (bytes: Buffer) => void): this {
    const bytes = Buffer.alloc(length);
    write(bytes);
    this.#parts.push(bytes);
    return this;
  }

  #uvarint(value: number): void {
    const bytes: number[] = [];
    let rest = value;
    for (; rest >= 0x80; rest >>>= 7) bytes.push((rest & 0x7f) | 0x80);
    this.#parts.push(Buffer.from([...bytes, rest]));
  }
}

/** Puts the size in front. */
export function frameOf(...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  const frame = Buffer.alloc(4 + content.length);
  frame.writeInt32BE(content.length, 0);
  content.copy(frame, 4);
  return frame;
}
