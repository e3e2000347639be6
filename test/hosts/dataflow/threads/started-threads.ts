/** The app with threads that a test plays: it sees what they are told, and says what they answer. */
import { EventEmitter } from "node:events";
import type { TestContext } from "node:test";
import type { App } from "../../../../hosts/dataflow/app.ts";
import { systemClock } from "../../../../hosts/dataflow/clock.ts";
import { createHealth, type Health } from "../../../../hosts/dataflow/health.ts";
import { createLogLevels, type LogLevels } from "../../../../hosts/dataflow/log-levels.ts";
import type { FromThread, ThreadData, ThreadSnapshot, ToThread } from "../../../../hosts/dataflow/threads/messages.ts";
import type { ThreadWorker } from "../../../../hosts/dataflow/threads/router-thread.ts";
import { startThreadedApp } from "../../../../hosts/dataflow/threads/threaded-app.ts";
import { Threads } from "../../../../hosts/dataflow/threads/threads.ts";
import { coreModule } from "../../../core-module.ts";
import { config } from "../config-checks.ts";
import { FakeBinder } from "../fake-binder.ts";
import { createMemoryLog, type MemoryLog } from "../memory-log.ts";
import { until } from "../started-app.ts";

/** A worker without a thread. */
export class FakeWorker extends EventEmitter implements ThreadWorker {
  readonly data: ThreadData;
  /** What it was told. */
  readonly told: ToThread[] = [];
  isTerminated = false;

  constructor(data: ThreadData) {
    super();
    this.data = data;
  }

  postMessage(message: ToThread): void {
    this.told.push(structuredClone(message));
  }

  /** Says something to the main thread. */
  says(message: FromThread): void {
    this.emit("message", structuredClone(message));
  }

  /** Is a member of the group from now on. */
  opens(): void {
    this.says({ kind: "health", status: "UP", problem: null });
  }

  /** Does what it was told to do with the input. */
  obeys(): void {
    for (const message of this.told) if (message.kind === "control") this.says({ kind: "controlled", id: message.id });
  }

  /** Ends as it was told to. */
  ends(isDrained = true, snapshot: ThreadSnapshot = snapshotOf(0)): void {
    this.says({ kind: "ended", isDrained, failure: null, snapshot });
    this.emit("exit", 1);
  }

  /** Says that it can't go on. */
  fails(message: string): void {
    this.says({ kind: "ended", isDrained: false, failure: { name: "AppError", message, stack: "" }, snapshot: snapshotOf(0) });
    this.emit("exit", 1);
  }

  async terminate(): Promise<void> {
    this.isTerminated = true;
    return Promise.resolve();
  }

  /** The commands for the input that it was told. */
  get commands(): readonly string[] {
    return this.told.flatMap((message) => (message.kind === "control" ? [message.command] : []));
  }

  get isStopped(): boolean {
    return this.told.some(({ kind }) => kind === "stop");
  }
}

/** What a thread tells that has routed so many records to the first output. */
export function snapshotOf(routed: number): ThreadSnapshot {
  return {
    counts: { routed: [routed, 0], tombstones: 1, unroutable: 2, deadLetters: 3, jumps: 4 },
    families: [],
    loggers: ["router.session"],
  };
}

export interface StartedThreads {
  readonly app: App;
  readonly binder: FakeBinder;
  readonly threads: Threads;
  readonly workers: readonly FakeWorker[];
  readonly health: Health;
  readonly levels: LogLevels;
  readonly log: MemoryLog;
  /** What threads have logged. */
  readonly written: readonly string[];
  /** Resolves when there are so many workers. */
  readonly started: (count: number) => Promise<readonly FakeWorker[]>;
}

export interface ThreadsOptions {
  readonly concurrency?: number;
  readonly partitions?: number;
  readonly args?: readonly string[];
  readonly binder?: FakeBinder;
}

/** Starts the app over an input with so many partitions; its workers are ended with the test. */
export function startThreads(context: TestContext, options: ThreadsOptions = {}): StartedThreads {
  const { concurrency = 2, partitions = 4, args = [], binder = new FakeBinder() } = options;
  binder.topics.set("input", partitions);
  const threads = new Threads();
  const workers: FakeWorker[] = [];
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  const levels = threads.followed(createLogLevels("INFO"));
  const log = createMemoryLog();
  const written: string[] = [];
  const app = startThreadedApp({
    config: config([`--spring.cloud.stream.bindings.input.consumer.concurrency=${concurrency}`, ...args]),
    binder,
    core: coreModule(),
    health,
    levels,
    log,
    clock: systemClock,
    threads,
    openWorker: (data) => {
      const worker = new FakeWorker(data);
      workers.push(worker);
      return worker;
    },
    write: (line) => written.push(line),
  });
  context.after(async () => {
    const stopped = app.stop().catch(() => {});
    for (const worker of workers) worker.ends();
    await stopped;
  });
  const started = async (count: number): Promise<readonly FakeWorker[]> => {
    await until(`${count} threads are started`, () => workers.length === count);
    return workers;
  };
  return { app, binder, threads, workers, health, levels, log, written, started };
}
