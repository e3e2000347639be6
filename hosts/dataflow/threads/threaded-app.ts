/** The app whose records are routed by several threads. What there is once in a process stays here: its topics, its health, its bindings and its end. */
import { randomUUID } from "node:crypto";
import type { App } from "../app.ts";
import { BackOff } from "../back-off.ts";
import type { Binder } from "../binder.ts";
import {
  binderDetails,
  describeBindings,
  INPUT,
  InputSwitch,
  takesCommand,
  type BindingCommand,
  type BindingDescription,
} from "../bindings.ts";
import { within, type Clock } from "../clock.ts";
import type { Config } from "../config.ts";
import { describeError, isRetriable } from "../errors.ts";
import type { BinderHealth } from "../health.ts";
import { ROOT, type LogLevels } from "../log-levels.ts";
import type { Logger } from "../log.ts";
import type { RecordCounts } from "../metrics/router-meters.ts";
import { oneLine } from "../one-line.ts";
import { provision } from "../provision.ts";
import { PROPERTIES } from "../schema.ts";
import type { ThreadData } from "./messages.ts";
import { RouterThread, type ThreadWorker } from "./router-thread.ts";
import { configOfThread, partitionCount, threadCount } from "./thread-config.ts";
import type { Threads } from "./threads.ts";

export interface ThreadedAppOptions {
  readonly config: Config;
  /** Creates the topics before a thread looks for them. */
  readonly binder: Pick<Binder, "provision">;
  /** The core, compiled. */
  readonly core: WebAssembly.Module;
  readonly health: BinderHealth;
  readonly levels: LogLevels;
  readonly log: Logger;
  readonly clock: Clock;
  /** Where the threads are to be found, from their start on. */
  readonly threads: Threads;
  readonly openWorker: (data: ThreadData) => ThreadWorker;
  /** Takes a line of a thread's log, line end included. */
  readonly write: (line: string) => void;
}

const LOGGER = "router.app";

/** Starts the app; its threads are started as soon as the input has partitions for them. */
export function startThreadedApp(options: ThreadedAppOptions): App {
  return new ThreadedApp(options);
}

class ThreadedApp implements App {
  readonly ended: Promise<void>;
  readonly #options: ThreadedAppOptions;
  readonly #stopping = new AbortController();
  readonly #input: InputSwitch;
  readonly #anonymousGroup = `anonymous.${randomUUID()}`;
  /** Why the topics are not there, or null. */
  #problem: string | null = null;
  /** False while there are threads, and after them when one of them could not finish what it took. */
  #isDrained = true;

