import type { BrokerAddress } from "./brokers.ts";
import { ConfigError, quoted } from "./config-error.ts";
import { canonicalName } from "./property-name.ts";
import { findProperty, propertySources, type ConfigInput, type FoundProperty, type PropertySource } from "./property-sources.ts";
import type { Property } from "./property.ts";
import { buildRuleText } from "./rule-text.ts";
import { PROPERTIES } from "./schema.ts";

export { ConfigError } from "./config-error.ts";
export { propertyOfRuleLine } from "./rule-text.ts";

/** One output and the topic behind it. */
export interface OutputConfig {
  readonly name: string;
  readonly destination: string;
}

/** Least level that is logged. */
export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "OFF";

/** Layout of the log. */
export type LogFormat = "text" | "ecs" | "logstash" | "gelf";

/** Everything that the app can be told, checked and frozen. */
export interface Config {
  readonly applicationName: string;
  /** `host:port` each, an IPv6 host in brackets. */
  readonly brokers: readonly string[];
  readonly input: {
    readonly destination: string;
    /** Null for an anonymous group. */
    readonly group: string | null;
    readonly startOffset: "earliest" | "latest";
  };
  readonly outputs: readonly OutputConfig[];
  readonly topics: {
    readonly autoCreate: boolean;
    readonly partitionCountMin: number;
    /** -1 leaves it to the broker. */
    readonly replicationFactor: number;
  };
  readonly enableIdempotence: boolean;
  readonly server: {
    readonly port: number;
    /** Null for all interfaces. */
    readonly address: string | null;
  };
  readonly logging: { readonly format: LogFormat; readonly level: LogLevel };
  /** The rule for the core, one `key=value` a line; `propertyOfRuleLine` leads from a place in it back to a property. */
  readonly ruleText: string;
  readonly unroutable: "log" | "drop" | "stop";
  readonly inFlightBytesMax: number;
  readonly outputBatchBytesMax: number;
  readonly commitIntervalMs: number;
  readonly shutdownTimeoutMs: number;
}

/** Reads and checks the whole configuration. Throws `ConfigError` for the first thing that is wrong with it. */
export function readConfig(input: ConfigInput): Config {
  const sources = propertySources(input);
  const outputNames = read(sources, PROPERTIES.outputs);
  const inputBinding = readInput(sources);
  return deepFreeze({
    applicationName: read(sources, PROPERTIES.applicationName),
    brokers: readBrokers(sources),
    input: inputBinding,
    outputs: outputNames.map((name) => readOutput(sources, name, inputBinding.destination)),
    topics: {
      autoCreate: read(sources, PROPERTIES.autoCreateTopics),
      partitionCountMin: read(sources, PROPERTIES.minPartitionCount),
      replicationFactor: read(sources, PROPERTIES.replicationFactor),
    },
    enableIdempotence: read(sources, PROPERTIES.enableIdempotence),
    server: { port: read(sources, PROPERTIES.serverPort), address: read(sources, PROPERTIES.serverAddress) || null },
    logging: { format: read(sources, PROPERTIES.logFormat), level: read(sources, PROPERTIES.logLevel) },
    ruleText: readRuleText(sources, outputNames),
    unroutable: readUnroutable(sources, outputNames),
    ...readByteBounds(sources),
    commitIntervalMs: read(sources, PROPERTIES.commitInterval),
    shutdownTimeoutMs: read(sources, PROPERTIES.shutdownTimeout),
  } satisfies Config);
}

/** The value of a property, or its default. `name` is given for properties with an output in their name. */
function read<Value>(sources: readonly PropertySource[], property: Property<Value>, name = property.name): Value {
  const set = readIfSet(sources, property, name);
  return set === null ? parse(property, name, { value: property.default ?? "", source: "default" }) : set.value;
}

/** The value of a property and its source, or null where the default holds. */
function readIfSet<Value>(sources: readonly PropertySource[], property: Property<Value>, name = property.name): SetProperty<Value> | null {
  const found = findProperty(sources, name);
  if (found === undefined || (found.value.trim() === "" && property.emptyIsDefault)) return null;
  return { value: parse(property, name, found), found };
}

interface SetProperty<Value> {
  readonly value: Value;
  readonly found: FoundProperty;
}

function parse<Value>(property: Property<Value>, name: string, found: FoundProperty): Value {
  const reading = property.readText(found.value);
  if ("value" in reading) return reading.value;
  throw fault(name, found, reading.fault);
}

function fault(name: string, found: FoundProperty | undefined, problem: string): ConfigError {
  return new ConfigError(`${name} (from ${found?.source ?? "default"}): ${problem}`);
}

