import { startApp, type App } from "../../hosts/dataflow/app.ts";
import type { Binder } from "../../hosts/dataflow/binder.ts";
import type { Config } from "../../hosts/dataflow/config.ts";
import { createHealth } from "../../hosts/dataflow/health.ts";
import type { LogMethod } from "../../hosts/dataflow/log.ts";
import { createMetrics } from "../../hosts/dataflow/metrics.ts";
import { coreModule } from "../core-module.ts";
import type { Life, Scheduler } from "./scheduler.ts";

/** An app and the process that it runs in. */
export interface Instance {
  readonly name: string;
  readonly life: Life;
  readonly app: App;
  isStopping: boolean;
}

export interface InstanceOptions {
  readonly name: string;
  readonly life: Life;
  readonly binder: Binder;
  readonly config: Config;
  readonly scheduler: Scheduler;
}

/** Starts an app that lives in a simulation's time and logs to its trace. */
export function startInstance({ name, life, binder, config, scheduler }: InstanceOptions): Instance {
  const write: LogMethod = (logger, message) => {
    scheduler.note(`${name} ${logger}: ${message}`);
  };
  const log = { trace: write, debug: write, info: write, warn: write, error: write };
  scheduler.note(`${name} starts`);
  const metrics = createMetrics({ tags: {}, now: () => life.clock.now() });
  const app = startApp({ config, binder, core: coreModule(), health: createHealth(), metrics, log, clock: life.clock });
  return { name, life, app, isStopping: false };
}
