/** The jobs of the benchmark: what is done, to how much, by whom. */
import { batchesInCore } from "./candidates/batch-core-in-place.ts";
import { batchesInRouter } from "./candidates/batch-core.ts";
import { batchesInJavaScript } from "./candidates/batch-javascript.ts";
import { batchesInKafkajs } from "./candidates/batch-kafkajs.ts";
import { crcInCore, crcInJavaScript, crcInKafkajs, crcInRouter } from "./candidates/crc.ts";
import { kernelCandidate } from "./candidates/javascript-arenas.ts";
import { startUpSteps } from "./candidates/start-up.ts";
import { valuesByConcat } from "./candidates/values-concat.ts";
import { valuesInCore } from "./candidates/values-core.ts";
import { routeBySteps } from "./candidates/values-javascript-wide.ts";
import { routeByBytes } from "./candidates/values-javascript.ts";
import { openCore } from "./core-binary.ts";
import type { Job } from "./measure.ts";
import { ROTATION_RECORDS, isoValues, packedValues, randomRuns, recordBatches, timestampValues } from "./workload.ts";

/** The candidate that the gates are about. */
export const TIMESTAMP_RULE = "timestamp rule";
/** The most that a rule can ask for: the whole date is computed. */
const EPOCH_LINES = "timestamp.field=epoch-second";
/** More bytes than any prefix in use. */
const PREFIX_BYTES_MAX = 16;

/** `routeValues`, with values and tables in memory. */
export function valuesJob(module: WebAssembly.Module, valueBytes: number, batchRecords: number): Job {
  const input = packedValues(valueBytes, 1);
  const inputBytes = input.bytes.length;
  const outputBytes = batchRecords * (valueBytes + PREFIX_BYTES_MAX);
  const core = openCore(module, inputBytes, outputBytes, ROTATION_RECORDS);
  new Uint8Array(core.memory.buffer).set(input.bytes, core.inputAddress());
  new Uint32Array(core.memory.buffer).set(input.table, core.valueTableAddress() >>> 2);
  return {
    name: `values, ${valueBytes} B x ${batchRecords}`,
    unit: "record",
    unitsPerRun: batchRecords,
    batchCount: ROTATION_RECORDS / batchRecords,
    candidates: [
      valuesInCore(core, batchRecords),
      kernelCandidate("JavaScript, typed arrays", routeByBytes, core, inputBytes, outputBytes, batchRecords),
      kernelCandidate("JavaScript, 64-bit DataView steps", routeBySteps, core, inputBytes, outputBytes, batchRecords),
      valuesByConcat(input, batchRecords),
    ],
  };
}

/** RecordBatches of 1,000 records, both CRCs. */
export async function batchJob(module: WebAssembly.Module, keyed: boolean): Promise<Job> {
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
      batchesInRouter(module, batches, batchBytesMax),
      batchesInCore(openCore(module, inputBytes, batchBytesMax, batchRecords), batches, batchBytesMax),
      batchesInJavaScript(batches, batchBytesMax),
      batchesInKafkajs(batches),
    ],
  };
}

/** The rules, on RecordBatches of 1,000 timestamps: an even second ends in an even digit, so both rules make the same of them. */
export async function ruleJob(module: WebAssembly.Module, format: string): Promise<Job> {
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
export function crcJob(module: WebAssembly.Module, runBytes: number): Job {
  const runCount = Math.max(2, Math.floor((256 << 10) / runBytes));
  const runs = randomRuns(runBytes, runCount, 3);
  return {
    name: `CRC-32C, ${runBytes} B`,
    unit: "byte",
    unitsPerRun: runBytes,
    batchCount: runCount,
    candidates: [
      crcInCore(openCore(module, runs.length, 0, 0), runs, runBytes),
      crcInRouter(module, runs, runBytes),
      crcInJavaScript(runs, runBytes),
      crcInKafkajs(runs, runBytes),
    ],
  };
}

export function startUpJob(bytes: Uint8Array<ArrayBuffer>, module: WebAssembly.Module): Job {
  return { name: "start-up", unit: "call", unitsPerRun: 1, batchCount: 1, candidates: startUpSteps(bytes, module) };
}
