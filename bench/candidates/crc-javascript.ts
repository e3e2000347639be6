/** CRC-32C in JavaScript, eight bytes a step (slicing-by-8): what a tuned JavaScript program uses. */

const POLYNOMIAL = 0x82f63b78;

const T0 = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (POLYNOMIAL & -(crc & 1));
  return crc;
});
const T1 = followed(T0);
const T2 = followed(T1);
const T3 = followed(T2);
const T4 = followed(T3);
const T5 = followed(T4);
const T6 = followed(T5);
const T7 = followed(T6);

/** Returns the remainders of a table's bytes when one more byte follows. */
function followed(table: Int32Array): Int32Array {
  return table.map((crc) => (T0[crc & 0xff] ?? 0) ^ (crc >>> 8));
}

/** Returns the CRC-32C of the bytes of `view` from `start` to `end`, unsigned. */
export function crc32cBySlices(view: DataView, start: number, end: number): number {
  let crc = -1;
  let at = start;
  for (; at + 8 <= end; at += 8) {
    const low = crc ^ view.getInt32(at, true);
    const high = view.getInt32(at + 4, true);
    crc =
      (T7[low & 0xff] ?? 0) ^
      (T6[(low >>> 8) & 0xff] ?? 0) ^
      (T5[(low >>> 16) & 0xff] ?? 0) ^
      (T4[low >>> 24] ?? 0) ^
      (T3[high & 0xff] ?? 0) ^
      (T2[(high >>> 8) & 0xff] ?? 0) ^
      (T1[(high >>> 16) & 0xff] ?? 0) ^
      (T0[high >>> 24] ?? 0);
  }
  for (; at < end; at++) crc = (T0[(crc ^ view.getUint8(at)) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
