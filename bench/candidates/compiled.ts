/** The compiled peers as candidates: those of its functions that a program has. */
import type { Candidate } from "../measure.ts";
import type { Call, Program } from "../peers/memory.ts";
import { PeerMemory } from "../peers/memory.ts";
import type { PackedInput } from "../workload.ts";

const NO_TABLE = new Uint32Array(0);
/** Bytes of the longest prefix. */
const PREFIX_BYTES = 16;

/** What a program's function does, in words. */
const WAYS: Readonly<Record<string, string>> = {
  values_as_core: "as the core",
  values_as_written: "as one writes it",
  batch_as_core: "as the core",
  crc: "the fastest it can",
  crc_by_slices: "by slices of 16",
};

function demandOk(status: number): void {
  if (status !== 0) throw new Error(`a peer returned status ${status}`);
}

type Making = (call: Call) => Pick<Candidate, "run" | "outputs">;

/** Returns the candidates of one program: `make` is given the call of each function that the program has. */
function candidatesOf(program: Program, functions: readonly string[], memory: PeerMemory, make: Making): readonly Candidate[] {
  return functions.flatMap((name) => {
    const call = memory.functions[name];
    return call === undefined ? [] : [{ name: `${program.name}, ${WAYS[name]}`, clock: "thread" as const, ...make(call) }];
  });
}

/** Values that are in the program's memory already; and memcpy of as many bytes, where the program has it. */
export function valuesCompiled(
  program: Program,
  { bytes, table }: PackedInput,
  valueBytes: number,
  batchRecords: number,
): readonly Candidate[] {
  const outputBytes = batchRecords * (valueBytes + PREFIX_BYTES);
  const memory = new PeerMemory(program, { input: bytes, table, outputBytes, records: batchRecords });
  const { input, inputBytes, outputs, functions } = memory;
  const ways = candidatesOf(program, ["values_as_core", "values_as_written"], memory, (call) => ({
    run: (batch) => demandOk(call(input, inputBytes, memory.table + 8 * batch * batchRecords, batchRecords, outputs)),
    outputs: () => [0, 1].flatMap((index) => [memory.arena(index).bytes, memory.arena(index).ends]),
  }));
  const { copy } = functions;
  if (copy === undefined) return ways;
  const to = memory.arena(0).at;
  return [
    ...ways,
    {
      name: "libc memcpy of as many bytes",
      clock: "thread",
      isLimit: true,
      run: () => demandOk(copy(to, input, inputBytes, outputBytes, 0)),
      outputs: () => [],
    },
  ];
}

/** RecordBatches that are in the program's memory already. */
export function batchesCompiled(program: Program, batches: readonly Buffer[], batchBytesMax: number): readonly Candidate[] {
  const memory = new PeerMemory(program, { input: Buffer.concat(batches), table: NO_TABLE, outputBytes: batchBytesMax, records: 0 });
  let offset = memory.input;
  const places = batches.map(({ length }) => ({ at: (offset += length) - length, length }));
  return candidatesOf(program, ["batch_as_core"], memory, (call) => ({
    run(batch) {
      const { at, length } = places[batch] ?? { at: 0, length: 0 };
      demandOk(call(at, length, memory.outputs, 0, 0));
    },
    outputs: () => [0, 1].map((index) => memory.arena(index).bytes),
  }));
}

/** Runs of bytes that are in the program's memory already. */
export function crcCompiled(program: Program, runs: Uint8Array, runBytes: number): readonly Candidate[] {
  const memory = new PeerMemory(program, { input: runs, table: NO_TABLE, outputBytes: 0, records: 0 });
  const crc = new Uint32Array(1);
  return candidatesOf(program, ["crc", "crc_by_slices"], memory, (call) => ({
    run(batch) {
      crc[0] = call(memory.input + batch * runBytes, runBytes, 0, 0, 0);
    },
    outputs: () => [new Uint8Array(crc.buffer)],
  }));
}
