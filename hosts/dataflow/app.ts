/** The router as an app: sessions one after the other, until it is stopped or can't go on. */
import { once } from "node:events";
import { Router } from "../embed.ts";
import type { Binder, Jump } from "./binder.ts";
import type { Clock } from "./clock.ts";
import type { Config } from "./config.ts";
import { AppError, describeError, isRetriable } from "./errors.ts";
import type { Health } from "./health.ts";
import type { Logger } from "./log.ts";
import { provision } from "./provision.ts";
import { CorruptBatchError, type RoutedStretch } from "./route-fetched.ts";
import { openSession, type Session } from "./session.ts";
import { createUnroutableReport, type UnroutableReport } from "./unroutable.ts";

/** Records since the start, by what became of them. */
export interface RecordCounts {
  /** By output index. */
  readonly routed: readonly number[];
  readonly tombstones: number;
  /** Left out because no output takes them. */
  readonly unroutable: number;
  /** Written to the topic of dead letters because no output takes them. */
  readonly deadLetters: number;
  /** Times that the app went on elsewhere in the input than where it stood, because the log did not have the position any more. */
  readonly jumps: number;
}

export interface AppOptions {
  readonly config: Config;
  readonly binder: Binder;
  /** The core, compiled. */
  readonly core: WebAssembly.Module;
  readonly health: Health;
  readonly log: Logger;
  readonly clock: Clock;
}

export interface App {
  /** Resolves after `stop`; rejects when the app can't go on. */
  readonly ended: Promise<void>;
  /** Drains, commits and lets go, within the configured time. Returns whether all of it was done: if not, some records will be routed again. */
  stop(): Promise<boolean>;
  counts(): RecordCounts;
}

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 15_000;
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
  readonly #routed: number[];
  /** False while a session finishes what it took. */
  #isDrained = true;
  #tombstones = 0;
  #unroutable = 0;
  #deadLetters = 0;
  #jumps = 0;
  /** By the place of a corrupt batch, how often it has been fetched. */
  readonly #corruptFetches = new Map<string, number>();

  constructor(options: AppOptions) {
    this.#options = options;
    this.#router = new Router(options.core, options.config.ruleText);
    this.#checker = new Router(options.core);
    const { unroutable, deadLetters } = options.config;
    this.#unroutableReport = createUnroutableReport(unroutable, deadLetters?.destination ?? null, options.log);
    this.#routed = this.#router.outputs.map(() => 0);
    // Until the first session is open.
    options.health.setComponent("binders", "DOWN");
    this.ended = this.#run();
    // Whoever started the app awaits it, though perhaps not yet when it fails.
    this.ended.catch(() => {});
  }

  counts(): RecordCounts {
    return {
      routed: this.#routed,
      tombstones: this.#tombstones,
      unroutable: this.#unroutable,
      deadLetters: this.#deadLetters,
      jumps: this.#jumps,
    };
  }

  async stop(): Promise<boolean> {
    this.#stopping.abort();
    const timeout = new AbortController();
    const finished = this.ended.then(() => this.#isDrained);
    const late = this.#options.clock.delay(this.#options.config.shutdownTimeoutMs, timeout.signal).then(() => false);
    try {
      return await Promise.race([finished, late]);
    } finally {
      timeout.abort();
    }
  }

  async #run(): Promise<void> {
    const { health, log, clock } = this.#options;
    let delayMs = RETRY_MIN_MS;
    while (!this.#stopping.signal.aborted) {
      let session: Session | null = null;
      try {
        session = await this.#open();
        await this.#runSession(session);
      } catch (error) {
        health.setComponent("binders", "DOWN");
        const final = finalError(error, this.#corruptFetches);
        if (final !== null) throw final;
        if (this.#stopping.signal.aborted) {
          log.warn(LOGGER, `While stopping: ${describeError(error)}`);
          return;
        }
        // A session that came no further is a reason to wait longer before the next one.
        if (session?.hasCommitted() === true) delayMs = RETRY_MIN_MS;
        log.warn(LOGGER, `${describeError(error)}; trying again in ${delayMs / 1000} s`);
        await clock.delay(delayMs, this.#stopping.signal);
        delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
      }
    }
  }

  async #open(): Promise<Session> {
    const { binder, config, health, log, clock } = this.#options;
    const targets = await provision(binder, config);
    const session = await openSession({
      binder,
      router: this.#router,
      checker: this.#checker,
      input: config.input,
      targets,
      inFlightBytesMax: config.inFlightBytesMax,
      commitIntervalMs: config.commitIntervalMs,
      onRouted: (stretch) => {
        this.#count(stretch);
      },
      onUnroutable: (record) => {
        this.#unroutableReport.note(record);
      },
      onJump: (jump) => {
        this.#jumps++;
        log.warn(LOGGER, describeJump(jump));
      },
      log,
      clock,
    });
    health.setComponent("binders", "UP");
    log.info(LOGGER, `Routing ${config.input.destination} to ${targets.outputs.map(({ destination }) => destination).join(" and ")}`);
    log.info(LOGGER, describeUnroutable(config));
    return session;
  }

  /** Runs a session to its end: returns when the app is to stop, throws when the session fails. */
  async #runSession(session: Session): Promise<void> {
    const { health, clock } = this.#options;
    const stopWatch = clock.every(WATCH_INTERVAL_MS, () => {
      health.setComponent("binders", session.isHeard() ? "UP" : "DOWN");
      this.#unroutableReport.secondPassed();
    });
    const ending = new AbortController();
    try {
      await Promise.race([session.failed, aborted(AbortSignal.any([this.#stopping.signal, ending.signal]))]);
    } catch (error) {
      health.setComponent("binders", "DOWN");
      await session.abandon();
      throw error;
    } finally {
      stopWatch();
      this.#unroutableReport.secondPassed();
      ending.abort();
    }
    this.#isDrained = false;
    await session.drain();
    this.#isDrained = true;
  }

  #count({ batches, tombstones, unroutable, deadLetters }: RoutedStretch): void {
    for (const { output, recordCount } of batches) this.#routed[output] = (this.#routed[output] ?? 0) + recordCount;
    this.#tombstones += tombstones;
    for (const { recordCount } of deadLetters) this.#deadLetters += recordCount;
    if (this.#options.config.deadLetters === null) this.#unroutable += unroutable.length;
  }
}

/** Says what becomes of unroutable records: an operator may have set more than counts. */
function describeUnroutable({ unroutable, deadLetters, unroutableOutput }: Config): string {
  if (deadLetters !== null) return `Unroutable records go to ${deadLetters.destination} as dead letters`;
  if (unroutableOutput !== null) return `Unroutable records go to the output ${unroutableOutput}`;
  return unroutable === "stop"
    ? "An unroutable record stops the app"
    : `Unroutable records are left out and counted${unroutable === "log" ? ", and logged" : ""}`;
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
