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
  return ~(length < FOLD_BYTES_MIN ? sliced(0xffffffff, address, length) : folded(0xffffffff, address, length));
}

/** Carries `crc` over `length` bytes, 16 a step. */
function sliced(crc: u32, address: usize, length: u32): u32 {
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
  return crc;
}

// Folding without tables ("Chorba", arXiv 2412.16398). A multiple of the Castagnoli polynomial has only six terms, all of them whole bytes
// apart: a byte may be taken out of a message when it is added to the bytes 260, 261, 266, 379 and 437 further on. Done to all but the last
// 437 bytes or so, that leaves a short message with the CRC of the whole. Words and vectors move like bytes, and the shortest distance is long
// enough that no load waits for a store just made.
const WINDOW: u32 = 437;
/** Below this the fixed cost of clearing and finishing is more than folding saves. */
const FOLD_BYTES_MIN: u32 = 896;
/** A block of folded bytes that stays in the first-level cache, behind the window before it. */
const BLOCK_BYTES: u32 = 4096;
const HISTORY_BYTES: usize = 448;
const HISTORY: usize = memory.data(4608, 64);
const FOLDED: usize = HISTORY + HISTORY_BYTES;
const REST: usize = memory.data(512, 64);

/** Carries `crc` over `length` bytes, at least `FOLD_BYTES_MIN`. */
function folded(crc: u32, address: usize, length: u32): u32 {
  memory.fill(HISTORY, 0, HISTORY_BYTES);
  let left = length;
  let carry = <u64>crc;
  let block: u32 = 0;
  for (;;) {
    block = min((left - WINDOW) & ~31, BLOCK_BYTES);
    if (block === 0) break;
    Fold.step(FOLDED, FOLDED, address);
    // Not added before: nothing folded so far has looked at these bytes.
    store<u64>(FOLDED, load<u64>(FOLDED) ^ carry);
    carry = 0;
    for (let i: usize = 16; i < <usize>block; i += 16) Fold.step(FOLDED + i, FOLDED + i, address + i);
    address += block;
    left -= block;
    memory.copy(HISTORY, HISTORY + block, HISTORY_BYTES);
  }
  // Bytes folded last still owe to the rest of the message what reaches beyond their own end.
  memory.fill(FOLDED, 0, 512);
  for (let i: usize = 0; i < <usize>left; i += 16) Fold.step(REST + i, FOLDED + i, address + i);
  return sliced(0, REST, left);
}

class Fold {
  /** Writes to `to` the sixteen bytes at `from` with what the bytes folded before them add; `place` is where these are folded to, or would be. */
  @inline
  static step(to: usize, place: usize, from: usize): void {
    const window = place - WINDOW;
    if (ASC_FEATURE_SIMD) {
      const far = v128.xor(v128.load(window), v128.load(window, 437 - 379));
      const near = v128.xor(v128.xor(v128.load(window, 437 - 266), v128.load(window, 437 - 261)), v128.load(window, 437 - 260));
      v128.store(to, v128.xor(v128.xor(v128.load(from), far), near));
    } else {
      store<u64>(to, Fold.word(window, load<u64>(from)));
      store<u64>(to, Fold.word(window + 8, load<u64>(from, 8)), 8);
    }
  }

  /** Returns eight bytes of the message with what the bytes before them add. `window` is where the folded bytes are, 437 before these. */
  @inline
  static word(window: usize, bytes: u64): u64 {
    const far = load<u64>(window) ^ load<u64>(window, 437 - 379);
    const near = load<u64>(window, 437 - 266) ^ load<u64>(window, 437 - 261) ^ load<u64>(window, 437 - 260);
    return bytes ^ far ^ near;
  }
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
