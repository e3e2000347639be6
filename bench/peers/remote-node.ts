/** The core in another Node.js, for `remote.ts`. */
import { readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { batchesInCore } from "../candidates/batch-core-in-place.ts";
import { valuesInCore } from "../candidates/values-core.ts";
import { openCore } from "../core-binary.ts";
import type { Candidate } from "../measure.ts";
import { Runner } from "../measure.ts";
import type { RemoteJob } from "./remote.ts";

type Told = Omit<RemoteJob, "batches"> & { readonly batches: readonly string[] };

function candidateOf({ module: path, job, batchRecords, batches: told }: Told): Candidate {
  const module = new WebAssembly.Module(readFileSync(path));
  const batches = told.map((text) => Buffer.from(text, "base64"));
  const inputBytes = batches.reduce((sum, { length }) => sum + length, 0);
  const room = Math.max(...batches.map(({ length }) => length)) + 17 * batchRecords;
  const core = openCore(module, inputBytes, room, batchRecords * batches.length);
  if (job === "batch") return batchesInCore(core, batches, room);
  new Uint8Array(core.memory.buffer).set(Buffer.concat(batches), core.inputAddress());
  const length = (batches[0]?.length ?? 0) / batchRecords;
  const table = Uint32Array.from({ length: 2 * batchRecords * batches.length }, (_, word) =>
    word % 2 === 0 ? (word / 2) * length : length,
  );
  new Uint32Array(core.memory.buffer).set(table, core.valueTableAddress() >>> 2);
  return valuesInCore(core, batchRecords);
}

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = (await lines.next()).value as string;
const told = JSON.parse(first) as Told;
const candidate = candidateOf(told);
const runner = new Runner(candidate, told.batches.length);
for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
  const [what, number] = next.value.split(" ");
  if (what === "time") {
    console.log(await runner.time(Number(number)));
  } else {
    await candidate.run(Number(number));
    console.log(JSON.stringify(candidate.outputs().map((output) => Buffer.from(output).toString("base64"))));
  }
}
