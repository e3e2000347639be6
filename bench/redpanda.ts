/** Sizes and fuel of the inline transforms of Redpanda: counts, which are the same on every machine. */
import { batchOf } from "../test/batches.ts";
import { deploymentOf } from "../test/redpanda/router-deployment.ts";
import type { RouterBuild } from "../test/redpanda/router-module.ts";
import { ROUTER_BUILDS, routerModule } from "../test/redpanda/router-module.ts";
import { sourceBatchOf } from "../test/redpanda/source-batch.ts";
import { Wasmtime } from "../test/redpanda/wasmtime.ts";
import { wasmtimeMissing } from "../test/wasmtime.ts";
import type { Gate } from "./gates.ts";
import { atMost } from "./gates.ts";

/** Of fuel, the broker allows 6,000,000,000 for a record. */
const LIMITS: Readonly<Record<RouterBuild, { readonly rule: string; readonly bytes: number; readonly fuel: number }>> = {
  redpanda: { rule: "rule=last-digit", bytes: 4096, fuel: 260 },
  "redpanda-timestamp": { rule: "rule=timestamp", bytes: 10_752, fuel: 2500 },
};
const RECORDS = 100;

/** Returns the gates of the transforms; those of their fuel are missing, and say so, on machines without wasmtime. */
export async function transformGates(): Promise<readonly Gate[]> {
  const sizes = ROUTER_BUILDS.map((build) => atMost(`${build}.wasm bytes`, routerModule(build).length, LIMITS[build].bytes));
  const missing = await wasmtimeMissing();
  if (missing !== null) {
    console.log(`\nThe fuel of the transforms was not counted. ${missing}`);
    return sizes;
  }
  const wasmtime = await Wasmtime.start();
  try {
    const gates = [...sizes];
    for (const build of ROUTER_BUILDS) {
      const name = `${build}.wasm, fuel for a record of 17 B, at most`;
      gates.push(atMost(name, await largestFuel(wasmtime, build), LIMITS[build].fuel));
    }
    return gates;
  } finally {
    wasmtime.stop();
  }
}

/** Returns the fuel that the most expensive of some records with timestamps of 17 bytes and null keys takes. */
async function largestFuel(wasmtime: Wasmtime, build: RouterBuild): Promise<number> {
  const timestamps = Array.from({ length: RECORDS }, (_, index) => `11/21/26 03:51:${10 + (index % 50)}`);
  const batches = [sourceBatchOf(batchOf(timestamps))];
  const { recordFuel, error } = await wasmtime.run(routerModule(build), deploymentOf(LIMITS[build].rule), batches);
  if (error !== null || recordFuel.length !== RECORDS) throw new Error(`the transform ended early: ${error}`);
  return Math.max(...recordFuel);
}
