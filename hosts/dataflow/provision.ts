/** The topics that the app needs, and what has to be known of them before anything is written. */
import type { Binder, FetchedBatches, TopicFound, TopicWanted } from "./binder.ts";
import type { Codec } from "./codecs.ts";
import type { Config } from "./config.ts";

/** Where records are written to. */
export interface Target {
  readonly destination: string;
  /** An input partition goes to its number modulo this one. */
  readonly partitions: number;
  readonly codec: Codec;
  /** Whether the records keep their headers. */
  readonly keepsHeaders: boolean;
}

/** What a session writes to. */
export interface Targets {
  /** By output index. */
  readonly outputs: readonly Target[];
  /** By the topic that a record was read from; null where unroutable records don't go to a topic. */
  readonly deadLetters: ReadonlyMap<string, Target> | null;
  /** Largest RecordBatch that all outputs' topics take, as far as they tell, and that the configuration allows. */
  readonly batchBytesMax: number;
}

/** What a session writes to, and what it reads. */
export interface Provisioned extends Targets {
  /** Partitions of each topic of the input. */
  readonly inputPartitions: ReadonlyMap<string, number>;
}

/** Creates what is missing. Topics that the app creates get as many partitions as the input has, of several topics the largest. */
export async function provision(binder: Pick<Binder, "provision">, config: Config): Promise<Provisioned> {
  const inputs = await binder.provision(wantedInputs(config));
  const partitionsOfInput = (topic: string): number => inputs.get(topic)?.partitions ?? config.topics.partitionCountMin;
  const wanted = [...wantedOutputs(config, partitionsOfInput), ...wantedDeadLetters(config, partitionsOfInput)];
  const found = await binder.provision(oneOfEach(wanted));
  return {
    inputPartitions: new Map(config.input.destinations.map((topic) => [topic, partitionsOfInput(topic)])),
    outputs: config.outputs.map(({ destination, codec, keepsHeaders }) => {
      return { destination, partitions: partitionsOf(destination, found, wanted), codec, keepsHeaders };
    }),
    deadLetters: deadLetterTargets(config, found, wanted),
    // The prefix makes records longer, so a batch that was full when it was fetched may not fit where it goes. Topics of dead letters are not
    // looked at: those are split where they must be, and should not make the outputs' batches smaller.
    batchBytesMax: Math.min(
      config.outputBatchBytesMax,
      ...config.outputs.flatMap(({ destination }) => found.get(destination)?.batchBytesMax ?? []),
    ),
  };
}

function wantedInputs({ input, topics }: Config): readonly TopicWanted[] {
  return input.destinations.map((name) => ({ name, partitions: topics.partitionCountMin, ...input.topic }));
}

function wantedOutputs({ input, outputs, topics }: Config, partitionsOfInput: (topic: string) => number): readonly TopicWanted[] {
  const ofInput = Math.max(...input.destinations.map(partitionsOfInput));
  return outputs.map(({ destination, partitionCount, topic }) => ({
    name: destination,
    partitions: Math.max(partitionCount ?? ofInput, topics.partitionCountMin),
    ...(partitionCount === null ? {} : { partitionsMin: partitionCount }),
    ...topic,
  }));
}

function wantedDeadLetters({ input, deadLetters, topics }: Config, partitionsOfInput: (topic: string) => number): readonly TopicWanted[] {
  if (deadLetters === null) return [];
  const { replicationFactor, properties } = input.topic;
  return Object.entries(deadLetters.destinations).map(([topic, name]) => {
    const partitions = Math.max(deadLetters.partitions ?? partitionsOfInput(topic), topics.partitionCountMin);
    return { name, partitions, replicationFactor, properties };
  });
}

/** Several bindings may have one topic: it gets the most partitions that one of them wants. */
function oneOfEach(wanted: readonly TopicWanted[]): readonly TopicWanted[] {
  const most = new Map<string, TopicWanted>();
  for (const topic of wanted) {
    const before = most.get(topic.name);
    if (before === undefined || before.partitions < topic.partitions) most.set(topic.name, topic);
  }
  return [...most.values()];
}

function partitionsOf(destination: string, found: ReadonlyMap<string, TopicFound>, wanted: readonly TopicWanted[]): number {
  return found.get(destination)?.partitions ?? wanted.find(({ name }) => name === destination)?.partitions ?? 1;
}

function deadLetterTargets(
  { deadLetters }: Config,
  found: ReadonlyMap<string, TopicFound>,
  wanted: readonly TopicWanted[],
): Targets["deadLetters"] {
  if (deadLetters === null) return null;
  const { codec, destinations } = deadLetters;
  const targets = Object.entries(destinations).map(([topic, destination]): [string, Target] => {
    const partitions = Math.min(deadLetters.partitions ?? Infinity, partitionsOf(destination, found, wanted));
    return [topic, { destination, partitions, codec, keepsHeaders: true }];
  });
  return new Map(targets);
}

/** Returns where the batches of an input partition go. */
export function placesOf(
  { outputs, deadLetters }: Targets,
  { topic, partition }: Pick<FetchedBatches, "topic" | "partition">,
): readonly string[] {
  const ofTopic = deadLetters?.get(topic);
  return [...outputs, ...(ofTopic === undefined ? [] : [ofTopic])].map(({ destination, partitions }) =>
    placeOf(destination, partition % partitions),
  );
}

/** Returns the name of one partition of a topic. */
export function placeOf(destination: string, partition: number): string {
  return `${destination}/${partition}`;
}
