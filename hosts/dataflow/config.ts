import { readActuator, type ActuatorConfig } from "./config-actuator.ts";
import { readBindings, type BindingConfig } from "./config-binding.ts";
import { readDeadLetters, readKafka, refusedAcks, type DeadLetterConfig, type KafkaConfig } from "./config-kafka.ts";
import { readManagement, type ManagementConfig } from "./config-management.ts";
import { readMetrics, type MetricsConfig } from "./config-metrics.ts";
import { readRouter, type RouterConfig } from "./config-router.ts";
import { createProperties } from "./properties.ts";
import { propertySources, type ConfigInput, type PropertySources } from "./property-sources.ts";
import { unsupportedProperties } from "./unsupported.ts";

export { ConfigError } from "./config-error.ts";
export type { OutputConfig } from "./config-binding.ts";
export type { LogFormat } from "./config-management.ts";

/** Everything that the app can be told, checked and frozen. */
export interface Config extends ActuatorConfig, BindingConfig, KafkaConfig, ManagementConfig, MetricsConfig, RouterConfig {
  /** Null unless the policy is `dlq`. */
  readonly deadLetters: DeadLetterConfig | null;
  /** What was set and has no effect, each with its name and source: to be told to whoever set it. */
  readonly unsupported: readonly string[];
  /** Configuration files that were found, or asked for, and are not read: one sentence each. */
  readonly unreadFiles: readonly string[];
}

/** Reads and checks the whole configuration. Throws `ConfigError` for the first thing that is wrong with it. */
export function readConfig(input: ConfigInput): Config {
  return readConfigOf(propertySources(input));
}

/** Reads the configuration of sources that have been opened. Throws as `readConfig` does. */
export function readConfigOf({ sources, unreadFiles }: PropertySources): Config {
  const properties = createProperties(sources);
  const bindings = readBindings(properties);
  const outputNames = bindings.outputs.map(({ name }) => name);
  const kafka = readKafka(properties, outputNames);
  const router = readRouter(properties, outputNames, kafka.transactions);
  return deepFreeze({
    ...bindings,
    ...kafka,
    ...readManagement(properties),
    ...readActuator(properties),
    ...readMetrics(properties),
    ...router,
    deadLetters: router.unroutable === "dlq" ? readDeadLetters(properties, bindings) : null,
    unreadFiles,
    unsupported: [...refusedAcks(properties), ...kafka.client.security.withoutEffect, ...unsupportedProperties(sources, outputNames)],
  } satisfies Config);
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const child of Object.values(value)) {
    if (typeof child === "object" && child !== null) deepFreeze(child);
  }
  return Object.freeze(value);
}
