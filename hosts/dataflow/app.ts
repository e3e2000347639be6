/** The router as an app: sessions one after the other, until it is stopped or can't go on. */
import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { Router } from "../embed.ts";
import type { Binder } from "./binder.ts";
import type { Config } from "./config.ts";
import { AppError, describeError, isRetriable } from "./errors.ts";
import type { Health } from "./health.ts";
import type { Logger } from "./log.ts";
import { CorruptBatchError, type RoutedStretch } from "./route-fetched.ts";
import { openSession, type Session } from "./session.ts";
import { createUnroutableHandler } from "./unroutable.ts";

/** Records since the start, by what became of them. */
export interface RecordCounts {
  /** By output index. */
  readonly routed: readonly number[];
  readonly tombstones: number;
  readonly unroutable: number;
}

export interface AppOptions {
  readonly config: Config;
  readonly binder: Binder;
  /** The core, compiled. */
  readonly core: WebAssembly.Module;
  readonly health: Health;
  readonly log: Logger;
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
const HEALTH_INTERVAL_MS = 1000;
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
  readonly #stopping = new AbortController();
  readonly #routed: number[];
  /** False while a session finishes what it took. */
  #isDrained = true;
  #tombstones = 0;
  #unroutable = 0;
  /** By the place of a corrupt batch, how often it has been fetched. */
  readonly #corruptFetches = new Map<string, number>();

  constructor(options: AppOptions) {
    this.#options = options;
    this.#router = new Router(options.core, options.config.ruleText);
    this.#checker = new Router(options.core);
    this.#routed = this.#router.outputs.map(() => 0);
    // Until the first session is open.
    options.health.setComponent("binders", "DOWN");
    this.ended = this.#run();
    // Whoever started the app awaits it, though perhaps not yet when it fails.
    this.ended.catch(() => {});
  }

  counts(): RecordCounts {
    return { routed: this.#routed, tombstones: this.#tombstones, unroutable: this.#unroutable };
  }

  async stop(): Promise<boolean> {
    this.#stopping.abort();
    const timeout = new AbortController();
    const finished = this.ended.then(() => this.#isDrained);
    const late = wait(this.#options.config.shutdownTimeoutMs, timeout.signal).then(() => false);
    try {
      return await Promise.race([finished, late]);
    } finally {
      timeout.abort();
    }
  }

  async #run(): Promise<void> {
    const { health, log } = this.#options;
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
        await wait(delayMs, this.#stopping.signal);
        delayMs = Math.min(delayMs * 2, RETRY_MAX_MS);
      }
    }
  }

  async #open(): Promise<Session> {
    const { binder, config, health, log } = this.#options;
    const outputs = await provision(binder, config);
    const session = await openSession({
      binder,
      router: this.#router,
      checker: this.#checker,
      input: config.input,
      outputs,
      inFlightBytesMax: config.inFlightBytesMax,
      outputBatchBytesMax: config.outputBatchBytesMax,
      commitIntervalMs: config.commitIntervalMs,
      onRouted: (stretch) => {
        this.#count(stretch);
      },
      onUnroutable: createUnroutableHandler(config.unroutable, log, Date.now),
      log,
    });
    health.setComponent("binders", "UP");
    log.info(LOGGER, `Routing ${config.input.destination} to ${outputs.map(({ destination }) => destination).join(" and ")}`);
    return session;
  }

  /** Runs a session to its end: returns when the app is to stop, throws when the session fails. */
  async #runSession(session: Session): Promise<void> {
    const { health } = this.#options;
    const watch = setInterval(() => {
      health.setComponent("binders", session.isHeard() ? "UP" : "DOWN");
    }, HEALTH_INTERVAL_MS);
    const ending = new AbortController();
    try {
      await Promise.race([session.failed, aborted(AbortSignal.any([this.#stopping.signal, ending.signal]))]);
    } catch (error) {
      health.setComponent("binders", "DOWN");
      await session.abandon();
      throw error;
    } finally {
      clearInterval(watch);
      ending.abort();
    }
    this.#isDrained = false;
    await session.drain();
    this.#isDrained = true;
  }

  #count({ batches, tombstones, unroutable }: RoutedStretch): void {
    for (const { output, recordCount } of batches) this.#routed[output] = (this.#routed[output] ?? 0) + recordCount;
    this.#tombstones += tombstones;
    this.#unroutable += unroutable.length;
  }
}

/** Creates what is missing and returns where each output goes. Outputs that the app creates get as many partitions as the input has. */
async function provision(binder: Binder, config: Config): Promise<{ destination: string; partitions: number }[]> {
  const input = config.input.destination;
  const inputs = await binder.provision([{ name: input, partitions: config.topics.partitionCountMin }]);
  const partitions = inputs.get(input) ?? config.topics.partitionCountMin;
  const names = [...new Set(config.outputs.map(({ destination }) => destination))];
  const outputs = await binder.provision(names.map((name) => ({ name, partitions })));
  return config.outputs.map(({ destination }) => ({ destination, partitions: outputs.get(destination) ?? partitions }));
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

/** Waits, or less long when the signal says so. */
async function wait(timeoutMs: number, signal: AbortSignal): Promise<void> {
  await setTimeout(timeoutMs, undefined, { signal }).catch(() => {});
}
