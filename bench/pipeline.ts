/** Whole routers on a real broker, each on a core of its own; `README.md` has what is measured. Fails when a router makes anything else. */
import { execFileSync } from "node:child_process";
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { startCluster } from "../hosts/demo/broker/cluster.ts";
import { writeRecords } from "../test/broker/records.ts";
import { openTopics } from "../test/broker/topics.ts";
import { findRouters } from "./peers/pipeline/routers.ts";
import { latencies, trickle } from "./pipeline-latency.ts";
import { printLatency, printPipelineRow, rowOf, type PipelineReport, type PipelineRow, type Run } from "./pipeline-report.ts";
import { BROKER_CORE, type Router } from "./pipeline-router.ts";
import { PARTITIONS, WrongOutputError, expectedOf, runOnce, type Field, type Input } from "./pipeline-run.ts";
import { environmentOf } from "./report.ts";
import { writeRun } from "./results-files.ts";

const BROKER_HEAP_MB = 1024;
/** Slow routers get one record of so many. */
const SLOW_SHARE = 30;
const BATCH_BYTES = 250_000;

/** How much to measure. */
interface Effort {
  readonly rounds: number;
  readonly records: number;
  readonly latencySeconds: number;
}

/** As many that what a runtime does for itself first, such as to compile what is used most, is a small part. */
const FULL: Effort = { rounds: 3, records: 6_000_000, latencySeconds: 10 };
const QUICK: Effort = { rounds: 1, records: 300_000, latencySeconds: 1 };

async function openInput(field: Field, topic: string, records: number): Promise<Input> {
  await field.topics.create(topic, PARTITIONS);
  await writeRecords(field.bootstrap, topic, { records, partitions: PARTITIONS, plain: true, batchBytes: BATCH_BYTES });
  return { topic, records, expected: await expectedOf(field.bootstrap, topic) };
}

/** Runs every router once a round, each round beginning with another one, so that what else the machine does falls on all of them. */
async function compare(field: Field, routers: readonly Router[], { records, rounds }: Effort): Promise<readonly PipelineRow[]> {
  const whole = await openInput(field, "time", records);
  const part = routers.some(({ isSlow }) => isSlow === true) ? await openInput(field, "time-part", records / SLOW_SHARE) : whole;
  const inputOf = ({ isSlow }: Router): Input => (isSlow === true ? part : whole);
  const runs: Run[][] = routers.map(() => []);
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < routers.length; turn++) {
      const index = (round + turn) % routers.length;
      const router = routers[index];
      if (router === undefined) continue;
      runs[index]?.push(await runOnce(field, router, inputOf(router), `round-${round}-router-${index}`));
      console.log(`round ${round + 1} of ${rounds}: ${router.name}, ${router.delivery}`);
    }
  }
  return routers.map((router, index) => {
    const { name, delivery, version, settings } = router;
    const reference = runs[routers.findIndex((other) => other.delivery === delivery)] ?? [];
    return rowOf({ name, delivery, version, settings, isOrderCompared: router.repartitions !== true }, runs[index] ?? [], reference);
  });
}

async function run(quick: boolean, only: string | null): Promise<void> {
  const effort = quick ? QUICK : FULL;
  const environment = environmentOf("bench/pipeline.ts");
  const { routers, missing } = await findRouters();
  for (const one of missing) console.log(`missing: ${one}`);
  // What this process starts, the broker above all, stays with it on one core; routers are sent to the other one.
  execFileSync("taskset", ["-a", "-p", "-c", String(BROKER_CORE), String(process.pid)], { stdio: "ignore" });
  await using cluster = await startCluster({ nodes: 1, jvm: "server", heapMb: BROKER_HEAP_MB });
  await using topics = await openTopics(cluster.bootstrap);
  const field = { bootstrap: cluster.bootstrap, brokerPid: cluster.pid(1) ?? 0, topics };
  const chosen = routers.filter(({ name, delivery }) => only === null || `${name}, ${delivery}`.includes(only));
  const rows = await compare(field, chosen, effort);
  for (const row of rows) printPipelineRow(row);
  if (only !== null) return;
  const report: PipelineReport = {
    environment: { ...environment, missing },
    partitions: PARTITIONS,
    rounds: effort.rounds,
    rows,
    latencies: await latencies(field, effort.latencySeconds),
    trickle: await trickle(field, effort.latencySeconds),
  };
  printLatency(report);
  if (!quick) writeRun("pipeline", report);
}

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false }, only: { type: "string" } } });
if (process.platform !== "linux" || availableParallelism() < 2) {
  throw new Error("this benchmark needs Linux and two cores: one for the broker, one for the router");
}
try {
  await run(options.quick, options.only ?? null);
} catch (error) {
  // Anything else is our own bug and ends the process with its stack.
  if (!(error instanceof WrongOutputError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}
