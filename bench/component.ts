/** The component beside the plain entry of the npm package: the same values, a call each and packed. Fails when the two disagree or a gate is missed. */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { routing } from "../build/component/timestamp-router.js";
import type { PackedValues } from "../hosts/routed.ts";
import { Router } from "../hosts/embed.ts";
import { corePath } from "./core-binary.ts";
import { atMost } from "./gates.ts";
import type { Candidate, Effort, Job, Row } from "./measure.ts";
import { measure } from "./measure.ts";
import { environmentOf, printGates, printRows } from "./report.ts";
import { writeLast } from "./results-files.ts";
import { ROTATION_RECORDS, packedValues } from "./workload.ts";

const FULL: Effort = { rounds: 31, sampleNs: 20e6, allocatingSampleNs: 20e6, warmUpNs: 200e6 };
const QUICK: Effort = { rounds: 11, sampleNs: 10e6, allocatingSampleNs: 10e6, warmUpNs: 100e6 };
const VALUE_BYTES = 17;
const COMPONENT_BYTES_MAX = 35 * 1024;

/** Values of a rotation in batches: one by one, and packed. */
function batchesOf(batchRecords: number): readonly { readonly values: readonly Uint8Array[]; readonly packed: PackedValues }[] {
  const { bytes } = packedValues(VALUE_BYTES, 1);
  const batchBytes = batchRecords * VALUE_BYTES;
  return Array.from({ length: ROTATION_RECORDS / batchRecords }, (_, batch) => {
    const batchInput = Uint8Array.from(bytes.subarray(batch * batchBytes, (batch + 1) * batchBytes));
    const ends = Uint32Array.from({ length: batchRecords }, (__, index) => (index + 1) * VALUE_BYTES);
    return {
      values: Array.from(ends, (end) => batchInput.subarray(end - VALUE_BYTES, end)),
      packed: { bytes: batchInput, ends },
    };
  });
}

/** Returns a way to route a batch to the bytes of each output; it allocates, so it is on the clock of the whole process. */
function candidate<Batch>(name: string, batches: readonly Batch[], route: (batch: Batch) => readonly (readonly Uint8Array[])[]): Candidate {
  let outputs: readonly (readonly Uint8Array[])[] = [];
  return {
    name,
    clock: "process",
    run(batch) {
      const input = batches[batch];
      if (input === undefined) throw new RangeError("no such batch");
      outputs = route(input);
    },
    outputs: () => outputs.map((parts) => Buffer.concat(parts)),
  };
}

function jobOf(module: WebAssembly.Module, batchRecords: number): Job {
  const batches = batchesOf(batchRecords);
  const packed = batches.map((batch) => batch.packed);
  const values = batches.map((batch) => batch.values);
  const entry = new Router(module);
  const component = routing.Router.create("");
  const splitByIndex = (list: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] => {
    const outputs: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const value of list) {
      const routed = component.route(value);
      outputs[routed.output === 0 ? 0 : 1].push(routed.value);
    }
    return outputs;
  };
  const splitByName = (list: readonly Uint8Array[]): readonly (readonly Uint8Array[])[] => {
    const outputs: [Uint8Array[], Uint8Array[]] = [[], []];
    for (const value of list) {
      const routed = entry.route(value);
      if ("reason" in routed) throw new Error("a timestamp has an output");
      outputs[routed.output === "even" ? 0 : 1].push(routed.value);
    }
    return outputs;
  };
  return {
    name: `values, ${VALUE_BYTES} B x ${batchRecords}`,
    unit: "record",
    unitsPerRun: batchRecords,
    batchCount: batches.length,
    candidates: [
      candidate("entry, a call each", values, splitByName),
      candidate("component, a call each", values, splitByIndex),
      // The component's results are copies, so those of the entry are copied as well.
      candidate("entry, packed", packed, (batch) => entry.routePackedValues(batch).outputs.map(({ bytes }) => [bytes.slice()])),
      candidate("component, packed", packed, (batch) => component.routePackedValues(batch).outputs.map(({ bytes }) => [bytes])),
    ],
  };
}

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
const effort = options.quick ? QUICK : FULL;
const environment = environmentOf("bench/component.ts");
const module = new WebAssembly.Module(readFileSync(corePath("core.wasm")));
const rows: Row[] = [];
for (const batchRecords of [1, 10, 100, 1000]) {
  const measured = await measure(jobOf(module, batchRecords), effort);
  printRows(measured);
  rows.push(...measured);
}
const componentBytes = readFileSync(new URL("../build/component.wasm", import.meta.url)).length;
const gates = [atMost("component.wasm bytes", componentBytes, COMPONENT_BYTES_MAX)];
printGates(gates);
if (!options.quick) writeLast("component", { environment, effort, moduleBytes: { "component.wasm": componentBytes }, gates, rows });
if (!gates.every(({ passed }) => passed)) process.exitCode = 1;
