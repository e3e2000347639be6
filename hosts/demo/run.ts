/** One run of the demo, from the choice of the brokers to the judgement. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { setTimeout } from "node:timers/promises";
import type { Binder } from "../dataflow/binder.ts";
import type { Config } from "../dataflow/config.ts";
import { describeError } from "../dataflow/errors.ts";
import type { Logger } from "../dataflow/log.ts";
import { hasSimd } from "../simd.ts";
import { DemoError, openBrokers, type Brokers } from "./brokers.ts";
import type { Judge } from "./judge.ts";
import type { DemoOptions } from "./options.ts";
import { openInBrowser } from "./page.ts";
import { openPipeline, type Pipeline } from "./pipeline.ts";
import { openBinder, routerConfig, routerLog } from "./router.ts";
import { startAtEnd } from "./start-at-end.ts";
import { SINKS, TIME_TOPIC, type DemoField, type Sink } from "./stream.ts";
import type { Terminal } from "./terminal.ts";

export interface DemoRun {
  readonly options: DemoOptions;
  readonly terminal: Terminal;
  /** Ends the run in good order. */
  readonly stop: AbortSignal;
}

/** What came of a run, as a sentence. */
export interface Outcome {
  readonly isRight: boolean;
  readonly sentence: string;
}

const CORE = new URL(hasSimd() ? "../../build/core.simd.wasm" : "../../build/core.wasm", import.meta.url);
const POLL_MS = 20;
/** Longest wait for the first record to come through: joining the groups takes a fresh broker some seconds. */
const FIRST_ARRIVAL_TIMEOUT_MS = 60_000;
/** How much longer than asked for a run may go on until both logs have a record. */
const PATIENCE_MIN_MS = 3000;
/** At intervals of a multiple of this all timestamps are of one parity. */
const PARITY_PERIOD_MS = 2000;

/** Runs the demo to its end. Throws when it can't begin. */
export async function runDemo(run: DemoRun): Promise<Outcome> {
  const core = await WebAssembly.compile(await readFile(CORE));
  const brokers = await openBrokers(run.options.broker, run.terminal, run.stop);
  try {
    return await runOn(brokers, core, run);
  } finally {
    await brokers.close();
  }
}

async function runOn(brokers: Brokers, core: WebAssembly.Module, { options, terminal, stop }: DemoRun): Promise<Outcome> {
  // Somebody else's Kafka may have a router of its own, in the group that the router has by default.
  const group = brokers.areShared ? `timestamp-router-demo-${randomBytes(4).toString("hex")}` : "timestamp-router";
  const groupOf = ({ label }: Sink): string => `${group}.${label}`;
  const config = routerConfig(brokers.bootstrap, group, options.field);
  const log = routerLog(config, terminal);
  const binder = openBinder(brokers.bootstrap === null, core, config, log);
  await provision(binder, brokers);
  if (isOneSided(options)) terminal.note(`${whyOneSided(options)}, so one of the logs may stay empty`);
  const removeGroups = brokers.areShared ? await beginAtEnd(binder, config, { group, groupOf, log, stop }) : null;
  try {
    const pipeline = await openPipeline({
      binder,
      core,
      config,
      log,
      terminal,
      everyMs: options.everyMs,
      field: options.field,
      groupOf,
      stop,
    });
    terminal.note(`the page of this router, with its live figures: ${pipeline.pageUrl}`);
    if (options.opensPage) openInBrowser(pipeline.pageUrl, (reason) => terminal.note(`no browser can be opened here: ${reason}`));
    await untilEnd(pipeline, options, stop);
    await pipeline.close();
    terminal.flush();
    return outcomeOf(pipeline, options);
  } finally {
    await removeGroups?.().catch((error: unknown) => {
      terminal.note(`the consumer groups ${group}* could not be removed: ${describeError(error)}`);
    });
  }
}

