/**
 * Varints as Kafka and Protocol Buffers write them: seven bits a byte, least significant first, the high bit set on all but the last byte.
 *
 * A reader does not know where its record ends and may look at up to eight bytes from the address on, `varlongSize` and `varlongValue` at up
 * to ten: the caller compares afterwards.
 */
export class Varint {
  /**
   * Returns the bytes of the varint at an address: 1 to 8, or 9 when it is longer. Size and value are functions of their own so that the size
   * comes out of a branch, not out of the bytes: the processor then goes on to the next field before it has read this one.
   */
  @inline
  static size(at: usize): u32 {
    if (load<u8>(at) < 0x80) return 1;
    if (load<u8>(at, 1) < 0x80) return 2;
    return wideSize(at);
  }

  /** Returns the unsigned value of the varint at an address; of one longer than 8 bytes, that of its first 56 bits. */
  @inline
  static value(at: usize): u64 {
    const first = <u64>load<u8>(at);
    if (first < 0x80) return first;
    const second = <u64>load<u8>(at, 1);
    if (second < 0x80) return (first & 0x7f) | (second << 7);
    return wideValue(at);
  }

  /** Returns the bytes that a value takes; at most 5. */
  @inline
  static sizeOf(value: u32): u32 {
    if (value < 0x80) return 1;
    if (value < 0x4000) return 2;
    return varlongSizeOf(value);
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

// The loops keep these two out of line, where they do not swell the loop that calls them.

function wideSize(at: usize): u32 {
  let size: u32 = 1;
  while (size < 9 && load<u8>(at + size - 1) >= 0x80) size++;
  return size;
}

function wideValue(at: usize): u64 {
  let value: u64 = 0;
  for (let index: usize = 0; index < 8; index++) {
    const byte = <u64>load<u8>(at + index);
    value |= (byte & 0x7f) << (index * 7);
    if (byte < 0x80) break;
  }
  return value;
}

/** Returns the bytes of a varlong that does not end within its first 8 bytes: 9, 10, or 11 when it is longer than a varlong can be. */
export function varlongSize(address: usize): u32 {
  if (load<u8>(address, 8) < 0x80) return 9;
  return load<u8>(address, 9) < 0x80 ? 10 : 11;
}

/** Returns the value of a varlong of 9 or 10 bytes. */
export function varlongValue(address: usize): u64 {
  const low = wideValue(address);
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
