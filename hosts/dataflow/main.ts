/** The container app: reads the configuration, starts, and ends the process. The only file that looks at argv, the environment and signals. */
import { readFile } from "node:fs/promises";
import { Worker } from "node:worker_threads";
import { Router } from "../embed.ts";
import { RouterError } from "../router-error.ts";
import { placeInRule } from "../rule.ts";
import { hasSimd } from "../simd.ts";
import { startActuator, type Actuator } from "./actuator/actuator.ts";
import { readInfo, type AppInfo } from "./actuator/info.ts";
import { deadLetterTopics, startApp, type App } from "./app.ts";
import { systemClock } from "./clock.ts";
import { ConfigError, readConfigOf, type Config } from "./config.ts";
import { describeEnvironment } from "./environment.ts";
import { describeError } from "./errors.ts";
import { createHealth, type Health } from "./health.ts";
import { openBinder } from "./kafka/open-binder.ts";
import { testLane } from "./kafka/self-test.ts";
import { createLogger, type Logger } from "./log.ts";
import { createLogLevels } from "./log-levels.ts";
import { createMetrics } from "./metrics.ts";
import { createAppMeters } from "./metrics/app-meters.ts";
import { createKafkaMeters } from "./metrics/kafka-meters.ts";
import { oneLine } from "./one-line.ts";
import { propertySources } from "./property-sources.ts";
import { DISK } from "./sources/config-disk.ts";
import { startThreadedApp } from "./threads/threaded-app.ts";
import { Threads } from "./threads/threads.ts";
import type { ThreadData } from "./threads/messages.ts";

const LOGGER = "router.main";
const CORE = new URL(hasSimd() ? "../../build/core.simd.wasm" : "../../build/core.wasm", import.meta.url);
const THREAD = new URL("threads/main.ts", import.meta.url);
const PACKAGE = new URL("../../package.json", import.meta.url);

/** Runs until a signal; returns the exit code. */
async function main(): Promise<number> {
  // From the beginning on: what process 1 does not listen for yet is lost, and the platform would wait in vain.
  const signal = signalled();
  const opened = propertySources({ args: process.argv.slice(2), env: process.env, disk: DISK });
  const config = readConfigOf(opened);
  const threads = new Threads();
  const levels = threads.followed(createLogLevels(config.logging.level, config.logging.levelByLogger));
  const { metrics, onLogEvent } = createAppMeters(config.metricsTags, () => threads.meters());
  const log = createLogger({
    applicationName: config.applicationName,
    format: config.logging.format,
    levels,
    write,
    now: Date.now,
    pid: process.pid,
    onEvent: onLogEvent,
  });
  const about = await readAbout();
  tellStart(log, about, config);
  const core = await WebAssembly.compile(await readFile(CORE));
  checkRule(core, config);
  testLane(core);
  const isThreaded = config.input.concurrency > 1;
  // Beside threads the main one only looks after the topics, and nobody asks for the meters of its client.
  const clientMetrics = isThreaded ? createMetrics({ tags: {}, now: Date.now }) : metrics;
  const meters = createKafkaMeters(clientMetrics, config.client.id, () => performance.now());
  const binder = openBinder(config, { core, meters, log });

  const health = createHealth();
  const shutdown = Promise.withResolvers<string>();
  let app: App | null = null;
  // The platform's probes are answered before there is anything to be seen behind them.
  const actuator = await startActuator({
    config,
    health,
    info: readInfo(about, config.actuator.info),
    levels,
    metrics,
    environment: { sources: describeEnvironment(opened.sources), activeProfiles: opened.activeProfiles },
    bindings: {
      list: () => app?.bindings() ?? [],
      control: async (bindingName, command) => app?.control(bindingName, command) ?? true,
    },
    shutDown: () => {
      shutdown.resolve("POST /shutdown");
    },
    onError: (error) => {
      log.error("router.actuator", "An HTTP endpoint failed", { error });
    },
  });
  log.info(LOGGER, `Actuator listens on port ${actuator.port}${describeManagement(actuator)}`);
  const ground = { config, binder, core, health, log, clock: systemClock };
  app = isThreaded ? startThreadedApp({ ...ground, levels, threads, openWorker, write }) : startApp({ ...ground, metrics });
  health.setReadiness("ACCEPTING_TRAFFIC");
  try {
    return await runToEnd({ app, config, health, log }, Promise.race([signal, shutdown.promise]));
  } finally {
    await actuator.close();
  }
}

