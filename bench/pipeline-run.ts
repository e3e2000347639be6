/** One router, once through an input that is there already: from its being in the group to the last record in an output, and committed. */
import { fileURLToPath } from "node:url";
import { runJava } from "../hosts/demo/broker/tools.ts";
import type { Topics } from "../test/broker/topics.ts";
import { openLogEnds, type LogEnds } from "./pipeline-log-ends.ts";
import type { Run } from "./pipeline-report.ts";
import { cpuNs, peakMemoryMb, startRouter, type Router, type RunningRouter, type Stream } from "./pipeline-router.ts";

const DIGEST = fileURLToPath(new URL("peers/pipeline/Digest.java", import.meta.url));
const DIGEST_HEAP_MB = 1024;
const POLL_MS = 5;
const RUN_TIMEOUT_MS = 600_000;

export const PARTITIONS = 4;

/** Where the runs are made. */
export interface Field {
  readonly bootstrap: string;
  readonly brokerPid: number;
  readonly topics: Topics;
}

/** An input, and what a router has to make of it. */
export interface Input {
  readonly topic: string;
  readonly records: number;
  readonly expected: Digest;
}

/** What `Digest.java` says, where it is explained. */
export interface Digest {
  readonly records: readonly [number, number];
  readonly ordered: string;
  readonly unordered: string;
  readonly markers: number;
}

/** A router has not made what it had to. */
export class WrongOutputError extends Error {
  override readonly name = "WrongOutputError";
}

/** Returns what an input asks of a router. */
export async function expectedOf(bootstrap: string, input: string): Promise<Digest> {
  return digest([bootstrap, "expected", input]);
}

async function digest(args: readonly string[]): Promise<Digest> {
  const result = await runJava({ source: DIGEST, className: "Digest", args, heapMb: DIGEST_HEAP_MB, jvm: "server" });
  if (result.exitCode !== 0) throw new Error(`the outputs could not be read:\n${result.stderr}`);
  return JSON.parse(result.stdout) as Digest;
}

/** Returns a stream with outputs and a group of its own. */
export function streamOf(bootstrap: string, input: string, name: string): Stream {
  return { bootstrap, input, even: `${name}-even`, odd: `${name}-odd`, group: name };
}

/** Runs a router on new output topics, and judges what it made. */
export async function runOnce(field: Field, router: Router, input: Input, name: string): Promise<Run> {
  const { bootstrap, topics } = field;
  const stream = streamOf(bootstrap, input.topic, name);
  for (const topic of [stream.even, stream.odd]) await topics.create(topic, PARTITIONS);
  const measured = await measure(field, router, stream, input.records);
  const found = await digest([bootstrap, "found", stream.even, stream.odd]);
  judge(router, input.expected, found);
  for (const topic of [stream.even, stream.odd]) await topics.remove(topic);
  return { ...measured, transactions: router.delivery === "exactly once" ? found.markers : null };
}

function judge({ name, repartitions }: Router, expected: Digest, found: Digest): void {
  const isRight = found.unordered === expected.unordered && String(found.records) === String(expected.records);
  const isOrdered = repartitions === true || found.ordered === expected.ordered;
  if (isRight && isOrdered) return;
  throw new WrongOutputError(
    `${name} made ${found.records.join(" + ")} records of ${expected.records.join(" + ")}, ${isRight ? "in another order" : "and other ones"}`,
  );
}

interface Moment {
  readonly atMs: number;
  readonly routerNs: number;
  readonly brokerNs: number;
}

async function measure(field: Field, router: Router, stream: Stream, records: number): Promise<Omit<Run, "transactions">> {
  const startedAtMs = performance.now();
  const running = startRouter(router, stream);
  try {
    using ends = await openLogEnds(field.bootstrap, [stream.even, stream.odd], PARTITIONS);
    const moment = (): Moment => ({
      atMs: performance.now(),
      routerNs: cpuNs(running.pid),
      brokerNs: cpuNs(field.brokerPid),
    });
    await untilMember(field, running, stream);
    const begin = moment();
    await untilMore(ends, running, 0);
    const startUpMs = performance.now() - startedAtMs;
    await untilMore(ends, running, records - 1);
    if (router.delivery === "exactly once") await untilCommitted(field, running, stream, records);
    const end = moment();
    return {
      records,
      seconds: (end.atMs - begin.atMs) / 1000,
      routerNs: end.routerNs - begin.routerNs,
      brokerNs: end.brokerNs - begin.brokerNs,
      memoryMb: peakMemoryMb(running.pid),
      startUpMs,
    };
  } finally {
    await running.stop();
  }
}

/** Polls until the router is a member of the group: what it does before is its start. */
async function untilMember({ topics }: Field, running: RunningRouter, { group }: Stream): Promise<void> {
  await poll(running, async () => ((await topics.members(group)).length > 0 ? true : null));
}

/**
 * Polls until the outputs have more than so many records; returns how many. The ends of transactions take offsets, too, so some of the last
 * records may be missing yet.
 */
export async function untilMore(ends: LogEnds, running: RunningRouter, count: number): Promise<number> {
  return poll(running, async () => {
    const sum = await ends.sum();
    return sum !== null && sum > count ? sum : null;
  });
}

/** Positions are committed together with the records. */
export async function untilCommitted({ topics }: Field, running: RunningRouter, { group, input }: Stream, records: number): Promise<void> {
  await poll(running, async () => {
    const positions = await topics.committed(group, input);
    return positions.reduce((sum, offset) => sum + offset, 0) === records ? true : null;
  });
}

/** Looks every few milliseconds until there is something to see; throws when the router has ended. */
async function poll<T>(running: RunningRouter, look: () => Promise<T | null>): Promise<T> {
  const deadline = performance.now() + RUN_TIMEOUT_MS;
  for (;;) {
    running.check();
    const seen = await look();
    if (seen !== null) return seen;
    if (performance.now() > deadline) throw new Error(`a run takes longer than ${RUN_TIMEOUT_MS / 1000} s`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
