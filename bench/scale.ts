/**
 * The app along one axis at a time: how many records, partitions, bytes a value and instances; and how its memory goes over many records. Every run is
 * checked by counting only: `pipeline.ts` compares contents. `README.md` has what is measured.
 */
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { startCluster } from "../hosts/demo/broker/cluster.ts";
import { openTopics } from "../test/broker/topics.ts";
import { writeRecords } from "../test/broker/records.ts";
import { AT_LEAST_ONCE } from "./peers/pipeline/ours.ts";
import { openLogEnds } from "./pipeline-log-ends.ts";
import { BROKER_CORE, cpuNs, peakMemoryMb, startRouter, type RunningRouter } from "./pipeline-router.ts";
import { streamOf, untilCommitted, untilMore, type Field } from "./pipeline-run.ts";
import { environmentOf } from "./report.ts";
import { writeRun } from "./results-files.ts";
import type { Axis, ScaleReport, ScaleRow } from "./scale-report.ts";

const BROKER_HEAP_MB = 1024;
const BATCH_BYTES = 250_000;
const VALUE_BYTES = 17;
const SAMPLE_MS = 250;
/** What the writer does in good time at once. */
const WRITE_RECORDS_MAX = 20_000_000;

/** One point of an axis. */
interface Point {
  readonly axis: Axis;
  readonly records: number;
  readonly partitions: number;
  readonly valueBytes: number;
  readonly instances: number;
}

const MIDDLE: Omit<Point, "axis"> = { records: 4_000_000, partitions: 4, valueBytes: VALUE_BYTES, instances: 1 };

/** At most some 3 GB of input and 4 GB of output at a time. */
function pointsOf(isQuick: boolean): readonly Point[] {
  const share = isQuick ? 0.02 : 1;
  const at = (axis: Axis, changes: Partial<Point>): Point => {
    const point = { ...MIDDLE, axis, ...changes };
    return { ...point, records: Math.max(1000, Math.round(point.records * share)) };
  };
  return [
    ...[1e5, 1e6, 1e7, 1e8].map((records) => at("records", { records })),
    ...[1, 4, 16, 64].map((partitions) => at("partitions", { partitions })),
    ...[10, 100, 1000, 10_000, 100_000].map((valueBytes) => at("value bytes", { valueBytes, records: Math.min(4e6, 2e9 / valueBytes) })),
    ...[1, 2, 4].map((instances) => at("instances", { instances })),
  ];
}

/** Resident memory of a process at this moment, in MB. */
function memoryMb(pid: number): number {
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kibibytes) * 1024) / 1e6;
}

/** Routes one point's records with as many processes as it has instances, all on one core. */
async function measure(field: Field, point: Point, index: number): Promise<ScaleRow> {
  const { records, partitions, valueBytes, instances } = point;
  const { bootstrap, topics, brokerPid } = field;
  const stream = streamOf(bootstrap, `scale-${index}-in`, `scale-${index}`);
  for (const topic of [stream.input, stream.even, stream.odd]) await topics.create(topic, partitions);
  for (let written = 0; written < records; written += WRITE_RECORDS_MAX) {
    const share = Math.min(WRITE_RECORDS_MAX, records - written);
    await writeRecords(bootstrap, stream.input, { records: share, partitions, plain: true, batchBytes: BATCH_BYTES, valueBytes });
  }
  const routers: RunningRouter[] = [];
  try {
    for (let instance = 0; instance < instances; instance++) routers.push(startRouter(AT_LEAST_ONCE, stream));
    const [first] = routers;
    if (first === undefined) throw new RangeError("a point without instances");
    using ends = await openLogEnds(bootstrap, [stream.even, stream.odd], partitions);
    const cpu = (): number => routers.reduce((sum, { pid }) => sum + cpuNs(pid), 0);
    const seen = await untilMore(ends, first, 0);
    const begin = { atMs: performance.now(), routerNs: cpu(), brokerNs: cpuNs(brokerPid) };
    const memory: number[] = [];
    const sampling = setInterval(() => memory.push(memoryMb(first.pid)), SAMPLE_MS);
    await untilMore(ends, first, records - 1);
    await untilCommitted(field, first, stream, records);
    clearInterval(sampling);
    const seconds = (performance.now() - begin.atMs) / 1000;
    const routed = records - seen;
    return {
      ...point,
      perSecond: routed / seconds,
      megabytesPerSecond: (routed * valueBytes) / 1e6 / seconds,
      routerNs: (cpu() - begin.routerNs) / routed,
      brokerNs: (cpuNs(brokerPid) - begin.brokerNs) / routed,
      memoryMb: Math.max(...routers.map(({ pid }) => peakMemoryMb(pid))),
      memoryByTenth: Array.from({ length: 10 }, (_, tenth) => memory[Math.floor(((tenth + 1) * memory.length) / 10) - 1] ?? Number.NaN),
      written: (await ends.sum()) ?? Number.NaN,
    };
  } finally {
    for (const router of routers) await router.stop();
    for (const topic of [stream.input, stream.even, stream.odd]) await topics.remove(topic);
  }
}

const { values: options } = parseArgs({ options: { quick: { type: "boolean", default: false }, only: { type: "string" } } });
const environment = environmentOf("bench/scale.ts");
// As in `pipeline.ts`: the broker and what measures on one core, the routers on the other.
execFileSync("taskset", ["-a", "-p", "-c", String(BROKER_CORE), String(process.pid)], { stdio: "ignore" });
await using cluster = await startCluster({ nodes: 1, jvm: "server", heapMb: BROKER_HEAP_MB });
await using topics = await openTopics(cluster.bootstrap);
const field: Field = { bootstrap: cluster.bootstrap, brokerPid: cluster.pid(1) ?? 0, topics };
const rows: ScaleRow[] = [];
for (const [index, point] of pointsOf(options.quick).entries()) {
  if (options.only !== undefined && point.axis !== options.only) continue;
  const row = await measure(field, point, index);
  rows.push(row);
  const { axis, records, partitions, valueBytes, instances } = point;
  console.log(
    `${axis}: ${records} records, ${partitions} partitions, ${valueBytes} bytes, ${instances} instances: ${Math.round(row.perSecond)}/s, ` +
      `${Math.round(row.routerNs)} ns and ${Math.round(row.brokerNs)} ns a record, ${Math.round(row.memoryMb)} MB, ${row.written - records} more than once`,
  );
}
const report: ScaleReport = { environment, rows };
if (options.only === undefined && !options.quick) writeRun("scale", report);
