/**
 * A record's payload, in both directions the tail of a Kafka record of magic 2:
 *
 *     key length     zig-zag varint, -1 = null      key
 *     value length   zig-zag varint, -1 = null      value
 *     header count   zig-zag varint
 *     for each       key length varint, key, value length varint (-1 = null), value
 */
import { joined } from "../bytes.ts";
import type { BatchRecord } from "../record-batch.ts";
import { varint } from "../record-batch.ts";

type Content = Pick<BatchRecord, "key" | "value" | "headers">;

const VARINT_BYTES_MAX = 10;

/** Returns the payload of a record. */
export function encodePayload({ key, value, headers }: Content): Uint8Array {
  const fields = [key, value, ...headers.flatMap((header) => [header.key, header.value])].map(sized);
  return joined([...fields.slice(0, 2), varint(BigInt(headers.length)), ...fields.slice(2)]);
}

function sized(bytes: Uint8Array | null): Uint8Array {
  return bytes === null ? varint(-1n) : joined([varint(BigInt(bytes.length)), bytes]);
}

/**
 * Returns a varint and where it ends. As in the broker (`src/v/utils/vint.h`), bytes that end too early are no fault: what is there counts,
 * and of no bytes at all the number is 0.
 */
export function readVarint(bytes: Uint8Array, from: number): { readonly value: bigint; readonly end: number } {
  let bits = 0n;
  let at = from;
  while (at < bytes.length && at - from < VARINT_BYTES_MAX) {
    const byte = bytes[at] ?? 0;
    bits |= BigInt(byte & 0x7f) << BigInt(7 * (at - from));
    at++;
    if (byte < 0x80) break;
  }
  bits = BigInt.asUintN(64, bits);
  return { value: BigInt.asIntN(64, (bits >> 1n) ^ -(bits & 1n)), end: at };
}

/** Takes the fields of a payload one after the other; a length that is not allowed, or more than there is, makes it invalid. */
class FieldReader {
  readonly #bytes: Uint8Array;
  #at = 0;
  isValid = true;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  number(): bigint {
    const { value, end } = readVarint(this.#bytes, this.#at);
    this.#at = end;
    return value;
  }

  field(): Uint8Array | null {
    const length = this.number();
    if (length < -1n || length > BigInt(this.left())) {
      this.isValid = false;
      return null;
    }
    if (length === -1n) return null;
    this.#at += Number(length);
    return this.#bytes.slice(this.#at - Number(length), this.#at);
  }

  left(): number {
    return this.#bytes.length - this.#at;
  }
}

/**
 * Returns a payload's content, or null for one that the broker does not let a guest write (`src/v/model/transform.cc:38-75`): a length
 * below -1, a negative number of headers, a field that crosses the end, or bytes left over.
 */
export function readPayload(bytes: Uint8Array): Content | null {
  const reader = new FieldReader(bytes);
  const [key, value] = [reader.field(), reader.field()];
  const headerCount = reader.number();
  const headers: BatchRecord["headers"][number][] = [];
  for (let count = 0n; count < headerCount && reader.isValid; count++) {
    // The broker takes a header without a key; to the consumers it is one with an empty key.
    headers.push({ key: reader.field() ?? new Uint8Array(0), value: reader.field() });
  }
  return reader.isValid && headerCount >= 0n && reader.left() === 0 ? { key, value, headers } : null;
}
