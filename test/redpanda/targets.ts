/** The inline transform as a target of the conformance cases, and what of them can't be the same in a broker. */
import { batchOf } from "../batches.ts";
import { bytesOf } from "../bytes.ts";
import type { Case } from "../case-text.ts";
import type { RoutedValues, Target } from "../conformance.ts";
import type { Deployment } from "./deployment.ts";
import { LongLivedVm, runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { readPayload } from "./payload.ts";
import { deploymentOf, hasDeadLetters, outputsOf, topicOf } from "./router-deployment.ts";
import type { RouterBuild } from "./router-module.ts";
import { routerModule } from "./router-module.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";

/** A record as a guest wrote it; null for the topic is the first one. */
export type Written = readonly [topic: string | null, payload: Uint8Array];

/** Runs a build of the router over batches; returns what it wrote, in order. */
export type RunRouter = (build: RouterBuild, deployment: Deployment, batches: readonly SourceBatch[]) => Promise<readonly Written[]>;

/** Where cases differ in a broker, and why: the whole list. */
function differenceOf(build: RouterBuild, { rule, input, expected }: Case): string | undefined {
  if ("batches" in input) return "the broker hands out records, not RecordBatches, and gives them its own time";
  if (expected.some((line) => line.startsWith("fault: "))) return "a fault is a line in the transform's log that names the variable";
  if (build === "redpanda" && /^rule=timestamp$/m.test(rule)) return "the timestamp rule is in a module of its own";
  if (/^unroutable=stop$/m.test(rule)) return "stop is refused at the start: the broker would start the guest again and again";
  if (/^unroutable=(?:drop|log)$/m.test(rule)) return "what is dropped or logged leaves nothing to compare: only the first is in the log";
  if (/^[^=\n]+=$/m.test(rule)) return "the broker takes no empty variable";
  return undefined;
}

/** The header of a dead letter that says what is wrong: `not-a-digit at byte 4`. */
const REASON_HEADER = "x-exception-message";
/** Values go in batches of so many. */
const BATCH_RECORDS = 3;

/** Returns batches of values, each with its index for a key. */
function batchesOf(values: readonly (Uint8Array | null)[]): readonly SourceBatch[] {
  const records = values.map((value, index) => ({ key: String(index), value }));
  const starts = Array.from({ length: Math.ceil(records.length / BATCH_RECORDS) }, (_, index) => index * BATCH_RECORDS);
  return starts.map((start) => sourceBatchOf(batchOf(records.slice(start, start + BATCH_RECORDS), { baseOffset: BigInt(start) })));
}

interface Routed {
  readonly topic: string;
  readonly index: number;
  readonly value: Uint8Array;
  readonly reason: string | undefined;
}

function routedOf([topic, payload]: Written): Routed {
  const content = readPayload(payload);
  if (content === null || content.value === null) throw new Error(`no record with a value: ${Buffer.from(payload).toString("hex")}`);
  const reason = content.headers.find(({ key }) => Buffer.from(key).toString() === REASON_HEADER)?.value ?? null;
  const index = Number(Buffer.from(content.key ?? bytesOf("")).toString());
  return { topic: topic ?? topicOf(0), index, value: content.value, reason: reason === null ? undefined : Buffer.from(reason).toString() };
}

/** Returns the outcome of values; what was written nowhere counts as a tombstone, so that a record that is lost shows. */
function outcomeOf(rule: string, values: readonly (Uint8Array | null)[], written: readonly Written[]): RoutedValues {
  const routed = written.map(routedOf);
  const outputs = outputsOf(rule).map((name, index) => ({
    name,
    values: routed.filter(({ topic }) => topic === topicOf(index)).map(({ value }) => value),
  }));
  const letters = hasDeadLetters(rule) ? routed.filter(({ topic }) => topic === topicOf(outputs.length)) : [];
  const unroutable = letters.map(({ index, reason = "" }) => {
    const [word = "", , , at] = reason.split(" ");
    return { index, reason: word, byteOffset: Number(at) };
  });
  return { outputs, unroutable, tombstones: values.length - routed.length };
}

/** Returns a target of a build of the router and a way to run it. */
export function targetOf(build: RouterBuild, way: string, run: RunRouter): Target {
  return {
    name: `${build} ${way}`,
    skip: (one) => differenceOf(build, one),
    routeValues: async (rule, values) => outcomeOf(rule, values, await run(build, deploymentOf(rule), batchesOf(values))),
  };
}

/** Runs the router with a VM for the batches at hand. */
export const runOneShot: RunRouter = async (build, deployment, batches) => {
  const written: Written[] = [];
  const guest = new Guest(routerModule(build), deployment);
  runOnce(guest, batches, (...record) => written.push(record) > 0);
  return Promise.resolve(written);
};

/** Runs the router with a VM that waits for each batch. */
export const runLongLived: RunRouter = async (build, deployment, batches) => {
  const written: Written[] = [];
  const vm = new LongLivedVm(new Guest(routerModule(build), deployment), (...record) => written.push(record) > 0);
  await vm.start();
  for (const batch of batches) await vm.transform(batch);
  vm.stop();
  return written;
};
