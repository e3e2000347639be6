import { readKafkaSecurity, type KafkaSecurityConfig } from "./config-kafka-security.ts";
import { propertyFault, type Properties } from "./properties.ts";
import { PROPERTIES } from "./schema.ts";

/** What Kafka's clients are told. */
export interface KafkaClientConfig {
  readonly id: string;
  readonly security: KafkaSecurityConfig;
  readonly requestTimeoutMs: number;
  readonly metadataMaxAgeMs: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly fetchWaitMs: number;
  readonly fetchBytesMin: number;
  readonly fetchBytesMax: number;
  readonly partitionBytesMax: number;
}

/** Reads what Kafka's clients are told. `outputs` are the names of the outputs. */
export function readKafkaClient(properties: Properties, outputs: readonly string[]): KafkaClientConfig {
  const client = {
    id: properties.readIfSet(PROPERTIES.clientId)?.value ?? properties.read(PROPERTIES.applicationName),
    security: readKafkaSecurity(properties, outputs),
    requestTimeoutMs: properties.read(PROPERTIES.requestTimeout),
    metadataMaxAgeMs: properties.read(PROPERTIES.metadataMaxAge),
    sessionTimeoutMs: properties.read(PROPERTIES.sessionTimeout),
    heartbeatIntervalMs: properties.read(PROPERTIES.heartbeatInterval),
    rebalanceTimeoutMs: properties.read(PROPERTIES.rebalanceTimeout),
    fetchWaitMs: properties.read(PROPERTIES.fetchWait),
    fetchBytesMin: properties.read(PROPERTIES.fetchBytesMin),
    fetchBytesMax: properties.read(PROPERTIES.fetchBytesMax),
    partitionBytesMax: properties.read(PROPERTIES.partitionBytesMax),
  };
  const fetchWait: Time = [PROPERTIES.fetchWait, client.fetchWaitMs];
  // kafkajs sends no heartbeat while it waits for a fetch.
  refuseLess(
    properties,
    [PROPERTIES.sessionTimeout, client.sessionTimeoutMs],
    [[PROPERTIES.heartbeatInterval, client.heartbeatIntervalMs], fetchWait],
  );
  refuseLess(properties, [PROPERTIES.requestTimeout, client.requestTimeoutMs], [fetchWait]);
  return client;
}

type Time = readonly [property: (typeof PROPERTIES)["requestTimeout"], valueMs: number];

/** Refuses a time that is not longer than some others together, for nothing would come within it. */
function refuseLess(properties: Properties, [longer, longerMs]: Time, others: readonly Time[]): void {
  const othersMs = others.reduce((sum, [, valueMs]) => sum + valueMs, 0);
  if (longerMs > othersMs) return;
  const set = [longer, ...others.map(([property]) => property)]
    .map((property) => properties.readIfSet(property))
    .find((found) => found !== null);
  const kafkaName = ({ name }: Time[0]): string => name.replace(/^.*configuration\./u, "");
  const names = others.map(([property]) => kafkaName(property)).join(" and ");
  const problem = `${kafkaName(longer)} is ${longerMs} ms, and ${names} ${others.length === 1 ? "is" : "are together"} ${othersMs} ms`;
  throw propertyFault(set?.name ?? longer.name, set?.found, `${problem}; allowed: the first above the second`);
}
