/** The container app: reads the configuration, starts, and ends the process. The only file that looks at argv, the environment and signals. */
import { readFile } from "node:fs/promises";
import { Router } from "../embed.ts";
import { RouterError } from "../router-error.ts";
import { placeInRule } from "../rule.ts";
import { startActuator } from "./actuator.ts";
import { startApp, type App } from "./app.ts";
import { systemClock } from "./clock.ts";
import { ConfigError, readConfig, type Config } from "./config.ts";
import { describeError } from "./errors.ts";
import { createHealth } from "./health.ts";
import { createKafkaBinder } from "./kafka/binder.ts";
import { installLane } from "./kafka/lane.ts";
import { testLane } from "./kafka/self-test.ts";
import { createLogger } from "./log.ts";
import { oneLine } from "./one-line.ts";

const LOGGER = "router.main";
const CORE = new URL("../../build/core.wasm", import.meta.url);
const PACKAGE = new URL("../../package.json", import.meta.url);

/** Runs until a signal; returns the exit code. */
async function main(): Promise<number> {
  const config = readConfig({ args: process.argv.slice(2), env: process.env });
  const log = createLogger({
    applicationName: config.applicationName,
    ...config.logging,
    write: (line) => process.stdout.write(line),
    now: Date.now,
    pid: process.pid,
  });
  const { name, version, description } = JSON.parse(await readFile(PACKAGE, "utf8")) as {
    name: string;
    version: string;
    description: string;
  };
  log.info(LOGGER, `Starting ${name} ${version} on Node.js ${process.version} with process id ${process.pid}`);
  const core = await WebAssembly.compile(await readFile(CORE));
  checkRule(core, config);
  testLane(core);
  const stamper = new Router(core);
  installLane((batch, stamp) => {
    stamper.stampProducer(batch, stamp);
  });

  const health = createHealth();
  const actuator = await startActuator({
    health,
    info: { name, version, description },
    ...config.server,
    onError: (error) => {
      log.error("router.actuator", "An HTTP endpoint failed", { error });
    },
  });
  log.info(LOGGER, `Actuator listens on port ${actuator.port}`);
  const binder = createKafkaBinder({
    brokers: config.brokers,
    clientId: config.applicationName,
    idempotent: config.enableIdempotence,
    ...config.topics,
    crc32c: (bytes) => stamper.crc32c(bytes),
    log,
  });
  const app = startApp({ config, binder, core, health, log, clock: systemClock });
  health.setReadiness("ACCEPTING_TRAFFIC");
  try {
    const signal = await Promise.race([signalled(), app.ended]);
    health.setReadiness("REFUSING_TRAFFIC");
    log.info(LOGGER, `Received ${signal ?? "the end"}: no more records are taken, those on the way are finished`);
    if (!(await app.stop())) log.warn(LOGGER, "Not everything was acknowledged and committed in time: some records will be routed again");
    log.info(LOGGER, `Stopped: ${summary(app, config)}`);
    return 0;
  } catch (error) {
    log.error(LOGGER, "Stopping, since this can't go on", { error });
    log.info(LOGGER, `Until then: ${summary(app, config)}`);
    return 1;
  } finally {
    await actuator.close();
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

async function signalled(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, resolve);
  });
}

function summary(app: App, config: Config): string {
  const { routed, deadLetters, tombstones, unroutable, jumps } = app.counts();
  const written = config.outputs.map(({ name }, index) => `${routed[index] ?? 0} records to ${name}`);
  if (config.deadLetters !== null) written.push(`${deadLetters} dead letters to ${config.deadLetters.destination}`);
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