/** What the app tells of itself. */
async function readAbout(): Promise<AppInfo> {
  const { name, version, description } = JSON.parse(await readFile(PACKAGE, "utf8")) as AppInfo;
  return { name, version, description };
}

function tellStart(log: Logger, { name, version }: AppInfo, { unsupported, unreadFiles, client }: Config): void {
  log.info(LOGGER, `Starting ${name} ${version} on Node.js ${process.version} with process id ${process.pid}`);
  if (unsupported.length > 0) log.warn(LOGGER, `Set, but not supported, so without effect: ${unsupported.join(", ")}`);
  for (const warning of [...unreadFiles, ...client.security.warnings]) log.warn(LOGGER, warning);
}

function write(line: string): void {
  process.stdout.write(line);
}

function openWorker(data: ThreadData): Worker {
  return new Worker(THREAD, { workerData: data, name: data.name });
}

interface Running {
  readonly app: App;
  readonly config: Config;
  readonly health: Health;
  readonly log: Logger;
}

/** Waits for a signal or a request to shut down, or for the app's own end; returns the exit code. */
async function runToEnd({ app, config, health, log }: Running, shutdown: Promise<string>): Promise<number> {
  try {
    const asked = await Promise.race([shutdown, app.ended]);
    health.setReadiness("REFUSING_TRAFFIC");
    log.info(LOGGER, `Received ${asked ?? "the end"}: no more records are taken, those on the way are finished`);
    if (!(await app.stop())) log.warn(LOGGER, "Not everything was acknowledged and committed in time: some records will be routed again");
    log.info(LOGGER, `Stopped: ${summary(app, config)}`);
    return 0;
  } catch (error) {
    log.error(LOGGER, "Stopping, since this can't go on", { error });
    log.info(LOGGER, `Until then: ${summary(app, config)}`);
    return 1;
  }
}

/** Has the core read the rule; its fault is put in terms of the property that it came from. */
function checkRule(core: WebAssembly.Module, config: Config): void {
  try {
    void new Router(core, config.ruleText);
  } catch (error) {
    if (!(error instanceof RouterError) || error.ruleOffset === null) throw error;
    const { property, column } = placeInRule(config.ruleText, error.ruleOffset);
    throw new ConfigError(`${property}, character ${column}: ${error.message.replace(/ \(at byte \d+ of the rule\)$/, "")}`);
  }
}

/** Where the endpoints are, when they are not where the app's port is. */
function describeManagement({ port, managementPort }: Actuator): string {
  if (managementPort === null) return ", without endpoints";
  return managementPort === port ? "" : `, its endpoints on port ${managementPort}`;
}

async function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, resolve);
  });
}

function summary(app: App, config: Config): string {
  const { routed, deadLetters, tombstones, unroutable, jumps } = app.counts();
  const written = config.outputs.map(({ name }, index) => `${routed[index] ?? 0} records to ${name}`);
  const topics = deadLetterTopics(config);
  if (topics !== null) written.push(`${deadLetters} dead letters to ${topics}`);
  const jumped = jumps === 0 ? [] : [`${jumps === 1 ? "1 jump" : `${jumps} jumps`} to the earliest record`];
  return [...written, `${tombstones} tombstones left out`, `${unroutable} unroutable`, ...jumped].join(", ");
}

try {
  process.exitCode = await main();
} catch (error) {
  // Before there is a log, or instead of a stack: what to change is in the message.
  process.stderr.write(`timestamp-router: ${oneLine(describeError(error))}\n`);
  process.exitCode = 1;
}
// Whatever still waits on a socket after the deadline has nothing left to save.
process.exit();
