import { ruleTextOf } from "../rule.ts";
import type { Reading } from "./binder.ts";
import type { BrokerAddress } from "./brokers.ts";
import { ConfigError, quoted } from "./config-error.ts";
import { canonicalName } from "./property-name.ts";
import { findProperty, propertySources, type ConfigInput, type FoundProperty, type PropertySource } from "./property-sources.ts";
import type { Property } from "./property.ts";
import { PROPERTIES } from "./schema.ts";

export { ConfigError } from "./config-error.ts";

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
  readonly input: Reading & { readonly destination: string };
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
  /** The rule for the core, one `key=value` a line; `placeInRule` leads from a place in it back to a property. */
  readonly ruleText: string;
  /** `log` also where an output takes them, for then there are none. */
  readonly unroutable: "dlq" | "drop" | "log" | "stop";
  /** The output that takes unroutable records, or null. */
  readonly unroutableOutput: string | null;
  /** Null unless the policy is `dlq`. */
  readonly deadLetters: {
    readonly destination: string;
    /** Partitions that are written to; null for all, and a topic that is created has as many as the input. */
    readonly partitions: number | null;
  } | null;
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
  const outputs = outputNames.map((name) => readOutput(sources, name, inputBinding.destination));
  const unroutable = readUnroutable(sources, outputNames);
  return deepFreeze({
    applicationName: read(sources, PROPERTIES.applicationName),
    brokers: readBrokers(sources),
    input: inputBinding,
    outputs,
    topics: {
      autoCreate: read(sources, PROPERTIES.autoCreateTopics),
      partitionCountMin: read(sources, PROPERTIES.minPartitionCount),
      replicationFactor: read(sources, PROPERTIES.replicationFactor),
    },
    enableIdempotence: read(sources, PROPERTIES.enableIdempotence),
    server: { port: read(sources, PROPERTIES.serverPort), address: read(sources, PROPERTIES.serverAddress) || null },
    logging: { format: read(sources, PROPERTIES.logFormat), level: read(sources, PROPERTIES.logLevel) },
    ruleText: readRuleText(sources, outputNames, unroutable.output),
    unroutable: unroutable.policy,
    unroutableOutput: unroutable.output,
    deadLetters: unroutable.policy === "dlq" ? readDeadLetters(sources, inputBinding, outputs) : null,
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
  const named = readIfSet(sources, PROPERTIES.inputGroup)?.value ?? defaultGroup;
  // Spring takes a group of nothing but spaces as none, too.
  const group = named.trim() === "" || named === "anonymous" ? null : named;
  return {
    destination,
    group,
    startOffset: readIfSet(sources, PROPERTIES.startOffset)?.value ?? (group === null ? "latest" : "earliest"),
    resetOffsets: read(sources, PROPERTIES.resetOffsets),
    isolationLevel: read(sources, PROPERTIES.isolationLevel),
    offsetOutOfRange: read(sources, PROPERTIES.offsetOutOfRange),
    instance: read(sources, PROPERTIES.autoRebalance) ? null : readInstance(sources),
  };
}

function readInstance(sources: readonly PropertySource[]): NonNullable<Reading["instance"]> {
  const index = read(sources, PROPERTIES.instanceIndex);
  const count = read(sources, PROPERTIES.instanceCount);
  const { name } = PROPERTIES.instanceIndex;
  if (count > 1 && readIfSet(sources, PROPERTIES.instanceIndex) === null) {
    throw fault(
      name,
      undefined,
      `is not set, and with ${count} instances all of them would be the first one; allowed: 0 to ${count - 1}, each once`,
    );
  }
  if (index < count) return { index, count };
  const nobody = `${index} is no index among ${count === 1 ? "1 instance" : `${count} instances`}`;
  throw fault(name, findProperty(sources, name), `${nobody}, so it would read nothing; allowed: 0 to ${count - 1} (instance-count less 1)`);
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

function readRuleText(sources: readonly PropertySource[], outputNames: readonly string[], unroutable: string | null): string {
  refusePrefixesOfUnknownOutputs(sources, outputNames);
  return ruleTextOf({
    "router.rule": readIfSet(sources, PROPERTIES.rule)?.value,
    "router.outputs": readIfSet(sources, PROPERTIES.outputs)?.value,
    "router.unroutable": unroutable ?? undefined,
    ...Object.fromEntries(outputNames.map((name) => [prefixName(name), readIfSet(sources, PROPERTIES.prefix, prefixName(name))?.value])),
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

const POLICIES = ["dlq", "drop", "log", "stop"] as const;

/** The policy, and the output that takes unroutable records, if one does. A policy's word goes before an output of that name. */
function readUnroutable(
  sources: readonly PropertySource[],
  outputNames: readonly string[],
): { readonly policy: Config["unroutable"]; readonly output: string | null } {
  const property = PROPERTIES.unroutable;
  const set = readIfSet(sources, property);
  if (set === null) return { policy: read(sources, PROPERTIES.enableDlq) ? "dlq" : "log", output: null };
  const policy = POLICIES.find((word) => word === set.value.toLowerCase());
  if (policy !== undefined) return { policy, output: null };
  if (outputNames.includes(set.value)) return { policy: "log", output: set.value };
  throw fault(
    property.name,
    set.found,
    `${quoted(set.value)} is neither a policy nor an output; allowed: dlq, drop, log, stop, ${outputNames.join(" or ")}`,
  );
}

function readDeadLetters(
  sources: readonly PropertySource[],
  { destination: inputDestination, group }: Config["input"],
  outputs: readonly OutputConfig[],
): Config["deadLetters"] {
  const property = PROPERTIES.dlqName;
  if (group === null) {
    const { name } = PROPERTIES.inputGroup;
    const cure = `allowed: the name of a group, or ${PROPERTIES.unroutable.name}=log`;
    throw fault(name, findProperty(sources, name), `DLQ support is not available for anonymous subscriptions; ${cure}`);
  }
  const set = readIfSet(sources, property);
  const destination = set === null ? defaultDlqName(inputDestination, group) : set.value;
  const output = outputs.find((candidate) => candidate.destination === destination);
  if (destination === inputDestination) {
    const problem = "is the topic of the input, too, so the app would read its own dead letters, for ever";
    throw fault(property.name, set?.found, `${quoted(destination)} ${problem}; allowed: any other topic`);
  }
  if (output !== undefined) {
    const problem = `is the topic of the output ${output.name}, too, where dead letters would be among the routed records`;
    throw fault(property.name, set?.found, `${quoted(destination)} ${problem}; allowed: any other topic`);
  }
  return { destination, partitions: readIfSet(sources, PROPERTIES.dlqPartitions)?.value ?? null };
}

/** Spring's default. A group may be called what a topic may not. */
function defaultDlqName(inputDestination: string, group: string): string {
  const property = PROPERTIES.dlqName;
  const name = `error.${inputDestination}.${group}`;
  if ("value" in property.readText(name)) return name;
  throw fault(
    property.name,
    undefined,
    `${quoted(name)}, made of the input's topic and group, is no topic name; set it to ${property.allowed}`,
  );
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
