/** A real app over a broker in memory with its endpoints and the page, and a source that writes to it when it is told. */
import { startActuator } from "../../hosts/dataflow/actuator/actuator.ts";
import { startApp, type App } from "../../hosts/dataflow/app.ts";
import { systemClock } from "../../hosts/dataflow/clock.ts";
import { createHealth } from "../../hosts/dataflow/health.ts";
import { createLogLevels } from "../../hosts/dataflow/log-levels.ts";
import { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { createMetrics } from "../../hosts/dataflow/metrics.ts";
import { batchOf } from "../batches.ts";
import { coreModule } from "../core-module.ts";
import { config } from "../hosts/dataflow/config-checks.ts";
import { createMemoryLog } from "../hosts/dataflow/memory-log.ts";
import { encodeBatch } from "../record-batch.ts";

/** A running router with its page. */
export interface BesideRouter {
  /** Address of the page. */
  readonly url: string;
  readonly app: App;
  /** Writes records with these values to the input. */
  readonly write: (values: readonly string[]) => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts it; the arguments are the app's. */
export async function startBesideRouter(args: readonly string[]): Promise<BesideRouter> {
  const settings = config([
    "--server.port=0",
    "--server.address=127.0.0.1",
    "--router.page.enabled=true",
    "--router.commit-interval=1ms",
    ...args,
  ]);
  const binder = new MemoryBroker().binder(systemClock);
  await binder.provision([{ name: "input", partitions: 1 }]);
  const producer = await binder.openProducer();
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  const metrics = createMetrics({ tags: {}, now: Date.now });
  const log = createMemoryLog();
  const app = startApp({ config: settings, binder, core: coreModule(), health, metrics, log, clock: systemClock });
  const actuator = await startActuator({
    config: settings,
    health,
    info: {},
    levels: createLogLevels("INFO"),
    metrics,
    environment: { sources: [], activeProfiles: [] },
    bindings: { list: () => app.bindings(), control: async (name, command) => app.control(name, command) },
    shutDown: () => {},
    onError: (error) => {
      throw error;
    },
  });
  return {
    url: `http://127.0.0.1:${actuator.managementPort ?? actuator.port}${settings.actuator.basePath}/page/`,
    app,
    write: async (values) => {
      await producer.produce("input", 0, encodeBatch(batchOf(values)));
    },
    close: async () => {
      await actuator.close();
      await app.stop();
      await producer.close();
    },
  };
}
