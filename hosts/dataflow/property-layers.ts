/**
 * The names that a property may be set by, where Spring Cloud Stream has several: the most specific one first. A layer counts as a whole: a
 * binding's own property in the environment goes before a default on the command line.
 */

const stream = "spring.cloud.stream";
const kafka = `${stream}.kafka`;
const boot = "spring.kafka";

/** Where client properties may be given for all consumers or all producers, and Boot's own name of one, if it has one. */
interface ClientNames {
  readonly binding: readonly string[];
  readonly role: "consumer" | "producer";
  readonly bootName?: string | undefined;
}

/** Names of a property of the input's binding. */
export function inputNames(rest: string): readonly string[] {
  return [`${stream}.bindings.input.${rest}`, `${stream}.default.${rest}`];
}

/** Names of a property of an output's binding: that of `output`, which Data Flow knows of a processor, counts for all of them. */
export function outputNames(rest: string): readonly string[] {
  return [`${stream}.bindings.<output>.${rest}`, `${stream}.bindings.output.${rest}`, `${stream}.default.${rest}`];
}

/** Names of a property of the input's consumer that only the Kafka binder has. */
export function kafkaConsumerNames(rest: string): readonly string[] {
  return [`${kafka}.bindings.input.consumer.${rest}`, `${kafka}.default.consumer.${rest}`];
}

/** Names of a property of an output's producer that only the Kafka binder has. */
export function kafkaProducerNames(rest: string): readonly string[] {
  return [`${kafka}.bindings.<output>.producer.${rest}`, ...kafkaProducersNames(rest)];
}

/** Names of a property of all outputs' producers, which can't be set for one alone. */
function kafkaProducersNames(rest: string): readonly string[] {
  return [`${kafka}.bindings.output.producer.${rest}`, `${kafka}.default.producer.${rest}`];
}

/** Names of a property of Kafka's consumer. */
export function consumerClientNames(key: string, bootName?: string): readonly string[] {
  return clientNames(key, { binding: kafkaConsumerNames(`configuration.${key}`), role: "consumer", bootName });
}

/** Names of a property of Kafka's producer, which is one for all outputs. */
export function producerClientNames(key: string, bootName?: string): readonly string[] {
  return clientNames(key, { binding: kafkaProducersNames(`configuration.${key}`), role: "producer", bootName });
}

/** Names of a property of Kafka's producer that each output has for itself. */
export function outputClientNames(key: string, bootName?: string): readonly string[] {
  return clientNames(key, { binding: kafkaProducerNames(`configuration.${key}`), role: "producer", bootName });
}

/** Names of a property of Kafka's producer for dead letters. */
export function dlqClientNames(key: string, bootName?: string): readonly string[] {
  const binding = kafkaConsumerNames(`dlq-producer-properties.configuration.${key}`);
  return clientNames(key, { binding, role: "producer", bootName });
}

/** Names of a property of every client of the binder. */
export function commonClientNames(key: string, bootName?: string): readonly string[] {
  return [`${kafka}.binder.configuration.${key}`, ...(bootName === undefined ? [] : [`${boot}.${bootName}`]), `${boot}.properties.${key}`];
}

/** Names of a property that reading, writing and dead letters have alike, by who has it; the most specific name first. */
export function alikeNames(
  key: string,
  bootName: string | null,
): Readonly<Record<"consumer" | "producer" | "dead letters", readonly string[]>> {
  const common = bootName === null ? [] : [`${boot}.${bootName}`];
  const ofRole = bootName ?? undefined;
  return {
    consumer: [...consumerClientNames(key, ofRole), ...common],
    producer: [...outputClientNames(key, ofRole), ...common],
    "dead letters": [...dlqClientNames(key, ofRole), ...common],
  };
}

function clientNames(key: string, { binding, role, bootName }: ClientNames): readonly string[] {
  return [
    ...binding,
    `${kafka}.binder.${role}-properties.${key}`,
    `${kafka}.binder.configuration.${key}`,
    `${boot}.${role}.properties.${key}`,
    ...(bootName === undefined ? [] : [`${boot}.${role}.${bootName}`]),
    `${boot}.properties.${key}`,
  ];
}
