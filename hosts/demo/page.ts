/** The page of the demo's router, served as the container app does it, to this machine alone. */
import { spawn } from "node:child_process";
import { startActuator } from "../dataflow/actuator/actuator.ts";
import type { App } from "../dataflow/app.ts";
import type { Config } from "../dataflow/config.ts";
import { describeError } from "../dataflow/errors.ts";
import type { Health } from "../dataflow/health.ts";
import { createLogLevels } from "../dataflow/log-levels.ts";
import type { Logger } from "../dataflow/log.ts";
import type { Metrics } from "../dataflow/metrics.ts";

/** What the page looks at. */
export interface PageOptions {
  readonly config: Config;
  readonly app: App;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Logger;
}

/** The page, served. */
export interface Page {
  readonly url: string;
  readonly close: () => Promise<void>;
}

/** Starts to serve the page and the endpoints that it asks. */
export async function openPage({ config, app, health, metrics, log }: PageOptions): Promise<Page> {
  const actuator = await startActuator({
    config,
    health,
    info: {},
    levels: createLogLevels(config.logging.level, config.logging.levelByLogger),
    metrics,
    environment: { sources: [], activeProfiles: [] },
    bindings: { list: () => app.bindings(), control: async (bindingName, command) => app.control(bindingName, command) },
    shutDown: () => {},
    onError: (error) => {
      log.error("router.actuator", "An HTTP endpoint failed", { error });
    },
  });
  return { url: `http://127.0.0.1:${actuator.port}${config.actuator.basePath}/page/`, close: async () => actuator.close() };
}

const OPENER = process.platform === "darwin" ? "open" : "xdg-open";

/** Opens an address in the browser of whoever sits here, and does not wait for it; `onFailure` hears why that is not possible. */
export function openInBrowser(url: string, onFailure: (reason: string) => void, opener = OPENER): void {
  // The browser goes on without the demo, and the demo without the browser.
  const child = spawn(opener, [url], { stdio: "ignore", detached: true });
  child.unref();
  child.on("error", (error) => {
    onFailure(`${opener}: ${describeError(error)}`);
  });
  child.on("exit", (code) => {
    if (code !== 0) onFailure(`${opener} ended with exit code ${code}`);
  });
}