  constructor(options: ThreadedAppOptions) {
    this.#options = options;
    const { config, health, threads } = options;
    this.#input = new InputSwitch(config.input.autoStartup);
    health.setComponent("binders", "DOWN");
    health.setBinderDetails(() => binderDetails(config, this.#input.state, this.#problem ?? threads.problem()));
    this.ended = this.#run();
    // Whoever started the app awaits it, though perhaps not yet when it fails.
    this.ended.catch(() => {});
  }

  counts(): RecordCounts {
    return this.#options.threads.counts(this.#options.config.outputs.length);
  }

  bindings(): readonly BindingDescription[] {
    return describeBindings(this.#options.config, this.#input.state);
  }

  async control(bindingName: string, command: BindingCommand): Promise<boolean> {
    if (bindingName !== INPUT) return takesCommand(this.#options.config, bindingName, command);
    this.#input.command(command);
    await this.#options.threads.control(command);
    return true;
  }

  async stop(): Promise<boolean> {
    const { threads, clock, config } = this.#options;
    this.#stopping.abort();
    threads.stop();
    const drained = this.ended.then(() => this.#isDrained);
    return (await within(clock, config.shutdownTimeoutMs, drained)) ?? this.#isDrained;
  }

  async #run(): Promise<void> {
    const { threads, log, clock, config } = this.#options;
    const partitions = await this.#untilProvisioned();
    if (partitions === null) return;
    this.#isDrained = false;
    try {
      await this.#startThreads(partitions);
      this.#isDrained = await threads.ended();
    } catch (error) {
      log.warn(LOGGER, `One thread can't go on, so the others finish what they have: ${describeError(error)}`);
      threads.stop();
      await within(clock, config.shutdownTimeoutMs, threads.settled());
      throw error;
    }
  }

  /** Returns the partitions of each topic of the input as soon as it is to be read and all topics are there; null when the app is to stop. */
  async #untilProvisioned(): Promise<ReadonlyMap<string, number> | null> {
    const { binder, config, health, log, clock } = this.#options;
    const backOff = new BackOff();
    while (!this.#stopping.signal.aborted) {
      if (this.#input.isStopped()) {
        this.#problem = null;
        health.setComponent("binders", "UNKNOWN");
        await this.#input.started(this.#stopping.signal);
        backOff.reset();
        continue;
      }
      try {
        const { inputPartitions } = await provision(binder, config);
        this.#problem = null;
        if (!this.#input.isStopped() && !this.#stopping.signal.aborted) return inputPartitions;
      } catch (error) {
        if (!isRetriable(error)) throw error;
        this.#problem = oneLine(describeError(error));
        health.setComponent("binders", "DOWN");
        const delayMs = backOff.next();
        log.warn(LOGGER, `${describeError(error)}; trying again in ${delayMs / 1000} s`);
        await clock.delay(delayMs, AbortSignal.any([this.#stopping.signal, this.#input.stopping]));
      }
    }
    return null;
  }

  async #startThreads(partitions: ReadonlyMap<string, number>): Promise<void> {
    const { config, log } = this.#options;
    const { concurrency, instance, resetOffsets, startOffset } = config.input;
    const count = threadCount(concurrency, partitions, instance);
    if (count < concurrency) log.warn(LOGGER, describeIdle(concurrency, partitionCount(partitions, instance), count));
    log.info(LOGGER, `Routing by ${counted(count, "thread")}`);
    for (let index = 0; index < count && !this.#stopping.signal.aborted; index++) {
      const thread = this.#startThread(index, count);
      // Of a group that shares out its partitions the first one commits where those begin that the app gets, before any other joins: each one would
      // have an end of the log, or a reset, of its own.
      if (index === 0 && instance === null && (resetOffsets || startOffset === "latest")) await Promise.race([thread.opened, thread.ended]);
    }
  }

  #startThread(index: number, count: number): RouterThread {
    const { config, core, levels, threads, openWorker, write, health } = this.#options;
    const name = `router-${index}`;
    const worker = openWorker({
      name,
      config: configOfThread(config, index, count),
      core,
      anonymousGroup: this.#anonymousGroup,
      rootLevel: levels.effective(ROOT),
      levelByLogger: levelByLogger(levels),
    });
    const onHealth = (): void => {
      health.setComponent("binders", threads.status());
    };
    const thread = new RouterThread({ name, worker, write, onHealth });
    threads.add(thread);
    onHealth();
    // What was asked of the input before.
    if (this.#input.isPaused()) void thread.control("PAUSED");
    if (this.#input.isStopped()) void thread.control("STOPPED");
    return thread;
  }
}

/** The loggers with a level of their own, and those levels. */
function levelByLogger(levels: LogLevels): ThreadData["levelByLogger"] {
  const pairs = levels.names().flatMap((logger) => {
    const level = levels.configured(logger);
    return level === null || logger === ROOT ? [] : [[logger, level] as const];
  });
  return Object.fromEntries(pairs);
}

/** Says why there are fewer threads than were asked for. */
function describeIdle(concurrency: number, partitions: number, count: number): string {
  const reason = `is ${concurrency}, and the input has ${counted(partitions, "partition")} for this instance`;
  return `${PROPERTIES.concurrency.name} ${reason}: starting ${counted(count, "thread")}`;
}

function counted(count: number, noun: string): string {
  return count === 1 ? `1 ${noun}` : `${count} ${noun}s`;
}
