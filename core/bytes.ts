// A build with SIMD copies sixteen bytes as a vector, the other one as two words.

/** Copies that round up: both ends need `SLACK_BYTES` of room past the last byte. */
export class Bytes {
  /** Copies `length` bytes in steps of 16, at least one step: for what is nearly always short. */
  @inline
  static copy16(target: usize, source: usize, length: u32): void {
    Bytes.step16(target, source);
    for (let i: usize = 16; i < <usize>length; i += 16) Bytes.step16(target + i, source + i);
  }

  /** Copies `length` bytes in steps of 32, at least one step: for values. */
  @inline
  static copy32(target: usize, source: usize, length: u32): void {
    Bytes.step32(target, source);
    for (let i: usize = 32; i < <usize>length; i += 32) Bytes.step32(target + i, source + i);
  }

  @inline
  private static step16(target: usize, source: usize): void {
    if (ASC_FEATURE_SIMD) {
      v128.store(target, v128.load(source));
    } else {
      store<u64>(target, load<u64>(source));
      store<u64>(target, load<u64>(source, 8), 8);
    }
  }

  @inline
  private static step32(target: usize, source: usize): void {
    if (ASC_FEATURE_SIMD) {
      v128.store(target, v128.load(source));
      v128.store(target, v128.load(source, 16), 16);
    } else {
      store<u64>(target, load<u64>(source));
      store<u64>(target, load<u64>(source, 8), 8);
      store<u64>(target, load<u64>(source, 16), 16);
      store<u64>(target, load<u64>(source, 24), 24);
    }
  }
}

/** Returns whether `length` bytes at both addresses are the same. */
export function bytesEqual(left: usize, right: usize, length: u32): bool {
  for (let i: u32 = 0; i < length; i++) {
    if (load<u8>(left + i) !== load<u8>(right + i)) return false;
  }
  return true;
}
