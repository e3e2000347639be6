/** What every run is held to: ratios within the run and counts, never bare times. */
import { recordFuel, type FuelRow } from "./fuel.ts";
import { TIMESTAMP_RULE } from "./jobs.ts";
import type { Row } from "./measure.ts";

export interface Gate {
  readonly name: string;
  readonly measured: number;
  readonly limit: number;
  readonly passed: boolean;
}

/** Each module may have this many bytes. */
const MODULE_BYTES_MAX = 24 * 1024;

export function atLeast(name: string, measured: number, limit: number): Gate {
  return { name, measured, limit, passed: measured >= limit };
}

export function atMost(name: string, measured: number, limit: number): Gate {
  return { name, measured, limit, passed: measured <= limit };
}

/** The CPU time of a candidate over that of another one of the same job must be at least so much. */
interface Floor {
  readonly name: string;
  readonly job: string;
  readonly candidate: string;
  /** The job's first one, where nothing is said. */
  readonly over?: string;
  readonly limit: number;
}

const VALUES = "values, 17 B x 1000";
const BATCH = "RecordBatch, null keys x 1000";
const IN_PLACE = "core, in place";
const CRC = "CRC-32C, 16384 B";

const FLOORS: readonly Floor[] = [
  { name: "values against typed arrays", job: VALUES, candidate: "JavaScript, typed arrays", limit: 6 },
  { name: "values against the build without SIMD", job: VALUES, candidate: "core without SIMD", limit: 1.05 },
  { name: "RecordBatch against kafkajs", job: BATCH, candidate: "kafkajs decode, concat, encode", limit: 80 },
  { name: "CRC-32C, 16 KiB, against the build without SIMD", job: CRC, candidate: "core without SIMD, in place", limit: 1.5 },
];

/** Against peers that not every machine has. */
const PEER_FLOORS: readonly Floor[] = [
  { name: "values against native C of the same algorithm", job: VALUES, candidate: "C, native, as the core", limit: 0.7 },
  { name: "values against the same in C, compiled to WebAssembly", job: VALUES, candidate: "C to WASM, as the core", limit: 0.85 },
  { name: "values against C as one writes it, compiled to WebAssembly", job: VALUES, candidate: "C to WASM, as one writes it", limit: 2 },
  { name: "values against the sample in CPython", job: VALUES, candidate: "CPython, the sample's logic", limit: 30 },
  {
    name: "RecordBatch against native C with the processor's CRC",
    job: BATCH,
    candidate: "C, native, as the core",
    over: IN_PLACE,
    limit: 0.55,
  },
  {
    name: "RecordBatch against the same in C, compiled to WebAssembly",
    job: BATCH,
    candidate: "C to WASM, as the core",
    over: IN_PLACE,
    limit: 1.3,
  },
  { name: "CRC-32C, 16 KiB, against native C's three runs at a time", job: CRC, candidate: "C, native, the fastest it can", limit: 0.3 },
];

/** Where the timestamp rule is measured, and how many times the last-digit rule's time it may take. */
const RULES = [
  { job: "RecordBatch, rules on MM/dd/yy HH:mm:ss x 1000", limit: 3 },
  { job: "RecordBatch, rules on iso-8601 x 1000", limit: 4 },
];

/** The jobs that the gates look at. */
export const GATED_JOBS: ReadonlySet<string> = new Set([...FLOORS, ...PEER_FLOORS, ...RULES].map(({ job }) => job));

function ratioOf(rows: readonly Row[], { job, candidate, over }: Omit<Floor, "name" | "limit">): number {
  const ratio = (name: string): number => rows.find((row) => row.job === job && row.candidate === name)?.ratio ?? Number.NaN;
  return ratio(candidate) / (over === undefined ? 1 : ratio(over));
}

/** Returns the gates of the ratios; a row that is missing fails its gate, but for a peer's, whose absence the run has told. */
export function ratioGates(rows: readonly Row[]): readonly Gate[] {
  const gateOf = (floor: Floor): Gate => atLeast(`${floor.name}, ${floor.job.split(", ").at(-1)}`, ratioOf(rows, floor), floor.limit);
  const peers = PEER_FLOORS.filter(({ job, candidate }) => rows.some((row) => row.job === job && row.candidate === candidate));
  const rules = RULES.map(({ job, limit }) => atMost(`timestamp rule, ${job}`, ratioOf(rows, { job, candidate: TIMESTAMP_RULE }), limit));
  return [...[...FLOORS, ...peers].map(gateOf), ...rules];
}

/** Most fuel of the last-digit rule, a value and a record. */
const FUEL_MAX = {
  "core.simd.wasm": { value: 112, record: 880 },
  "core.wasm": { value: 124, record: 1000 },
} as const;

/** Returns the gates of what is counted. Fuel that was not counted has none. */
export function countGates(moduleBytes: Readonly<Record<keyof typeof FUEL_MAX, number>>, fuel: readonly FuelRow[]): readonly Gate[] {
  return (["core.simd.wasm", "core.wasm"] as const).flatMap((file) => {
    const size = atMost(`${file} bytes`, moduleBytes[file], MODULE_BYTES_MAX);
    const row = fuel.find((one) => one.file === file && one.rule === "last-digit");
    if (row === undefined) return [size];
    const { value, record } = FUEL_MAX[file];
    return [
      size,
      atMost(`${file}: fuel of a value`, row.value, value),
      atMost(`${file}: fuel of a record, both CRCs`, recordFuel(row), record),
    ];
  });
}
