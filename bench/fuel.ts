/** Fuel of the core's rules under wasmtime: a count, which is the same on every machine, and no time. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { wasmtimeEnvironment, wasmtimeMissing } from "../test/wasmtime.ts";
import { corePath } from "./core-binary.ts";
import { isoValues, recordBatches, timestampValues } from "./workload.ts";

/** Fuel of a record in a RecordBatch, step by step. */
export interface RecordFuel {
  readonly inputCrc: number;
  /** To parse, to decide and to copy. */
  readonly routing: number;
  /** For their headers and CRCs. */
  readonly outputs: number;
}

/** Fuel of one rule. */
export interface FuelRow {
  /** The core's build. */
  readonly file: string;
  readonly rule: string;
  readonly value: number;
  readonly record: RecordFuel;
}

/** Returns the fuel of a record with both CRCs. */
export function recordFuel({ record: { inputCrc, routing, outputs } }: FuelRow): number {
  return inputCrc + routing + outputs;
}

const VALUES = 1000;
const RULES: readonly { readonly valuesOf: typeof timestampValues; readonly rules: Readonly<Record<string, string>> }[] = [
  {
    valuesOf: timestampValues,
    rules: {
      "last-digit": "",
      "timestamp, MM/dd/yy HH:mm:ss, second": "rule=timestamp",
      "timestamp, MM/dd/yy HH:mm:ss, epoch-second": "rule=timestamp\ntimestamp.field=epoch-second",
      "timestamp, MM/dd/yy HH:mm:ss, hour by a table": "rule=timestamp\ntimestamp.field=hour\ntable=0-11:even,12-23:odd",
    },
  },
  {
    valuesOf: isoValues,
    rules: {
      "timestamp, iso-8601, second": "rule=timestamp\ntimestamp.format=iso-8601",
      "timestamp, uuuu-MM-dd'T'HH:mm:ss, second": "rule=timestamp\ntimestamp.format=uuuu-MM-dd'T'HH:mm:ss",
      "timestamp, iso-8601, day-of-week": "rule=timestamp\ntimestamp.format=iso-8601\ntimestamp.field=day-of-week\noutputs=a,b,c,d,e,f,g",
    },
  },
];

/** Returns the fuel of each rule; none, having said why, on machines without wasmtime. */
export async function fuelOfRules(): Promise<readonly FuelRow[]> {
  const missing = await wasmtimeMissing();
  if (missing !== null) {
    console.log(`\nThe fuel of the rules was not counted. ${missing}`);
    return [];
  }
  const env = await wasmtimeEnvironment();
  const rows: FuelRow[] = [];
  for (const file of ["core.simd.wasm", "core.wasm"] as const) {
    for (const { valuesOf, rules } of RULES) {
      const [batch] = await recordBatches(false, valuesOf);
      const values = valuesOf(VALUES, 100).map((value) => value.toString("base64"));
      const running = promisify(execFile)("python3", [fileURLToPath(new URL("fuel.py", import.meta.url))], { env });
      running.child.stdin?.end(JSON.stringify({ module: corePath(file), batch: batch?.toString("base64"), values, rules }));
      const counts = JSON.parse((await running).stdout) as Readonly<Record<string, Pick<FuelRow, "value" | "record">>>;
      for (const [rule, { value, record }] of Object.entries(counts)) rows.push({ file, rule, value, record });
    }
  }
  return rows;
}

/** Prints a line a rule. */
export function printFuel(rows: readonly FuelRow[]): void {
  if (rows.length === 0) return;
  console.log("\nfuel, wasmtime 49                                                a value   a record, both CRCs");
  for (const row of rows) {
    const { file, rule, value } = row;
    console.log(`${file.padEnd(14)} ${rule.padEnd(48)} ${value.toFixed(1).padStart(8)} ${recordFuel(row).toFixed(1).padStart(12)}`);
  }
}
