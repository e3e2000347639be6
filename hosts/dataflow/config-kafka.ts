import type { BrokerAddress } from "./brokers.ts";
import { quoted } from "./config-error.ts";
import type { Codec } from "./codecs.ts";
import type { BindingConfig } from "./config-binding.ts";
import { readKafkaClient, type KafkaClientConfig } from "./config-kafka-client.ts";
import { propertyFault, type Properties, type SetProperty } from "./properties.ts";
import { PROPERTIES } from "./schema.ts";

/** What the Kafka binder is told. */
export interface KafkaConfig {
  /** `host:port` each, an IPv6 host in brackets. */
  readonly brokers: readonly string[];
  readonly topics: {
    readonly autoCreate: boolean;
    /** Whether topics get the partitions that they lack. */
    readonly autoAddPartitions: boolean;
    readonly partitionCountMin: number;
  };
  readonly enableIdempotence: boolean;
  /** Null for delivery at least once. */
  readonly transactions: TransactionConfig | null;
  readonly client: KafkaClientConfig;
}

/** How records are delivered exactly once. */
export interface TransactionConfig {
  /** Begins the transactional id of the app's producer. */
  readonly idPrefix: string;
  /** Longest time that a transaction may be open. */
  readonly timeoutMs: number;
}

/** Where dead letters go. */
export interface DeadLetterConfig {
  /** By the topic that the record was read from. */
  readonly destinations: Readonly<Record<string, string>>;
  /** Partitions that are written to; null for all, and a topic that is created has as many as the input. */
  readonly partitions: number | null;
  readonly codec: Codec;
}

/** Reads what the binder is told of brokers, topics and producers. `outputs` are the names of the outputs. */
export function readKafka(properties: Properties, outputs: readonly string[]): KafkaConfig {
  const client = readKafkaClient(properties, outputs);
  const enableIdempotence = properties.read(PROPERTIES.enableIdempotence);
  return {
    brokers: readBrokers(properties, client.security.protocol),
    topics: {
      autoCreate: properties.read(PROPERTIES.autoCreateTopics),
      autoAddPartitions: properties.read(PROPERTIES.autoAddPartitions),
      partitionCountMin: properties.read(PROPERTIES.minPartitionCount),
    },
    enableIdempotence,
    transactions: readTransactions(properties, enableIdempotence),
    client,
  };
}

function readTransactions(properties: Properties, enableIdempotence: boolean): TransactionConfig | null {
  const property = PROPERTIES.transactionIdPrefix;
  const set = properties.readIfSet(property);
  if (set === null) return null;
  if (!enableIdempotence) {
    throw propertyFault(property.name, set.found, `transactions need an idempotent producer; allowed: without enable.idempotence=false`);
  }
  return { idPrefix: set.value, timeoutMs: properties.read(PROPERTIES.transactionTimeout) };
}

/** Returns the property that asks for fewer acknowledgements than all, if one does: a record could be lost whose position is committed. */
export function refusedAcks(properties: Properties): readonly string[] {
  const set = properties.readIfSet(PROPERTIES.requiredAcks);
  return set === null || set.value ? [] : [`${set.name}=${set.found.value.trim()} (from ${set.found.source}; it is always all)`];
}

function readBrokers(properties: Properties, protocol: KafkaClientConfig["security"]["protocol"]): readonly string[] {
  const defaultPort = properties.read(PROPERTIES.defaultBrokerPort);
  const set = properties.readIfSet(PROPERTIES.brokers) ?? properties.readIfSet(PROPERTIES.bootstrapServers);
  const brokers: readonly BrokerAddress[] = set?.value ?? properties.read(PROPERTIES.bootstrapServers);
  const other = brokers.find((broker) => broker.protocol !== null && broker.protocol !== protocol.value);
  if (other !== undefined) {
    const problem = `names a listener of ${other.protocol}, but ${protocol.property} is ${protocol.value}`;
    throw propertyFault(set?.name ?? PROPERTIES.brokers.name, set?.found, `${problem}; allowed: the same for both`);
  }
  return brokers.map(({ host, port }) => `${host}:${port ?? defaultPort}`);
}

/** Reads where dead letters go, which no other binding may use. */
export function readDeadLetters(properties: Properties, { input, outputs }: BindingConfig): DeadLetterConfig {
  const property = PROPERTIES.dlqName;
  if (input.group === null) {
    const { name } = PROPERTIES.inputGroup;
    const cure = `allowed: the name of a group, or ${PROPERTIES.unroutable.name}=log`;
    throw propertyFault(name, properties.find(name), `DLQ support is not available for anonymous subscriptions; ${cure}`);
  }
  const { group } = input;
  const set = properties.readIfSet(property);
  const destinations = Object.fromEntries(input.destinations.map((topic) => [topic, set?.value ?? defaultDlqName(topic, group)]));
  for (const destination of Object.values(destinations)) refuseTaken(destination, set, { input, outputs });
  return {
    destinations,
    partitions: properties.readIfSet(PROPERTIES.dlqPartitions)?.value ?? null,
    codec: properties.read(PROPERTIES.dlqCompression),
  };
}

function refuseTaken(destination: string, set: SetProperty<string> | null, { input, outputs }: BindingConfig): void {
  const name = set?.name ?? PROPERTIES.dlqName.name;
  const output = outputs.find((candidate) => candidate.destination === destination);
  if (input.destinations.includes(destination)) {
    const problem = "is a topic of the input, too, so the app would read its own dead letters, for ever";
    throw propertyFault(name, set?.found, `${quoted(destination)} ${problem}; allowed: any other topic`);
  }
  if (output !== undefined) {
    const problem = `is the topic of the output ${output.name}, too, where dead letters would be among the routed records`;
    throw propertyFault(name, set?.found, `${quoted(destination)} ${problem}; allowed: any other topic`);
  }
}

/** Spring's default. A group may be called what a topic may not. */
function defaultDlqName(inputDestination: string, group: string): string {
  const property = PROPERTIES.dlqName;
  const name = `error.${inputDestination}.${group}`;
  if ("value" in property.readText(name)) return name;
  throw propertyFault(
    property.name,
    undefined,
    `${quoted(name)}, made of the input's topic and group, is no topic name; set it to ${property.allowed}`,
  );
}
