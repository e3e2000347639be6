import { Text, addressOf } from "./texts.ts";

// Text is ASCII, put together byte by byte. Each function writes at an address and returns the address behind what it wrote.

const ZERO: u8 = 0x30;
const MINUS: u8 = 0x2d;
const EQUALS: u8 = 0x3d;

/** Writes one of the guest's texts. */
export function writeText(at: usize, text: Text): usize {
  return writeName(at, addressOf(text));
}

/** Writes the bytes before a zero or a "=": a text, or the name of a variable. */
export function writeName(at: usize, name: usize): usize {
  for (let byte = load<u8>(name); byte !== 0 && byte !== EQUALS; byte = load<u8>(++name)) store<u8>(at++, byte);
  return at;
}

/** Writes a number in decimal; at most 20 bytes. */
export function writeNumber(at: usize, number: i64): usize {
  if (number < 0) {
    store<u8>(at, MINUS);
    return writeDigits(at + 1, 0 - <u64>number);
  }
  return writeDigits(at, number);
}

/** Calls itself for the digits before the last one. */
function writeDigits(at: usize, number: u64): usize {
  if (number > 9) at = writeDigits(at, number / 10);
  store<u8>(at, ZERO + <u8>(number % 10));
  return at + 1;
}

/** Writes why and where a record is unroutable, as dead letters and logs have it. */
export function writeReason(at: usize, reason: usize, byteOffset: u32): usize {
  return writeNumber(writeText(writeName(at, reason), Text.AtByte), byteOffset);
}

/** Returns whether the bytes at an address begin with a text. */
export function beginsWith(at: usize, text: Text): bool {
  return beginsWithBytes(at, addressOf(text));
}

/** Returns whether the bytes at an address begin with others, up to a zero. */
export function beginsWithBytes(at: usize, expected: usize): bool {
  while (load<u8>(expected) !== 0) {
    if (load<u8>(at++) !== load<u8>(expected++)) return false;
  }
  return true;
}
