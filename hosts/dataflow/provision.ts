/** The topics that the app needs, and what has to be known of them before anything is written. */
import type { Binder } from "./binder.ts";
import type { Config } from "./config.ts";

/** Where records are written to. */
export interface Target {
  readonly destination: string;
  /** An input partition goes to its number modulo this one. */
  readonly partitions: number;
}

/** What a session writes to. */
export interface Targets {
  /** By output index. */
  readonly outputs: readonly Target[];
  /** Null where unroutable records don't go to a topic. */
  readonly deadLetters: Target | null;
  /** Largest RecordBatch that all outputs' topics take, as far as they tell, and that the configuration allows. */
  readonly batchBytesMax: number;
}

/** Creates what is missing. Topics that the app creates get as many partitions as the input has. */
export async function provision(binder: Binder, config: Config): Promise<Targets> {
  const input = config.input.destination;
  const inputs = await binder.provision([{ name: input, partitions: config.topics.partitionCountMin }]);
  const inputPartitions = inputs.get(input)?.partitions ?? config.topics.partitionCountMin;
  const names = [...new Set(config.outputs.map(({ destination }) => destination))];
  const wanted = names.map((name) => ({ name, partitions: inputPartitions }));
  if (config.deadLetters !== null) {
    wanted.push({ name: config.deadLetters.destination, partitions: config.deadLetters.partitions ?? inputPartitions });
  }
  const found = await binder.provision(wanted);
  const partitionsOf = (destination: string): number => found.get(destination)?.partitions ?? inputPartitions;
  const outputs = config.outputs.map(({ destination }) => ({ destination, partitions: partitionsOf(destination) }));
  // Those of dead letters are not looked at: they are split where they must be, and should not make the outputs' batches smaller.
  const sizes = names.flatMap((name) => found.get(name)?.batchBytesMax ?? []);
  const { deadLetters } = config;
  return {
    outputs,
    deadLetters: deadLetters && {
      destination: deadLetters.destination,
      partitions: Math.min(deadLetters.partitions ?? Infinity, partitionsOf(deadLetters.destination)),
    },
    // The prefix makes records longer, so a batch that was full when it was fetched may not fit where it goes.
    batchBytesMax: Math.min(config.outputBatchBytesMax, ...sizes),
  };
}
