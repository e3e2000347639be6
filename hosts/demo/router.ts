/** The real router for the demo: its configuration, its log and its binder, put together as the container app does it. */
import { readConfig, type Config } from "../dataflow/config.ts";
import type { Binder } from "../dataflow/binder.ts";
import { systemClock } from "../dataflow/clock.ts";
import { openBinder as openKafkaBinder } from "../dataflow/kafka/open-binder.ts";
import { testLane } from "../dataflow/kafka/self-test.ts";
import { createLogger, type Logger } from "../dataflow/log.ts";
import { createLogLevels } from "../dataflow/log-levels.ts";
import { createMetrics } from "../dataflow/metrics.ts";
import { createKafkaMeters } from "../dataflow/metrics/kafka-meters.ts";
import { MemoryBroker } from "../dataflow/memory-binder.ts";
import { SINKS, TIME_TOPIC, type DemoField } from "./stream.ts";
import type { Terminal } from "./terminal.ts";

/**
 * Returns the router's configuration, read from arguments as somebody would give them. The environment has no say: it may be meant for
 * another router.
 *
 * @param bootstrap a comma list of `host:port`, or null without Kafka
 * @param field what it routes by, or null for the last digit
 */
export function routerConfig(bootstrap: string | null, group: string, field: DemoField | null = null): Config {
  const bindings = "--spring.cloud.stream.bindings";
  const args = [
    `${bindings}.input.destination=${TIME_TOPIC}`,
    `${bindings}.input.group=${group}`,
    ...SINKS.map(({ output, topic }) => `${bindings}.${output}.destination=${topic}`),
    // The page is for whoever sits at this machine.
    "--server.port=0",
    "--server.address=127.0.0.1",
    "--router.page.enabled=true",
    "--management.endpoints.web.exposure.include=health,bindings,prometheus",
    ...(field === null ? [] : ["--router.rule=timestamp", `--router.timestamp.field=${field}`]),
    ...(bootstrap === null ? [] : [`--spring.cloud.stream.kafka.binder.brokers=${bootstrap}`]),
  ];
  return readConfig({ args, env: {} });
}

/** Returns the router's log, without what kafkajs has to say: what comes of its troubles is told by the router or the demo. */
export function routerLog({ applicationName, logging }: Config, terminal: Terminal): Logger {
  const levels = createLogLevels(logging.level, logging.levelByLogger);
  const { format } = logging;
  const log = createLogger({ applicationName, format, levels, write: terminal.line, now: Date.now, pid: process.pid });
  return {
    trace: withoutClient(log.trace),
    debug: withoutClient(log.debug),
    info: withoutClient(log.info),
    warn: withoutClient(log.warn),
    error: withoutClient(log.error),
  };
}

function withoutClient(method: Logger["info"]): Logger["info"] {
  return (logger, message, fields) => {
    if (!logger.startsWith("kafkajs.")) method(logger, message, fields);
  };
}

/** Returns the binder over the configured brokers, or over this process's memory. */
export function openBinder(isEmbedded: boolean, core: WebAssembly.Module, config: Config, log: Logger): Binder {
  if (isEmbedded) return new MemoryBroker().binder(systemClock);
  testLane(core);
  // Nobody asks the demo for them.
  const meters = createKafkaMeters(createMetrics({ tags: {}, now: Date.now }), config.client.id, Date.now);
  return openKafkaBinder(config, { core, meters, log });
}
