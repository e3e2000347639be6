/** Time source, router and two log sinks over one binder. */
import { setTimeout } from "node:timers/promises";
import { startApp } from "../dataflow/app.ts";
import type { BatchConsumer, Binder } from "../dataflow/binder.ts";
import { systemClock } from "../dataflow/clock.ts";
import type { Config } from "../dataflow/config.ts";
import { describeError } from "../dataflow/errors.ts";
import { createHealth } from "../dataflow/health.ts";
import type { Logger } from "../dataflow/log.ts";
import { createMetrics } from "../dataflow/metrics.ts";
import { Router } from "../embed.ts";
import { INPUT } from "../dataflow/bindings.ts";
import { createJudge, type Judge } from "./judge.ts";
import { openLogSink } from "./log-sink.ts";
import { encodeRecordBatch, type Crc32c, type ReadRecord } from "./record-batch.ts";
import { openPage } from "./page.ts";
import { openPatiently } from "./retry.ts";
import { SINKS, TIME_TOPIC, type DemoField, type Sink } from "./stream.ts";
import type { Terminal } from "./terminal.ts";
import { startTimeSource } from "./time-source.ts";

export interface PipelineOptions {
  readonly binder: Binder;
  readonly core: WebAssembly.Module;
  readonly config: Config;
  readonly log: Logger;
  readonly terminal: Terminal;
  readonly everyMs: number;
  /** Returns the consumer group of a sink. */
  readonly groupOf: (sink: Sink) => string;
  /** Ends the wait for router and sinks. */
  /** What the router goes by: a field, or the last digit. */
  readonly field: DemoField | null;
  readonly stop: AbortSignal;
}

export interface Pipeline {
  readonly judge: Judge;
  /** Address of the router's page. */
  readonly pageUrl: string;
  /** What ended without being asked to, in sentences. */
  readonly failures: readonly string[];
  /** Ends source, router and sinks, in this order, each one after what it still has to do. */
  readonly close: () => Promise<void>;
}

const POLL_MS = 20;
/** Longest wait for the router. Should it take longer, the records wait for it. */
const ROUTING_TIMEOUT_MS = 30_000;
/** Longest wait, at the end, for records on their way. */
const DRAIN_TIMEOUT_MS = 15_000;
/** Longest wait for what the router wrote beyond what was sent, if anything. */
const SURPLUS_TIMEOUT_MS = 5000;
/** Longest wait for the clients to say goodbye. */
const CLOSE_TIMEOUT_MS = 5000;

/** Starts everything; the source begins when router and sinks listen, so that nothing piles up first. The topics must exist. */
export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const { binder, core, config, log } = options;
  const judge = createJudge(options.field);
  const checker = new Router(core);
  const crc32c: Crc32c = (bytes) => checker.crc32c(bytes);
  const failures: string[] = [];
  const watch = (who: string, ended: Promise<void>): void => {
    ended.catch((error: unknown) => {
      failures.push(`${who} ended: ${describeError(error)}`);
    });
  };
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  const metrics = createMetrics({ tags: {}, now: Date.now });
  const app = startApp({ config, binder, core, health, metrics, log, clock: systemClock });
  watch("the router", app.ended);
  const page = await openPage({ config, app, health, metrics, log });
  const openSink = async (sink: Sink): Promise<BatchConsumer> => {
    const onRecord = (record: ReadRecord): void => {
      judge.arrived(sink, record);
      options.terminal.logged(sink, record.value === null ? "null" : Buffer.from(record.value).toString());
    };
    const open = async (): Promise<BatchConsumer> =>
      openLogSink({ binder, topic: sink.topic, group: options.groupOf(sink), crc32c, onRecord });
    const consumer = await openPatiently(open, options.stop);
    watch(sink.label, consumer.ended);
    return consumer;
  };
  const sinks = await Promise.all(SINKS.map(openSink));
  const producer = await binder.openProducer();
  await until(() => health.status() === "UP" || failures.length > 0 || options.stop.aborted, performance.now() + ROUTING_TIMEOUT_MS);
  const source = startTimeSource({
    everyMs: options.everyMs,
    topic: TIME_TOPIC,
    producer,
    encode: (records) => encodeRecordBatch(records, crc32c),
    onSend: (records) => {
      for (const record of records) judge.sent(record);
    },
  });
  watch("the time source", source.ended);
  const isOver = (): boolean => judge.isDecided() || failures.length > 0;
  const close = async (): Promise<void> => {
    const deadlineMs = performance.now() + DRAIN_TIMEOUT_MS;
    await page.close();
    // Somebody may have paused it by the page: what was sent is to arrive all the same.
    const state = app.bindings().find(({ isInput }) => isInput)?.state;
    if (state !== "running") await app.control(INPUT, state === "stopped" ? "STARTED" : "RESUMED");
    await within(source.stop(), DRAIN_TIMEOUT_MS);
    await until(() => isOver() || judge.missingCount() === 0, deadlineMs);
    // A failure has been noted by the one who watches the app's end.
    await app.stop().catch(() => {});
    // A record that was routed twice is one more than was sent: it is waited for, so that it does not go unnoticed.
    const { routed } = app.counts();
    const hasAll = (): boolean => SINKS.every((sink, index) => judge.arrivedCount(sink) >= (routed[index] ?? 0));
    await until(() => isOver() || hasAll(), performance.now() + SURPLUS_TIMEOUT_MS);
    await within(Promise.allSettled([...sinks.map(async (sink) => sink.close()), producer.close()]), CLOSE_TIMEOUT_MS);
  };
  return { judge, pageUrl: page.url, failures, close };
}

async function until(holds: () => boolean, deadlineMs: number): Promise<void> {
  while (!holds() && performance.now() < deadlineMs) await setTimeout(POLL_MS);
}

/** Awaits a promise that never rejects, but not for ever: a broker that is away must not hold up the end. */
async function within(promise: Promise<unknown>, timeoutMs: number): Promise<void> {
  const timeout = new AbortController();
  await Promise.race([promise, setTimeout(timeoutMs, undefined, { signal: timeout.signal })]);
  timeout.abort();
}
