/** The app within the test's process, where a start costs little: its configuration, its log and its binder put together as the container does it. */
import type { TestContext } from "node:test";
import { startApp, type App } from "../../hosts/dataflow/app.ts";
import { systemClock } from "../../hosts/dataflow/clock.ts";
import { readConfig } from "../../hosts/dataflow/config.ts";
import { createHealth, type Health } from "../../hosts/dataflow/health.ts";
import { openAccess } from "../../hosts/dataflow/kafka/access.ts";
import { createKafkaBinder } from "../../hosts/dataflow/kafka/binder.ts";
import { installLane } from "../../hosts/dataflow/kafka/lane.ts";
import { createMetrics } from "../../hosts/dataflow/metrics.ts";
import { createKafkaMeters } from "../../hosts/dataflow/metrics/kafka-meters.ts";
import { DISK } from "../../hosts/dataflow/sources/config-disk.ts";
import { Router } from "../../hosts/embed.ts";
import { coreModule } from "../core-module.ts";
import { createMemoryLog, type MemoryLog } from "../hosts/dataflow/memory-log.ts";

export interface InnerApp {
  readonly app: App;
  readonly health: Health;
  readonly log: MemoryLog;
}

/** Starts the app, which is stopped at the end of the test at the latest. */
export function startInnerApp(context: TestContext, told: Readonly<Record<string, string>>): InnerApp {
  const config = readConfig({ args: Object.entries(told).map(([name, value]) => `--${name}=${value}`), env: {} });
  const core = coreModule();
  const stamper = new Router(core);
  installLane((batch, stamp) => {
    stamper.stampProducer(batch, stamp);
  });
  const log = createMemoryLog();
  const metrics = createMetrics({ tags: {}, now: Date.now });
  const binder = createKafkaBinder({
    brokers: config.brokers,
    client: config.client,
    access: openAccess(config.client.security, DISK),
    idempotent: config.enableIdempotence,
    transactions: config.transactions,
    ...config.topics,
    crc32c: (bytes) => stamper.crc32c(bytes),
    meters: createKafkaMeters(metrics, config.client.id, Date.now),
    log,
  });
  const health = createHealth();
  const app = startApp({ config, binder, core, health, metrics, log, clock: systemClock });
  context.after(async () => app.stop().catch(() => {}));
  return { app, health, log };
}
