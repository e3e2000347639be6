/** Bytes as people write and read them. */

/** Returns the UTF-8 bytes of a text. */
export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** Returns bytes from text in pairs of hexadecimal digits, spaces between them at will. */
export function hexBytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text.replaceAll(" ", ""), "hex"));
}

/** Returns the parts as one. */
export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}

/** Returns whether two runs of bytes are the same. */
export function sameBytes(left: Uint8Array, right: Uint8Array): boolean {
  return Buffer.compare(left, right) === 0;
}

/** Returns bytes as a quoted text, every byte that is not printable ASCII as an escape; null is `null`. */
export function literalOf(bytes: Uint8Array | null): string {
  if (bytes === null) return "null";
  const text = Array.from(bytes, (byte) => {
    if (byte === 0x22 || byte === 0x5c) return "\\" + String.fromCharCode(byte);
    return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "\\x" + byte.toString(16).padStart(2, "0");
  });
  return `"${text.join("")}"`;
}
