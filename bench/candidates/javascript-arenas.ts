/** The memory of the core as a kernel in JavaScript sees it: the two read and write the same arenas and tables. */
import type { CoreExports } from "../core-binary.ts";
import type { Candidate } from "../measure.ts";

/** One output. Addresses are in bytes, the end table's in words. */
interface OutputArena {
  readonly arena: number;
  readonly limit: number;
  readonly endsWord: number;
  readonly prefix: Uint8Array;
}

export interface Arenas {
  readonly bytes: Uint8Array;
  readonly words: Uint32Array;
  readonly view: DataView;
  readonly input: number;
  readonly inputBytes: number;
  readonly tableWord: number;
  readonly outputs: readonly [OutputArena, OutputArena];
}

/** What a kernel leaves behind for each output: bytes and values. */
export interface Filled {
  readonly bytes: Int32Array;
  readonly values: Int32Array;
}

/** Routes `count` pairs from pair `first` on. */
export type Kernel = (arenas: Arenas, first: number, count: number, filled: Filled) => void;

function arenasOf(core: CoreExports, inputBytes: number, outputBytes: number): Arenas {
  const outputOf = (index: number, prefix: string): OutputArena => {
    const arena = core.outputAddress(index);
    return { arena, limit: arena + outputBytes, endsWord: core.outputEndsAddress(index) >>> 2, prefix: new TextEncoder().encode(prefix) };
  };
  const { buffer } = core.memory;
  return {
    bytes: new Uint8Array(buffer),
    words: new Uint32Array(buffer),
    view: new DataView(buffer),
    input: core.inputAddress(),
    inputBytes,
    tableWord: core.valueTableAddress() >>> 2,
    outputs: [outputOf(0, "Even timestamp: "), outputOf(1, "Odd timestamp:")],
  };
}

/** Returns a candidate that runs `kernel` in the memory of `core`, which has the values and their table. */
export function kernelCandidate(
  name: string,
  kernel: Kernel,
  core: CoreExports,
  inputBytes: number,
  outputBytes: number,
  batchRecords: number,
): Candidate {
  const arenas = arenasOf(core, inputBytes, outputBytes);
  const filled = { bytes: new Int32Array(2), values: new Int32Array(2) };
  return {
    name,
    clock: "thread",
    run(batch) {
      kernel(arenas, batch * batchRecords, batchRecords, filled);
    },
    outputs() {
      return arenas.outputs.flatMap(({ arena, endsWord }, index) => [
        arenas.bytes.subarray(arena, arena + (filled.bytes[index] ?? 0)),
        arenas.bytes.subarray(endsWord * 4, (endsWord + (filled.values[index] ?? 0)) * 4),
      ]);
    },
  };
}
