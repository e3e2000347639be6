/** The core in isolation; `README.md` has what each job measures. Fails when candidates disagree or a gate is missed. */
import { parseArgs } from "node:util";
import { coreBytes } from "./core-binary.ts";
import { fuelOfRules, printFuel } from "./fuel.ts";
import { gatesOf } from "./gates.ts";
import { batchJob, crcJob, ruleJob, startUpJob, valuesJob } from "./jobs.ts";
import type { Effort, Job, Row } from "./measure.ts";
import { DisagreementError, measure } from "./measure.ts";
import { transformGates } from "./redpanda.ts";
import { environmentOf, printGates, printRows, writeReport } from "./report.ts";

const FULL: Effort = { rounds: 31, sampleNs: 3e6, allocatingSampleNs: 20e6, warmUpNs: 100e6 };
const QUICK: Effort = { rounds: 11, sampleNs: 1e6, allocatingSampleNs: 10e6, warmUpNs: 30e6 };

/** Makes jobs one at a time, so that no more than one has its data in memory. */
async function* jobs(bytes: Uint8Array<ArrayBuffer>): AsyncGenerator<Job> {
  const module = new WebAssembly.Module(bytes);
  for (const batchRecords of [1, 10, 100, 1000, 10_000]) yield valuesJob(module, 17, batchRecords);
  for (const valueBytes of [64, 512, 4096]) yield valuesJob(module, valueBytes, 1000);
  for (const keyed of [false, true]) yield await batchJob(module, keyed);
  for (const format of ["MM/dd/yy HH:mm:ss", "iso-8601"]) yield await ruleJob(module, format);
  for (const kibibytes of [0.25, 1, 4, 16, 64, 1024]) yield crcJob(module, kibibytes * 1024);
  yield startUpJob(bytes, module);
}

async function run(effort: Effort): Promise<boolean> {
  const environment = environmentOf("bench/core.ts");
  const bytes = coreBytes();
  console.log(
    `${environment.date}  node ${environment.node}  ${environment.cpu} x ${environment.cpuCount}  core.wasm ${bytes.length} bytes`,
  );
  const rows: Row[] = [];
  for await (const job of jobs(bytes)) {
    const measured = await measure(job, effort);
    printRows(measured);
    rows.push(...measured);
  }
  const fuel = await fuelOfRules();
  printFuel(fuel);
  const gates = [...gatesOf(rows, bytes.length), ...(await transformGates())];
  printGates(gates);
  writeReport(new URL("results/core.json", import.meta.url), { environment, effort, moduleBytes: bytes.length, gates, rows, fuel });
  return gates.every(({ passed }) => passed);
}

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false } } });
try {
  if (!(await run(options.quick ? QUICK : FULL))) process.exitCode = 1;
} catch (error) {
  // Anything else is our own bug and ends the process with its stack.
  if (!(error instanceof DisagreementError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
