/** What one writes in JavaScript without thinking of speed: a new Buffer for each value. */
import type { Candidate } from "../measure.ts";
import type { PackedInput } from "../workload.ts";

const EVEN_PREFIX = Buffer.from("Even timestamp: ");
const ODD_PREFIX = Buffer.from("Odd timestamp:");

export function valuesByConcat(input: PackedInput, batchRecords: number): Candidate {
  const values: Buffer[] = [];
  for (let word = 0; word < input.table.length; word += 2) {
    const offset = input.table[word] ?? 0;
    values.push(Buffer.from(input.bytes.buffer, input.bytes.byteOffset + offset, input.table[word + 1]));
  }
  let even: Buffer[] = [];
  let odd: Buffer[] = [];
  return {
    name: "Buffer.concat a value",
    clock: "process",
    run(batch) {
      even = [];
      odd = [];
      for (const value of values.slice(batch * batchRecords, (batch + 1) * batchRecords)) {
        const digit = (value.at(-1) ?? 0) - 0x30;
        if (digit % 2 === 0) even.push(Buffer.concat([EVEN_PREFIX, value]));
        else odd.push(Buffer.concat([ODD_PREFIX, value]));
      }
    },
    outputs() {
      return [even, odd].flatMap((routed) => [Buffer.concat(routed), endsOf(routed)]);
    },
  };
}

/** Returns the end table that the core would write. */
function endsOf(routed: readonly Buffer[]): Uint8Array {
  let end = 0;
  return new Uint8Array(Uint32Array.from(routed, ({ length }) => (end += length)).buffer);
}
