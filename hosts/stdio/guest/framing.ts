/** How records follow each other, in the input and in what is written. */
export enum Framing {
  /** A record ends before a line feed. */
  Lines,
  /** The same, but for a carriage return before the line feed, which belongs to the line's end and not to the record. */
  Crlf,
  /** A record ends before a zero byte. */
  Nul,
  /** A record has its length before it: u32, big-endian; ffffffff is a null value. */
  Length,
}

const LINE_FEED: u64 = 0x0a;
export const CARRIAGE_RETURN: u8 = 0x0d;
const ONES: u64 = 0x0101010101010101;
const HIGHS: u64 = 0x8080808080808080;

export let framing: Framing = Framing.Lines;
/** The byte that ends a record, eight times. */
let delimiters: u64 = 0;

/** What is written before a record: its length, or nothing. */
export let lengthBytes: u32 = 0;
/** What is written behind a record: up to two bytes, the first one lowest. */
export let terminator: u16 = 0;
export let terminatorBytes: u32 = 0;

/** Takes a framing. */
export function setFraming(wanted: Framing): void {
  framing = wanted;
  delimiters = wanted === Framing.Nul ? 0 : LINE_FEED * ONES;
  lengthBytes = wanted === Framing.Length ? 4 : 0;
  terminator = wanted === Framing.Nul ? 0 : wanted === Framing.Crlf ? 0x0a0d : 0x0a;
  terminatorBytes = wanted === Framing.Length ? 0 : wanted === Framing.Crlf ? 2 : 1;
}

/** Returns the last byte of what ends a record. */
export function delimiter(): u8 {
  return <u8>delimiters;
}

/** Returns the address of the next byte that ends a record, or `end`. Reads up to 7 bytes past `end`. */
export function findDelimiter(from: usize, end: usize): usize {
  const wanted = delimiters;
  for (let at = from; at < end; at += 8) {
    // A byte that is wanted becomes zero; the lowest high bit that is left marks the first zero byte.
    const bytes = load<u64>(at) ^ wanted;
    const zeros = (bytes - ONES) & ~bytes & HIGHS;
    if (zeros !== 0) return min(at + ((<usize>ctz(zeros)) >> 3), end);
  }
  return end;
}
