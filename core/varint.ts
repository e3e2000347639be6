const CONTINUES: u64 = 0x8080808080808080;

/**
 * Varints as Kafka and Protocol Buffers write them: seven bits a byte, least significant first, the high bit set on all but the last byte.
 * They are read from a word: the eight bytes at the varint's address, whatever follows it. So size and value are pure functions, and
 * nothing depends on where the varint ends until the caller compares.
 */
export class Varint {
  /** Returns the bytes the varint has: 1 to 8, or 9 when it does not end within the word. */
  @inline
  static size(word: u64): u32 {
    return (word & 0x80) === 0 ? 1 : 1 + ((<u32>ctz(~word & CONTINUES)) >> 3);
  }

  /** Returns the varint's value, unsigned; for a size above 8, the value of its first 56 bits. */
  @inline
  static value(word: u64): u64 {
    return (word & 0x80) === 0 ? word & 0x7f : wideValue(word);
  }

  /** Returns the bytes that a value takes; at most 5. */
  @inline
  static sizeOf(value: u32): u32 {
    return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
  }

  /** Writes a value and returns the address behind it. */
  @inline
  static write(target: usize, value: u32): usize {
    if (value < 0x80) {
      store<u8>(target, value);
      return target + 1;
    }
    if (value < 0x4000) {
      store<u16>(target, (value & 0x7f) | 0x80 | ((value >> 7) << 8));
      return target + 2;
    }
    return writeVarlong(target, value);
  }

  /** Returns the number that a zig-zag value stands for: 0, -1, 1, -2, … */
  @inline
  static unzigzag(value: u64): i64 {
    return (<i64>(value >> 1)) ^ -(<i64>(value & 1));
  }

  /** Returns the zig-zag value of a number. */
  @inline
  static zigzag(value: i64): u64 {
    return (<u64>(value << 1)) ^ (<u64>(value >> 63));
  }
}

/** Drops the continuation bits: pairs of 7 to 14 bits, then 28, then 56. */
function wideValue(word: u64): u64 {
  // The lowest set bit is the one of the last byte: keep all below it.
  const last = ~word & CONTINUES;
  let x = word & (last ^ (last - 1)) & ~CONTINUES;
  x = (x & 0x007f007f007f007f) | ((x & 0x7f007f007f007f00) >> 1);
  x = (x & 0x00003fff00003fff) | ((x & 0x3fff00003fff0000) >> 2);
  return (x & 0x000000000fffffff) | ((x & 0x0fffffff00000000) >> 4);
}

/** Returns the bytes of a varlong that does not end within its first 8 bytes: 9, 10, or 11 when it is longer than a varlong can be. */
export function varlongSize(address: usize): u32 {
  if (load<u8>(address, 8) < 0x80) return 9;
  return load<u8>(address, 9) < 0x80 ? 10 : 11;
}

/** Returns the value of a varlong of 9 or 10 bytes. */
export function varlongValue(address: usize): u64 {
  const low = wideValue(load<u64>(address));
  return low | ((<u64>(load<u8>(address, 8) & 0x7f)) << 56) | (((<u64>load<u8>(address, 9)) & (<u64>(load<u8>(address, 8) >> 7))) << 63);
}

/** Returns the bytes that a value takes as a varlong: 1 to 10. */
export function varlongSizeOf(value: u64): u32 {
  // One byte for each seven bits, and one for zero.
  return (70 - <u32>clz(value | 1)) / 7;
}

/** Writes a value and returns the address behind it. */
export function writeVarlong(target: usize, value: u64): usize {
  while (value > 0x7f) {
    store<u8>(target, (value & 0x7f) | 0x80);
    value >>= 7;
    target++;
  }
  store<u8>(target, value);
  return target + 1;
}
