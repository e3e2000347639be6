/** The core in isolation; `README.md` has what each job measures. Fails when candidates disagree or a gate is missed. */
import { parseArgs } from "node:util";
import { coreBuilds } from "./core-binary.ts";
import { fuelOfRules, printFuel } from "./fuel.ts";
import { GATED_JOBS, countGates, ratioGates } from "./gates.ts";
import type { Field } from "./jobs.ts";
import { batchJob, crcJob, engineJob, ruleJob, startUpJob, valuesJob } from "./jobs.ts";
import type { Effort, Job, Row } from "./measure.ts";
import { DisagreementError, closeAll, measure } from "./measure.ts";
import { programsOf } from "./peers/programs.ts";
import { findTools } from "./peers/tools.ts";
import { transformGates } from "./redpanda.ts";
import { environmentOf, printGates, printRows } from "./report.ts";
import { writeRun } from "./results-files.ts";

const FULL: Effort = { rounds: 31, sampleNs: 3e6, allocatingSampleNs: 20e6, warmUpNs: 100e6 };
const QUICK: Effort = { rounds: 11, sampleNs: 1e6, allocatingSampleNs: 10e6, warmUpNs: 30e6 };

interface Options {
  /** In shorter rounds. */
  readonly quick: boolean;
  /** Only what the gates look at. */
  readonly gate: boolean;
  /** The path of another commit's core. */
  readonly beside?: string;
}

/** Makes jobs one at a time, so that no more than one has its data in memory. */
async function* jobs(field: Field): AsyncGenerator<Job> {
  for (const batchRecords of [1, 10, 100, 1000, 10_000]) yield valuesJob(field, 17, batchRecords, batchRecords === 1000);
  for (const valueBytes of [64, 512, 4096]) yield valuesJob(field, valueBytes, 1000, false);
  yield valuesJob(field, 16_384, 20, false);
  for (const keyed of [false, true]) yield await batchJob(field, keyed);
  for (const format of ["MM/dd/yy HH:mm:ss", "iso-8601"]) yield await ruleJob(field, format);
  for (const kibibytes of [0.25, 1, 4, 16, 64, 1024]) yield crcJob(field, kibibytes * 1024);
  for (const job of ["values", "batch"] as const) yield await engineJob(field, job);
  yield startUpJob(field);
}

async function run({ quick, gate, beside }: Options): Promise<boolean> {
  const effort = quick || gate ? QUICK : FULL;
  const tools = await findTools();
  const environment = { ...environmentOf("bench/core.ts"), peers: tools.versions, missing: tools.missing };
  const builds = coreBuilds(beside);
  const bytesOf = (name: string): number => builds.find((build) => build.name === name)?.bytes.length ?? Number.NaN;
  const moduleBytes = { "core.simd.wasm": bytesOf("core"), "core.wasm": bytesOf("core without SIMD") };
  console.log(`${environment.date}  node ${environment.node}  ${environment.cpu} x ${environment.cpuCount}`);
  console.log(`${tools.versions.join("\n")}\n${tools.missing.map((one) => `missing: ${one}\n`).join("")}`);
  const rows: Row[] = [];
  for await (const job of jobs({ builds, programs: programsOf(tools), tools })) {
    if (gate && !GATED_JOBS.has(job.name)) {
      closeAll(job);
      continue;
    }
    const measured = await measure(job, effort);
    printRows(measured);
    rows.push(...measured);
  }
  const fuel = await fuelOfRules();
  printFuel(fuel);
  const gates = [...ratioGates(rows), ...countGates(moduleBytes, fuel), ...(await transformGates())];
  printGates(gates);
  // A short run, and one with another commit's core, are for whoever waits for them.
  if (!quick && !gate && beside === undefined) writeRun("core", { environment, effort, moduleBytes, gates, rows, fuel });
  return gates.every(({ passed }) => passed);
}

const flag = { type: "boolean", default: false } as const;
const { values: options } = parseArgs({ options: { quick: flag, gate: flag, beside: { type: "string" } } });
try {
  const { quick, gate, beside } = options;
  if (!(await run({ quick, gate, ...(beside === undefined ? {} : { beside }) }))) process.exitCode = 1;
} catch (error) {
  // Anything else is our own bug and ends the process with its stack.
  if (!(error instanceof DisagreementError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
