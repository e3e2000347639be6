/** The jobs of the benchmark: what is done, to how much, by whom. */
import { batchesInCore } from "./candidates/batch-core-in-place.ts";
import { batchesInRouter } from "./candidates/batch-core.ts";
import { batchesInJavaScript } from "./candidates/batch-javascript.ts";
import { batchesInKafkajs } from "./candidates/batch-kafkajs.ts";
import { batchesCompiled, crcCompiled, valuesCompiled } from "./candidates/compiled.ts";
import { crcInCore, crcInJavaScript, crcInKafkajs, crcInRouter } from "./candidates/crc.ts";
import { coreInEngines, valuesInPython } from "./candidates/engines.ts";
import { kernelCandidate } from "./candidates/javascript-arenas.ts";
import { startUpSteps } from "./candidates/start-up.ts";
import { valuesByConcat } from "./candidates/values-concat.ts";
import { valuesInCore } from "./candidates/values-core.ts";
import { routeBySteps } from "./candidates/values-javascript-wide.ts";
import { routeByBytes } from "./candidates/values-javascript.ts";
import type { CoreBuild, CoreExports } from "./core-binary.ts";
import { openCore } from "./core-binary.ts";
import type { Candidate, Job } from "./measure.ts";
import type { Program } from "./peers/memory.ts";
import type { Tools } from "./peers/tools.ts";
import type { PackedInput } from "./workload.ts";
import { ROTATION_RECORDS, isoValues, packedValues, randomRuns, recordBatches, timestampValues } from "./workload.ts";

/** Who takes part. */
export interface Field {
  /** The first one is the reference of every job. */
  readonly builds: readonly [CoreBuild, ...CoreBuild[]];
  readonly programs: readonly Program[];
  readonly tools: Tools;
}

/** The candidate that the gates are about. */
export const TIMESTAMP_RULE = "timestamp rule";
/** The most that a rule can ask for: the whole date is computed. */
const EPOCH_LINES = "timestamp.field=epoch-second";
/** More bytes than any prefix in use. */
const PREFIX_BYTES_MAX = 16;

/** Returns a core with values and table in its memory. */
function coreWithValues({ module }: CoreBuild, { bytes, table }: PackedInput, outputBytes: number): CoreExports {
  const core = openCore(module, bytes.length, outputBytes, ROTATION_RECORDS);
  new Uint8Array(core.memory.buffer).set(bytes, core.inputAddress());
  new Uint32Array(core.memory.buffer).set(table, core.valueTableAddress() >>> 2);
  return core;
}

function batchesOfValues({ bytes }: PackedInput, valueBytes: number, batchRecords: number): readonly Uint8Array[] {
  const batchBytes = valueBytes * batchRecords;
  return Array.from({ length: ROTATION_RECORDS / batchRecords }, (_, batch) =>
    bytes.subarray(batch * batchBytes, (batch + 1) * batchBytes),
  );
}

/** `routeValues`, with values and tables in memory; with `inPython` in CPython as well. */
export function valuesJob({ builds, programs, tools }: Field, valueBytes: number, batchRecords: number, inPython: boolean): Job {
  const input = packedValues(valueBytes, 1);
  const outputBytes = batchRecords * (valueBytes + PREFIX_BYTES_MAX);
  const javascript = (name: string, kernel: typeof routeByBytes): Candidate =>
    kernelCandidate(name, kernel, coreWithValues(builds[0], input, outputBytes), input.bytes.length, outputBytes, batchRecords);
  const remote = { module: "", job: "values", batchRecords } as const;
  return {
    name: `values, ${valueBytes} B x ${batchRecords}`,
    unit: "record",
    unitsPerRun: batchRecords,
    batchCount: ROTATION_RECORDS / batchRecords,
    candidates: [
      ...builds.map((build) => valuesInCore(coreWithValues(build, input, outputBytes), batchRecords, build.name)),
      ...programs.flatMap((program) => valuesCompiled(program, input, valueBytes, batchRecords)),
      javascript("JavaScript, typed arrays", routeByBytes),
      javascript("JavaScript, 64-bit DataView steps", routeBySteps),
      valuesByConcat(input, batchRecords),
      ...(inPython ? valuesInPython(tools, { ...remote, batches: batchesOfValues(input, valueBytes, batchRecords) }) : []),
    ],
  };
}