/** Creates the topics that are missing; the outputs get as many partitions as the input has, as the router does it. */
async function provision(binder: Binder, brokers: Brokers): Promise<void> {
  try {
    const found = await binder.provision([{ name: TIME_TOPIC, partitions: 1 }]);
    const partitions = found.get(TIME_TOPIC)?.partitions ?? 1;
    await binder.provision(SINKS.map(({ topic }) => ({ name: topic, partitions })));
  } catch (error) {
    if (!brokers.areShared) throw error;
    throw new DemoError(`the Kafka at ${brokers.bootstrap} can't be used: ${describeError(error)}`);
  }
}

interface Groups {
  readonly group: string;
  readonly groupOf: (sink: Sink) => string;
  readonly log: Logger;
  readonly stop: AbortSignal;
}

async function beginAtEnd(binder: Binder, config: Config, { group, groupOf, log, stop }: Groups): Promise<() => Promise<void>> {
  const groups = [{ group, topic: TIME_TOPIC }, ...SINKS.map((sink) => ({ group: groupOf(sink), topic: sink.topic }))];
  return startAtEnd({
    binder,
    clientId: config.client.id,
    requestTimeoutMs: config.client.requestTimeoutMs,
    brokers: config.brokers,
    groups,
    log,
    stop,
  });
}

/** Resolves when the run has been long enough, was stopped, or is wrong already. */
async function untilEnd({ judge, failures }: Pipeline, options: DemoOptions, stop: AbortSignal): Promise<void> {
  const startedMs = performance.now();
  const patienceMs = isOneSided(options) ? 0 : Math.max(PATIENCE_MIN_MS, 3 * options.everyMs);
  let firstMs: number | null = null;
  while (!stop.aborted && failures.length === 0 && !judge.isWrong()) {
    const nowMs = performance.now();
    const counts = SINKS.map((sink) => judge.arrivedCount(sink));
    if (firstMs === null && counts.some((count) => count > 0)) firstMs = nowMs;
    if (firstMs === null && nowMs - startedMs > FIRST_ARRIVAL_TIMEOUT_MS) return;
    if (firstMs !== null && options.runMs !== null) {
      const overtimeMs = nowMs - firstMs - options.runMs;
      if (overtimeMs >= (hasSlowField(options.field) || counts.every((count) => count > 0) ? 0 : patienceMs)) return;
    }
    await setTimeout(POLL_MS);
  }
}

/** A field above the second has one parity for a minute or more. */
function isOneSided({ everyMs, field }: DemoOptions): boolean {
  return hasSlowField(field) || everyMs % PARITY_PERIOD_MS === 0;
}

function hasSlowField(field: DemoField | null): boolean {
  return field !== null && field !== "second";
}

function whyOneSided({ field }: DemoOptions): string {
  return hasSlowField(field) ? `all timestamps of one ${field} have its parity` : "with this --every all timestamps are of one parity";
}

function outcomeOf({ judge, failures }: Pipeline, options: DemoOptions): Outcome {
  const counts = SINKS.map((sink) => `${judge.arrivedCount(sink)} ${sink.output}`).join(" and ");
  const sent = judge.sentCount();
  const fault = failures[0] ?? judge.fault() ?? emptyLog(judge, options);
  if (fault !== null) return { isRight: false, sentence: `FAILED with ${counts} records of ${sent} sent: ${fault}` };
  return { isRight: true, sentence: `${counts} records: each of the ${sent} sent arrived once, in order and where it belongs` };
}

function emptyLog(judge: Judge, options: DemoOptions): string | null {
  const empty = SINKS.find((sink) => judge.arrivedCount(sink) === 0);
  // A slow field leaves one of the logs empty most of the time, and nothing is wrong with that.
  if (empty === undefined || (hasSlowField(options.field) && SINKS.some((sink) => judge.arrivedCount(sink) > 0))) return null;
  const why = isOneSided(options) ? whyOneSided(options) : "the demo ended before its first one was due";
  return `${empty.label} received no record, since ${why}`;
}