function readInput(sources: readonly PropertySource[]): Config["input"] {
  const destination = read(sources, PROPERTIES.inputDestination);
  const streamName = read(sources, PROPERTIES.streamName);
  const appLabel = read(sources, PROPERTIES.appLabel);
  // Data Flow runs the old and the new app side by side while it updates. Only a group that both share keeps them from routing every record
  // of that time twice, hence a default that stays the same over versions.
  const defaultGroup = streamName !== "" && appLabel !== "" ? `${streamName}.${appLabel}` : "timestamp-router";
  const set = readIfSet(sources, PROPERTIES.inputGroup);
  const group = set === null ? defaultGroup : set.value;
  // Spring takes a group of nothing but spaces as none, too.
  if (group.trim() === "" || group === "anonymous") return { destination, group: null, startOffset: "latest" };
  return { destination, group, startOffset: "earliest" };
}

function readOutput(sources: readonly PropertySource[], name: string, inputDestination: string): OutputConfig {
  const propertyName = PROPERTIES.outputDestination.name.replace("<output>", name);
  const set = readIfSet(sources, PROPERTIES.outputDestination, propertyName);
  const destination = set === null ? name : set.value;
  if (destination === inputDestination) {
    throw fault(
      propertyName,
      set?.found,
      `${quoted(destination)} is the topic of the input, too, so the app would read what it writes, for ever; allowed: any other topic`,
    );
  }
  return { name, destination };
}

function readBrokers(sources: readonly PropertySource[]): readonly string[] {
  const defaultPort = read(sources, PROPERTIES.defaultBrokerPort);
  const brokers = readIfSet(sources, PROPERTIES.brokers)?.value ?? read(sources, PROPERTIES.bootstrapServers);
  return brokers.map(({ host, port }: BrokerAddress) => `${host}:${port ?? defaultPort}`);
}

function readRuleText(sources: readonly PropertySource[], outputNames: readonly string[]): string {
  refusePrefixesOfUnknownOutputs(sources, outputNames);
  const prefixes = new Map<string, string>();
  for (const name of outputNames) {
    const set = readIfSet(sources, PROPERTIES.prefix, prefixName(name));
    if (set !== null) prefixes.set(name, set.value);
  }
  return buildRuleText({
    rule: readIfSet(sources, PROPERTIES.rule)?.value ?? null,
    outputs: readIfSet(sources, PROPERTIES.outputs)?.value ?? null,
    prefixes,
  });
}

function prefixName(output: string): string {
  return PROPERTIES.prefix.name.replace("<output>", output);
}

/** The canonical name without its dots, which the name of a variable can't have. */
function nameWithoutDots(name: string): string {
  return canonicalName(name).replaceAll(".", "");
}

/** A prefix for an output that does not exist is a misspelt one: the records would go out without it, and nobody would know. */
function refusePrefixesOfUnknownOutputs(sources: readonly PropertySource[], outputNames: readonly string[]): void {
  const known = new Set(outputNames.map(nameWithoutDots));
  for (const source of sources) {
    const unknown = source.keysUnder("router.prefix").find((key) => !known.has(nameWithoutDots(key)));
    if (unknown !== undefined) {
      throw fault(
        prefixName(unknown),
        { value: "", source: source.name },
        `there is no such output; allowed: ${outputNames.join(" and ")}`,
      );
    }
  }
}

function readUnroutable(sources: readonly PropertySource[], outputNames: readonly string[]): Config["unroutable"] {
  const property = PROPERTIES.unroutable;
  const found = findProperty(sources, property.name);
  const policy = found?.value.trim() ?? "";
  const isWord = "value" in property.readText(policy);
  // Refused rather than taken for `log`: whoever asks for one of these counts on the record being kept.
  if (policy.toLowerCase() === "dlq" || (!isWord && outputNames.includes(policy))) {
    throw fault(
      property.name,
      found,
      `${quoted(policy)}, which would keep the records in a topic, is not supported yet; allowed: ${property.allowed}`,
    );
  }
  return read(sources, property);
}

function readByteBounds(sources: readonly PropertySource[]): Pick<Config, "inFlightBytesMax" | "outputBatchBytesMax"> {
  const inFlightBytesMax = read(sources, PROPERTIES.inFlightBytes);
  const outputBatchBytesMax = read(sources, PROPERTIES.outputBatchBytes);
  if (inFlightBytesMax < outputBatchBytesMax) {
    const { name } = PROPERTIES.inFlightBytes;
    throw fault(
      name,
      findProperty(sources, name),
      `${inFlightBytesMax} has no room for one batch; allowed: at least router.output-batch-bytes, which is ${outputBatchBytesMax}`,
    );
  }
  return { inFlightBytesMax, outputBatchBytesMax };
}

function deepFreeze<Value extends object>(value: Value): Value {
  for (const child of Object.values(value)) {
    if (typeof child === "object" && child !== null) deepFreeze(child);
  }
  return Object.freeze(value);
}