/** RecordBatches of 1,000 records, both CRCs. */
export async function batchJob({ builds, programs }: Field, keyed: boolean): Promise<Job> {
  const batches = await recordBatches(keyed);
  const inputBytes = batches.reduce((sum, { length }) => sum + length, 0);
  const batchRecords = ROTATION_RECORDS / batches.length;
  const batchBytesMax = Math.max(...batches.map(({ length }) => length)) + batchRecords * (PREFIX_BYTES_MAX + 1);
  return {
    name: `RecordBatch, ${keyed ? "8 B keys, 2 headers" : "null keys"} x ${batchRecords}`,
    unit: "record",
    unitsPerRun: batchRecords,
    batchCount: batches.length,
    candidates: [
      ...builds.map(({ name, module }) =>
        batchesInRouter(module, batches, batchBytesMax, { name: `${name}, copied in and out`, rule: "" }),
      ),
      ...builds.map(({ name, module }) =>
        batchesInCore(openCore(module, inputBytes, batchBytesMax, batchRecords), batches, batchBytesMax, name),
      ),
      ...programs.flatMap((program) => batchesCompiled(program, batches, batchBytesMax)),
      batchesInJavaScript(batches, batchBytesMax),
      batchesInKafkajs(batches),
    ],
  };
}

/** The rules, on RecordBatches of 1,000 timestamps: an even second ends in an even digit, so both rules make the same of them. */
export async function ruleJob({ builds }: Field, format: string): Promise<Job> {
  const { module } = builds[0];
  const batches = await recordBatches(false, format === "iso-8601" ? isoValues : timestampValues);
  const batchRecords = ROTATION_RECORDS / batches.length;
  const batchBytesMax = Math.max(...batches.map(({ length }) => length)) + batchRecords * (PREFIX_BYTES_MAX + 1);
  const rule = `rule=timestamp\ntimestamp.format=${format}`;
  return {
    name: `RecordBatch, rules on ${format} x ${batchRecords}`,
    unit: "record",
    unitsPerRun: batchRecords,
    batchCount: batches.length,
    candidates: [
      batchesInRouter(module, batches, batchBytesMax, { name: "last-digit rule", rule: "" }),
      batchesInRouter(module, batches, batchBytesMax, { name: TIMESTAMP_RULE, rule }),
      batchesInRouter(module, batches, batchBytesMax, { name: "timestamp rule, seconds of the epoch", rule: `${rule}\n${EPOCH_LINES}` }),
    ],
  };
}

/** CRC-32C of runs, which together stay in the second-level cache as long as a run leaves room for a second one. */
export function crcJob({ builds, programs }: Field, runBytes: number): Job {
  const runCount = Math.max(2, Math.floor((256 << 10) / runBytes));
  const runs = randomRuns(runBytes, runCount, 3);
  return {
    name: `CRC-32C, ${runBytes} B`,
    unit: "byte",
    unitsPerRun: runBytes,
    batchCount: runCount,
    candidates: [
      ...builds.map(({ name, module }) => crcInCore(openCore(module, runs.length, 0, 0), runs, runBytes, name)),
      crcInRouter(builds[0].module, runs, runBytes),
      ...programs.flatMap((program) => crcCompiled(program, runs, runBytes)),
      crcInJavaScript(runs, runBytes),
      crcInKafkajs(runs, runBytes),
    ],
  };
}

/** The core in other engines: 10,000 values or records in a call, beside which the call itself, microseconds from Python, is little. */
export async function engineJob({ builds, tools }: Field, job: "values" | "batch"): Promise<Job> {
  const batchRecords = 10_000;
  const input = packedValues(17, 1);
  const outputBytes = batchRecords * (17 + PREFIX_BYTES_MAX);
  const recordsIn = await recordBatches(false, timestampValues, batchRecords);
  const bytesMax = Math.max(...recordsIn.map(({ length }) => length)) + 17 * batchRecords;
  const inputBytes = recordsIn.reduce((sum, { length }) => sum + length, 0);
  const here = (build: CoreBuild): Candidate =>
    job === "values"
      ? valuesInCore(coreWithValues(build, input, outputBytes), batchRecords, build.name)
      : batchesInCore(openCore(build.module, inputBytes, bytesMax, batchRecords), recordsIn, bytesMax, build.name);
  const batches = job === "values" ? batchesOfValues(input, 17, batchRecords) : recordsIn;
  return {
    name: `engines, ${job === "values" ? "values of 17 B" : "RecordBatch"} x ${batchRecords}`,
    unit: "record",
    unitsPerRun: batchRecords,
    batchCount: ROTATION_RECORDS / batchRecords,
    candidates: [
      ...builds.map(here),
      ...builds.flatMap(({ name, path }) => coreInEngines(tools, name, { module: path, job, batchRecords, batches })),
    ],
  };
}

export function startUpJob({ builds }: Field): Job {
  const [{ bytes, module }] = builds;
  return { name: "start-up", unit: "call", unitsPerRun: 1, batchCount: 1, candidates: startUpSteps(bytes, module) };
}
