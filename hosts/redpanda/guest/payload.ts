// The broker does not look into a payload: a malformed one gets here if a producer writes it. So no length is believed before it is compared.

/** Where in the payload the guest is. A varint that is read past the payload's end stays within the room behind it. */
export let cursor: usize = 0;

/** Begins to read at an address. */
export function readFrom(address: usize): void {
  cursor = address;
}

/** Reads a varint of up to ten bytes as it stands, in zigzag: twice the number, or one less than twice a negative one without its sign. */
export function readVarint(): u64 {
  let byte = <u64>load<u8>(cursor);
  cursor++;
  if (byte < 0x80) return byte;
  let value = byte & 0x7f;
  let shift: u64 = 7;
  for (; byte > 0x7f && shift < 70; shift += 7) {
    byte = load<u8>(cursor++);
    value |= (byte & 0x7f) << shift;
  }
  // With a tenth byte that is not 0 it is negative or far too large. One large number stands for all: sums with it do not wrap around.
  return shift === 70 && byte !== 0 ? (<u64>1) << 40 : value;
}

/** Passes over the bytes that a length has before them; when they are malformed, to behind the payload's end. A null has length -1 and no bytes. */
export function passBytes(length: u64, end: usize): void {
  // Rotated, an even length is halved, and a negative one, which is odd, becomes far too large; a null counts as 0.
  const next = <u64>cursor + rotr(length - u64(length === 1), 1);
  cursor = next > <u64>end ? end + 1 : <usize>next;
}

/** Passes over the headers: a count, and for each a key, which is never null, and a value. Returns whether they end where the payload does. */
export function passHeaders(end: usize): bool {
  const count = readVarint();
  // In zigzag the count is doubled, as the fields are; a negative one is odd.
  let fields: u64 = 0;
  for (; cursor < end; fields += 2) {
    const keyLength = readVarint();
    if (keyLength === 1) return false;
    passBytes(keyLength, end);
    passBytes(readVarint(), end);
  }
  return cursor === end && fields === count;
}
