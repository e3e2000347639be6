/** A thread that routes: the app, with its log, health, meters and end told to the main thread. */
import { startApp, type App } from "../app.ts";
import type { Binder } from "../binder.ts";
import { INPUT } from "../bindings.ts";
import { systemClock } from "../clock.ts";
import { describeError } from "../errors.ts";
import type { BinderHealth, HealthStatus } from "../health.ts";
import { createLogger, type Logger, type LoggerOptions } from "../log.ts";
import { createLogLevels } from "../log-levels.ts";
import { createMetrics, type Metrics } from "../metrics.ts";
import { registerLogMeters } from "../metrics/log-meters.ts";
import { registerThreadMeters } from "../metrics/thread-meters.ts";
import type { FromThread, ThreadData, ThreadFailure, ThreadSnapshot, ToThread } from "./messages.ts";

/** Where a thread hears of the main thread and tells it something. */
export interface ParentPort {
  on(event: "message", listener: (message: ToThread) => void): unknown;
  postMessage(message: FromThread): void;
}

/** What a thread's binder is made with. */
export interface ThreadGround {
  readonly metrics: Metrics;
  readonly log: Logger;
}

/**
 * How often a thread tells what it has counted. It is told rather than asked for, so that whoever reads the meters has them at once, and never
 * waits for a thread that is busy; the main thread keeps the last of each thread.
 */
const SNAPSHOT_INTERVAL_MS = 1000;

/** Runs the app in this thread until it is told to stop, or can't go on. */
export function runThread(port: ParentPort, data: ThreadData, openBinder: (ground: ThreadGround) => Binder): void {
  const { config, core } = data;
  const tell = (message: FromThread): void => {
    port.postMessage(message);
  };
  const levels = createLogLevels(data.rootLevel, data.levelByLogger);
  const metrics = createMetrics({ tags: config.metricsTags, now: () => performance.now() });
  registerThreadMeters(metrics);
  const log = toldLog(tell, data, { levels, onEvent: registerLogMeters(metrics) });
  const binder = openBinder({ metrics, log });
  const app = startApp({ config, binder, core, health: toldHealth(tell), metrics, log, clock: systemClock });
  const snapshot = (): ThreadSnapshot => ({ counts: app.counts(), families: metrics.snapshot(), loggers: levels.names() });
  const tellSnapshot = (): void => {
    tell({ kind: "snapshot", snapshot: snapshot() });
  };
  tellSnapshot();
  const stopSnapshots = systemClock.every(SNAPSHOT_INTERVAL_MS, tellSnapshot);
  const end = (isDrained: boolean, failure: ThreadFailure | null): void => {
    stopSnapshots();
    tell({ kind: "ended", isDrained, failure, snapshot: snapshot() });
  };
  app.ended.catch((error: unknown) => {
    end(false, failureOf(error));
  });
  port.on("message", (message) => {
    if (message.kind === "level") levels.set(message.logger, message.level);
    else if (message.kind === "control") void control(app, message, tell);
    else void stop(app, end);
  });
}

async function control(
  app: App,
  { id, command }: ToThread & { readonly kind: "control" },
  tell: (message: FromThread) => void,
): Promise<void> {
  await app.control(INPUT, command);
  tell({ kind: "controlled", id });
}

async function stop(app: App, end: (isDrained: boolean, failure: null) => void): Promise<void> {
  const isDrained = await app.stop().catch(() => null);
  // Else the app could not go on, which has been told.
  if (isDrained !== null) end(isDrained, null);
}

/** Returns a log whose lines are told. */
function toldLog(
  tell: (message: FromThread) => void,
  { name, config: { applicationName, logging } }: ThreadData,
  told: Pick<LoggerOptions, "levels" | "onEvent">,
): Logger {
  const write = (line: string): void => {
    tell({ kind: "line", line });
  };
  const { format } = logging;
  return createLogger({ applicationName, format, write, now: Date.now, pid: process.pid, thread: name, ...told });
}

/** Returns a health that is told whenever it changes. */
function toldHealth(tell: (message: FromThread) => void): BinderHealth {
  let last: { readonly status: HealthStatus; readonly problem: string | null } | null = null;
  let details: (() => Readonly<Record<string, unknown>>) | null = null;
  return {
    setComponent(_name, status) {
      const error = details?.()["error"];
      const problem = typeof error === "string" ? error : null;
      if (last?.status === status && last.problem === problem) return;
      last = { status, problem };
      tell({ kind: "health", status, problem });
    },
    setBinderDetails(read) {
      details = read;
    },
  };
}

/** A clone of an error would have neither its name nor what is below it. */
function failureOf(error: unknown): ThreadFailure {
  const { name, stack = "" } = error instanceof Error ? error : new Error();
  return { name, message: describeError(error), stack };
}
