/** The Castagnoli polynomial, bits reversed (RFC 3720, appendix B.4). */
const POLYNOMIAL: u32 = 0x82f63b78;

// Table k at k * 1024 holds, for each byte, its remainder when k more bytes follow: 16 tables let a step take 16 bytes with independent
// look-ups ("slicing", Kounavis and Berry, 2005).
const TABLES: usize = memory.data(16384, 64);

for (let byte: u32 = 0; byte < 256; byte++) {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (POLYNOMIAL & (0 - (crc & 1)));
  store<u32>(TABLES + ((<usize>byte) << 2), crc);
}
for (let byte: u32 = 0; byte < 256; byte++) {
  let crc = load<u32>(TABLES + ((<usize>byte) << 2));
  for (let table: usize = 1; table < 16; table++) {
    crc = load<u32>(TABLES + ((<usize>(crc & 0xff)) << 2)) ^ (crc >> 8);
    store<u32>(TABLES + (table << 10) + ((<usize>byte) << 2), crc);
  }
}

class Table {
  /** Returns the remainder of byte `lane` (0 to 3) of a word that `after` more bytes follow. `after` is a constant at every call. */
  @inline
  static of(word: u32, lane: u32, after: usize): u32 {
    return load<u32>(TABLES + (after << 10) + ((<usize>((word >> (lane << 3)) & 0xff)) << 2));
  }

  /** Returns the remainder of four bytes that `after` more follow. */
  @inline
  static ofWord(word: u32, after: usize): u32 {
    return Table.of(word, 0, after + 3) ^ Table.of(word, 1, after + 2) ^ Table.of(word, 2, after + 1) ^ Table.of(word, 3, after);
  }
}

/** Returns the CRC-32C of `length` bytes (RFC 3720: initial value and final complement of all ones). */
export function crc32cOf(address: usize, length: u32): u32 {
  let crc: u32 = 0xffffffff;
  const end = address + length;
  for (; end - address >= 16; address += 16) {
    // The first word waits for the step before; the other three do not, so they come first.
    crc =
      Table.ofWord(load<u32>(address, 4), 8) ^
      Table.ofWord(load<u32>(address, 8), 4) ^
      Table.ofWord(load<u32>(address, 12), 0) ^
      Table.ofWord(load<u32>(address) ^ crc, 12);
  }
  for (; address < end; address++) crc = load<u32>(TABLES + ((<usize>((crc ^ load<u8>(address)) & 0xff)) << 2)) ^ (crc >> 8);
  return ~crc;
}

/** Returns the product of two remainders modulo the polynomial. The coefficient of x^0 is the highest bit. */
function multiply(left: u32, right: u32): u32 {
  let product: u32 = 0;
  for (let bit: u32 = 0x80000000; bit !== 0; bit >>= 1) {
    if ((left & bit) !== 0) product ^= right;
    right = (right >> 1) ^ (POLYNOMIAL & (0 - (right & 1)));
  }
  return product;
}

/**
 * Returns what a difference of two CRCs becomes when `count` equal bytes follow both: the difference times x^(8 * count). By this the CRC
 * of a batch is mended after a change in its header without another pass over its records.
 */
export function crc32cDifference(difference: u32, count: u32): u32 {
  // x^8, then x^16, x^32, …: one square for each bit of the count.
  let power: u32 = 0x00800000;
  for (; count !== 0; count >>= 1) {
    if ((count & 1) !== 0) difference = multiply(difference, power);
    power = multiply(power, power);
  }
  return difference;
}
