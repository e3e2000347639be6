import type { Reading } from "./binder.ts";
import type { Codec } from "./codecs.ts";
import { quoted } from "./config-error.ts";
import { propertyFault, type Properties } from "./properties.ts";
import { forOutput, namesOf, type Property } from "./property.ts";
import { PROPERTIES } from "./schema.ts";

/** What a topic is created with, besides its partitions. */
export interface TopicConfig {
  /** -1 leaves it to the broker. */
  readonly replicationFactor: number;
  /** Topic configuration by Kafka's names. */
  readonly properties: Readonly<Record<string, string>>;
}

/** The input and the topics behind it. */
export interface InputConfig extends Reading {
  /** At least one, each once. */
  readonly destinations: readonly string[];
  /** Whether the input is read from the start of the app on. */
  readonly autoStartup: boolean;
  /** Threads that route, as far as there are partitions for them. */
  readonly concurrency: number;
  readonly topic: TopicConfig;
}

/** One output and the topic behind it. */
export interface OutputConfig {
  readonly name: string;
  readonly destination: string;
  readonly codec: Codec;
  /** Whether its records keep their headers. */
  readonly keepsHeaders: boolean;
  /** Partitions that its topic must have; null leaves it to the input's. */
  readonly partitionCount: number | null;
  readonly topic: TopicConfig;
}

/** The bindings: what is read, and where the outputs go. */
export interface BindingConfig {
  readonly input: InputConfig;
  readonly outputs: readonly OutputConfig[];
}

/** Reads the bindings of the input and of the outputs. */
export function readBindings(properties: Properties): BindingConfig {
  const outputNames = properties.read(PROPERTIES.outputs);
  const input = readInput(properties);
  return { input, outputs: outputNames.map((name) => readOutput(properties, name, input.destinations)) };
}

function readInput(properties: Properties): InputConfig {
  const named = properties.readIfSet(PROPERTIES.inputGroup)?.value ?? defaultGroup(properties);
  // Spring takes a group of nothing but spaces as none, too.
  const group = named.trim() === "" || named === "anonymous" ? null : named;
  return {
    destinations: properties.read(PROPERTIES.inputDestinations),
    autoStartup: properties.read(PROPERTIES.autoStartup),
    concurrency: properties.read(PROPERTIES.concurrency),
    topic: readTopic(properties, PROPERTIES.inputReplicationFactor, PROPERTIES.inputTopicProperty),
    group,
    startOffset: properties.readIfSet(PROPERTIES.startOffset)?.value ?? (group === null ? "latest" : "earliest"),
    resetOffsets: properties.read(PROPERTIES.resetOffsets),
    isolationLevel: properties.read(PROPERTIES.isolationLevel),
    offsetOutOfRange: properties.read(PROPERTIES.offsetOutOfRange),
    instance: properties.read(PROPERTIES.autoRebalance) ? null : readInstance(properties),
  };
}

/**
 * Data Flow runs the old and the new app side by side while it updates. Only a group that both share keeps them from routing every record of
 * that time twice, hence a default that stays the same over versions.
 */
function defaultGroup(properties: Properties): string {
  const streamName = properties.read(PROPERTIES.streamName);
  const appLabel = properties.read(PROPERTIES.appLabel);
  return streamName !== "" && appLabel !== "" ? `${streamName}.${appLabel}` : "timestamp-router";
}

function readInstance(properties: Properties): NonNullable<Reading["instance"]> {
  const index = properties.read(PROPERTIES.instanceIndex);
  const count = properties.read(PROPERTIES.instanceCount);
  const set = properties.readIfSet(PROPERTIES.instanceIndex);
  const name = set?.name ?? PROPERTIES.instanceIndex.name;
  if (count > 1 && set === null) {
    throw propertyFault(
      name,
      undefined,
      `is not set, and with ${count} instances all of them would be the first one; allowed: 0 to ${count - 1}, each once`,
    );
  }
  if (index < count) return { index, count };
  const nobody = `${index} is no index among ${count === 1 ? "1 instance" : `${count} instances`}`;
  throw propertyFault(name, set?.found, `${nobody}, so it would read nothing; allowed: 0 to ${count - 1} (instance-count less 1)`);
}

function readOutput(properties: Properties, name: string, inputDestinations: readonly string[]): OutputConfig {
  const property = forOutput(PROPERTIES.outputDestination, name);
  const set = properties.readIfSet(property);
  const destination = set?.value ?? name;
  if (inputDestinations.includes(destination)) {
    throw propertyFault(
      set?.name ?? property.name,
      set?.found,
      `${quoted(destination)} is a topic of the input, too, so the app would read what it writes, for ever; allowed: any other topic`,
    );
  }
  return {
    name,
    destination,
    codec: properties.read(forOutput(PROPERTIES.outputCompression, name)),
    keepsHeaders: properties.read(PROPERTIES.inputHeaders) && properties.read(forOutput(PROPERTIES.outputHeaders, name)),
    partitionCount: properties.readIfSet(forOutput(PROPERTIES.outputPartitionCount, name))?.value ?? null,
    topic: readTopic(properties, forOutput(PROPERTIES.outputReplicationFactor, name), forOutput(PROPERTIES.outputTopicProperty, name)),
  };
}

function readTopic(properties: Properties, replicas: Property<number>, topicProperty: Property<string>): TopicConfig {
  const topic = new Map<string, string>();
  for (const name of namesOf(topicProperty)) {
    for (const { key } of properties.keysUnder(name.replace(".<key>", ""))) {
      // An environment variable has `_` for the dots of a key; Kafka's own names have none.
      const kafkaName = key.replaceAll("_", ".");
      const set = properties.readIfSet(topicProperty, name.replace("<key>", key));
      if (set !== null && !topic.has(kafkaName)) topic.set(kafkaName, set.value);
    }
  }
  return { replicationFactor: properties.read(replicas), properties: Object.fromEntries(topic) };
}
