/** Damage to bytes and texts, as numbers decide it. */
import type { Random } from "../simulation/random.ts";

/** Numbers that lengths and counts are most likely to be wrong with. */
const EDGES = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff] as const;

/** Returns a copy with some bytes changed, left out, repeated or put in, or integers written over. */
export function damaged(bytes: Uint8Array, random: Random): Buffer {
  let copy = Buffer.from(bytes);
  for (let left = random.between(1, 4); left > 0 && copy.length > 0; left--) copy = damagedOnce(copy, random);
  return copy;
}

function damagedOnce(bytes: Buffer, random: Random): Buffer<ArrayBuffer> {
  const copy = Buffer.from(bytes);
  const at = random.between(0, copy.length - 1);
  const length = random.between(1, 12);
  switch (random.between(0, 5)) {
    case 0:
      copy[at] = random.between(0, 255);
      return copy;
    case 1:
      copy[at] = (copy[at] ?? 0) ^ (1 << random.between(0, 7));
      return copy;
    case 2:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at + length)]);
    case 3:
      return Buffer.concat([copy.subarray(0, at), copy.subarray(at, at + length), copy.subarray(at)]);
    case 4: {
      const size = random.pick([1, 2, 4]);
      if (at + size <= copy.length) copy.writeUIntBE(random.pick(EDGES) % 2 ** (8 * size), at, size);
      return copy;
    }
    default:
      return copy.subarray(0, at);
  }
}

/** Returns random bytes. */
export function randomBytes(random: Random, lengthMax: number): Buffer {
  return Buffer.from(Array.from({ length: random.between(0, lengthMax) }, () => random.between(0, 255)));
}
