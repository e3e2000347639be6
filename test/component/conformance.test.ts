/** The routing contract, by the calls of the component: as JavaScript here, and as it is in wasmtime. */
import { after, before } from "node:test";
import { routing } from "../../build/component/timestamp-router.js";
import { readCases } from "../case-text.ts";
import { runConformance } from "../conformance.ts";
import { wasmtimeMissing } from "../wasmtime.ts";
import { answerOf } from "./job.ts";
import { targetsOf } from "./targets.ts";
import { WasmtimeWorker } from "./wasmtime.ts";

const missing = await wasmtimeMissing();
let wasmtime: WasmtimeWorker | null = null;
before(async () => {
  if (missing === null) wasmtime = await WasmtimeWorker.start();
});
after(() => wasmtime?.stop());

runConformance(readCases(), [
  ...targetsOf("component", (job) => answerOf(routing, job)),
  ...targetsOf(
    "component wasmtime",
    (job) => wasmtime?.answer(job) ?? Promise.reject(new Error("wasmtime runs only while tests run")),
    missing,
  ),
]);
