import { bytesEqual } from "./bytes.ts";

const ZERO: u32 = 0x30;
/** "last-digit" */
const NAME: usize = memory.data<u8>([0x6c, 0x61, 0x73, 0x74, 0x2d, 0x64, 0x69, 0x67, 0x69, 0x74]);

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

  /** Returns whether a rule's name is this one's. */
  @inline
  static isNamed(name: usize, nameEnd: usize): bool {
    return nameEnd - name === 10 && bytesEqual(name, NAME, 10);
  }

  /** Returns whether it can do with as many outputs: one for even and one for odd, no more, no less. */
  @inline
  static suits(outputs: u32): bool {
    return outputs === 2;
  }
}
