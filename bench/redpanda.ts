/** Size and fuel of the inline transform of Redpanda: counts, which are the same on every machine. */
import { batchOf } from "../test/batches.ts";
import { deploymentOf } from "../test/redpanda/router-deployment.ts";
import { routerModule } from "../test/redpanda/router-module.ts";
import { sourceBatchOf } from "../test/redpanda/source-batch.ts";
import { Wasmtime, wasmtimeMissing } from "../test/redpanda/wasmtime.ts";
import type { Gate } from "./gates.ts";
import { atMost } from "./gates.ts";

const MODULE_BYTES_MAX = 4096;
/** The broker allows 6,000,000,000 for a record. */
const FUEL_MAX = 260;
const RECORDS = 100;

/** Returns the gates of the transform; that of its fuel is missing, and says so, on machines without wasmtime. */
export async function transformGates(): Promise<readonly Gate[]> {
  const size = atMost("redpanda.wasm bytes", routerModule().length, MODULE_BYTES_MAX);
  const missing = await wasmtimeMissing();
  if (missing === null) return [size, atMost("redpanda.wasm, fuel for a record of 17 B, at most", await largestFuel(), FUEL_MAX)];
  console.log(`\nThe fuel of redpanda.wasm was not counted. ${missing}`);
  return [size];
}

/** Returns the fuel that the most expensive of some records with timestamps of 17 bytes and null keys takes. */
async function largestFuel(): Promise<number> {
  const timestamps = Array.from({ length: RECORDS }, (_, index) => `11/21/26 03:51:${10 + (index % 50)}`);
  const wasmtime = await Wasmtime.start();
  try {
    const { recordFuel, error } = await wasmtime.run(routerModule(), deploymentOf(""), [sourceBatchOf(batchOf(timestamps))]);
    if (error !== null || recordFuel.length !== RECORDS) throw new Error(`the transform ended early: ${error}`);
    return Math.max(...recordFuel);
  } finally {
    wasmtime.stop();
  }
}
