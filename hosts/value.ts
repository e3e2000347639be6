/** A record's value as callers may have it. */
import { RouterError } from "./router-error.ts";

/** Bytes, or text that stands for its UTF-8; null is a tombstone. */
export type Value = Uint8Array | string | null;

const encoder = new TextEncoder();

/**
 * Returns a value's bytes. Throws `RouterError` for anything else, which JavaScript would take for an empty value. An `instanceof` would refuse
 * the bytes of another realm, such as a frame or a test runner's sandbox.
 */
export function bytesOfValue(value: Value): Uint8Array | null {
  if (value === null) return null;
  if (typeof value === "string") return encoder.encode(value);
  if (!ArrayBuffer.isView(value) || value.BYTES_PER_ELEMENT !== 1) throw new RouterError("ValueType", null);
  return value;
}
