/** The router as an app: sessions one after the other, until it is stopped or can't go on. */
import { once } from "node:events";
import { Router } from "../embed.ts";
import { BackOff } from "./back-off.ts";
import type { Binder, Jump } from "./binder.ts";
import {
  binderDetails,
  describeBindings,
  InputSwitch,
  INPUT,
  takesCommand,
  type BindingCommand,
  type BindingDescription,
} from "./bindings.ts";
import { within, type Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { AppError, describeError, isRetriable } from "./errors.ts";
import type { BinderHealth } from "./health.ts";
import type { Logger } from "./log.ts";
import type { Metrics } from "./metrics.ts";
import { createRouterMeters, type RecordCounts, type RouterMeters } from "./metrics/router-meters.ts";
import { oneLine } from "./one-line.ts";
import { provision } from "./provision.ts";
import { CorruptBatchError } from "./route-fetched.ts";
import { openSession, type Session } from "./session.ts";
import { createUnroutableReport, type UnroutableReport } from "./unroutable.ts";

export interface AppOptions {
  readonly config: Config;
  readonly binder: Binder;
  /** The core, compiled. */
  readonly core: WebAssembly.Module;
  readonly health: BinderHealth;
  readonly metrics: Metrics;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface App {
  /** Resolves after `stop`; rejects when the app can't go on. */
  readonly ended: Promise<void>;
  /** Drains, commits and lets go, within the configured time. Returns whether all of it was done: if not, some records will be routed again. */
  stop(): Promise<boolean>;
  bindings(): readonly BindingDescription[];
  /**
   * Pauses, resumes, stops or starts the input; resolves when nothing of a stopped one is on its way any more, or the time for a stop is over.
   * Resolves to false for a command that would take an output away from a running input; a binding that there is not can do anything.
   */
  control(bindingName: string, command: BindingCommand): Promise<boolean>;
  /** What has become of the records so far. */
  counts(): RecordCounts;
}

/** A corrupt RecordBatch may be the network's doing, so it is fetched again; the log itself does not mend. */
const CORRUPT_FETCHES_MAX = 4;
/** How often the health is looked at, and what has been unroutable is summed up. */
const WATCH_INTERVAL_MS = 1000;
const LOGGER = "router.app";

/** Starts the router. Throws `RouterError` when the core refuses the rule. */
export function startApp(options: AppOptions): App {
  return new RunningApp(options);
}

class RunningApp implements App {
  readonly ended: Promise<void>;
  readonly #options: AppOptions;
  readonly #router: Router;
  readonly #checker: Router;
  readonly #unroutableReport: UnroutableReport;
  readonly #stopping = new AbortController();
  readonly #input: InputSwitch;
  readonly #meters: RouterMeters;
  /** Null while there is none. */
  #session: Session | null = null;
  /** Why the last session failed, or could not be opened; null while there is one. */
  #problem: string | null = null;
  /** False while there is a session, or one is being opened: there may be something that it took and has not finished. */
  #isDrained = true;
  /** By the place of a corrupt batch, how often it has been fetched. */
  readonly #corruptFetches = new Map<string, number>();

  constructor(options: AppOptions) {
    this.#options = options;
    this.#router = new Router(options.core, options.config.ruleText);
    this.#checker = new Router(options.core);
    const { unroutable } = options.config;
    this.#unroutableReport = createUnroutableReport(unroutable, deadLetterTopics(options.config), options.log);
    this.#meters = this.#createMeters();
    this.#input = new InputSwitch(options.config.input.autoStartup);
    // Until the first session is open.
    options.health.setComponent("binders", "DOWN");
    options.health.setBinderDetails(() => binderDetails(options.config, this.#input.state, this.#problem));
    this.ended = this.#run();
    // Whoever started the app awaits it, though perhaps not yet when it fails.
    this.ended.catch(() => {});
  }

  counts(): RecordCounts {
    return this.#meters.counts();
  }

  bindings(): readonly BindingDescription[] {
    return describeBindings(this.#options.config, this.#input.state);
  }

  async control(bindingName: string, command: BindingCommand): Promise<boolean> {
    if (bindingName !== INPUT) return takesCommand(this.#options.config, bindingName, command);
    this.#input.command(command);
    this.#options.log.info(LOGGER, `${command} was asked for: the input is ${this.#input.state}`);
    if (this.#input.state === "paused") this.#session?.pause();
    else if (this.#input.state === "running") this.#session?.resume();
    else await this.#inTime(Promise.race([this.#input.halted(), this.ended.catch(() => {})]));
    return true;
  }

  async stop(): Promise<boolean> {
    this.#stopping.abort();
    return (await this.#inTime(this.ended.then(() => this.#isDrained))) ?? this.#isDrained;
  }

  /** What comes of a stop within its time, or null. */
  async #inTime<Result>(stopped: Promise<Result>): Promise<Result | null> {
    return within(this.#options.clock, this.#options.config.shutdownTimeoutMs, stopped);
  }

  async #run(): Promise<void> {
    const { health, log, clock } = this.#options;
    const backOff = new BackOff();
    while (!this.#stopping.signal.aborted) {
      if (this.#input.isStopped()) {
        this.#problem = null;
        // Nobody knows of the brokers now, and nobody has to be woken for what is stopped on purpose.
        health.setComponent("binders", "UNKNOWN");
        await this.#input.started(this.#stopping.signal);
        backOff.reset();
        continue;
      }
      let session: Session | null = null;
      try {
        session = await this.#open();
        await this.#runSession(session);
      } catch (error) {
        this.#isDrained = true;
        this.#problem = oneLine(describeError(error));
        health.setComponent("binders", "DOWN");
        this.#session = null;
        this.#meters.sessionFailed();
        const final = finalError(error, this.#corruptFetches);
        if (final !== null) throw final;
        if (this.#stopping.signal.aborted) {
          log.warn(LOGGER, `While stopping: ${describeError(error)}`);
          return;
        }
        if (this.#input.isStopped()) {
          log.warn(LOGGER, `While the input was stopped: ${describeError(error)}`);
          continue;
        }
        // A session that came no further is a reason to wait longer before the next one.
        if (session?.hasCommitted() === true) backOff.reset();
        const delayMs = backOff.next();
        log.warn(LOGGER, `${describeError(error)}; trying again in ${delayMs / 1000} s`);
        await clock.delay(delayMs, this.#untilStopped());
      }
    }
  }

  async #open(): Promise<Session> {
    const { binder, config, health, log, clock } = this.#options;
    const targets = await provision(binder, config);
    const isPaused = this.#input.isPaused();
    this.#isDrained = false;
    const session = await openSession({
      binder,
      router: this.#router,
      checker: this.#checker,
      input: config.input,
      targets,
      isPaused,
      inFlightBytesMax: config.inFlightBytesMax,
      commitIntervalMs: config.commitIntervalMs,
      meters: this.#meters,
      onUnroutable: (record) => {
        this.#unroutableReport.note(record);
      },
      onJump: (jump) => {
        this.#meters.jumped();
        log.warn(LOGGER, describeJump(jump));
      },
      log,
      clock,
    });
    this.#session = session;
    this.#meters.sessionOpened();
    // Somebody may have changed it meanwhile.
    if (isPaused && !this.#input.isPaused()) session.resume();
    if (!isPaused && this.#input.isPaused()) session.pause();
    this.#problem = null;
    health.setComponent("binders", "UP");
    log.info(
      LOGGER,
      `Routing ${config.input.destinations.join(" and ")} to ${targets.outputs.map(({ destination }) => destination).join(" and ")}`,
    );
    log.info(LOGGER, describeUnroutable(config));
    return session;
  }

  /** Runs a session to its end: returns when the app or its input is to stop, throws when the session fails. */
  async #runSession(session: Session): Promise<void> {
    const { health, clock } = this.#options;
    const stopWatch = clock.every(WATCH_INTERVAL_MS, () => {
      health.setComponent("binders", session.isHeard() ? "UP" : "DOWN");
      this.#unroutableReport.secondPassed();
    });
    const ending = new AbortController();
    try {
      await Promise.race([session.failed, aborted(AbortSignal.any([this.#untilStopped(), ending.signal]))]);
    } catch (error) {
      health.setComponent("binders", "DOWN");
      await session.abandon();
      throw error;
    } finally {
      stopWatch();
      this.#unroutableReport.secondPassed();
      ending.abort();
    }
    await session.drain();
    this.#isDrained = true;
    this.#session = null;
  }

  /** Aborted when the app or its input is to stop. */
  #untilStopped(): AbortSignal {
    return AbortSignal.any([this.#stopping.signal, this.#input.stopping]);
  }

  #createMeters(): RouterMeters {
    const { config, metrics } = this.#options;
    return createRouterMeters(metrics, {
      topics: config.input.destinations,
      group: config.input.group ?? "anonymous",
      outputs: this.#router.outputs,
      unroutable: config.unroutable,
      inFlightBytesMax: config.inFlightBytesMax,
      session: () => this.#session,
    });
  }
}

/** Says what becomes of unroutable records: an operator may have set more than counts. */
function describeUnroutable(config: Config): string {
  const { unroutable, unroutableOutput } = config;
  const topics = deadLetterTopics(config);
  if (topics !== null) return `Unroutable records go to ${topics} as dead letters`;
  if (unroutableOutput !== null) return `Unroutable records go to the output ${unroutableOutput}`;
  return unroutable === "stop"
    ? "An unroutable record stops the app"
    : `Unroutable records are left out and counted${unroutable === "log" ? ", and logged" : ""}`;
}

/** The topics of dead letters, or null where there are none. */
export function deadLetterTopics({ deadLetters }: Config): string | null {
  return deadLetters === null ? null : [...new Set(Object.values(deadLetters.destinations))].join(" and ");
}

/** Says what an operator has to know of records that can't be read any more. */
function describeJump({ topic, partition, from, to, endOffset, symptom }: Jump): string {
  const gone = to > from ? `${to - from} records were deleted before they were routed` : "records may be routed a second time";
  const end = endOffset === null ? "" : ` of ${endOffset}`;
  return `${topic}-${partition} does not go on at offset ${from}: ${symptom}. Going on at ${to}${end}: ${gone}`;
}

/** Returns the error that ends the app, or null when the app may try again. */
function finalError(error: unknown, corruptFetches: Map<string, number>): unknown {
  if (error instanceof CorruptBatchError) {
    const fetches = (corruptFetches.get(error.place) ?? 0) + 1;
    corruptFetches.set(error.place, fetches);
    if (fetches < CORRUPT_FETCHES_MAX) return null;
    return new AppError(
      "BATCH_CORRUPT",
      false,
      `${error.message} (fetched ${fetches} times; not skipped, for that would lose its records)`,
      error.cause,
    );
  }
  return isRetriable(error) ? null : error;
}

async function aborted(signal: AbortSignal): Promise<void> {
  if (!signal.aborted) await once(signal, "abort");
}
