const ZERO: u32 = 0x30;

/**
 * The last-digit rule. A value's digit is the number that its last byte spells in ASCII; even digits go to output 0, odd ones to output 1.
 */
export class LastDigit {
  /**
   * Returns the digit, or a number above 9 when the byte is not a digit: unsigned, a byte below "0" wraps to a large one. `valueEnd` is
   * the address behind the value; for an empty value the byte before it is read, which is always memory of ours, and means nothing.
   */
  @inline
  static of(valueEnd: usize): u32 {
    return <u32>load<u8>(valueEnd - 1) - ZERO;
  }

  /** Returns the index of the output that a digit belongs to. */
  @inline
  static output(digit: u32): u32 {
    return digit & 1;
  }
}
