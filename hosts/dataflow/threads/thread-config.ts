/** How many threads there are, and what each of them is told. */
import type { Reading } from "../binder.ts";
import type { Config } from "../config.ts";

/**
 * Returns how many of the wanted threads would have something to read, one at least. The group's assignor shares out all partitions of all topics
 * one by one; with `instance` each topic's are shared out by their numbers.
 */
export function threadCount(wanted: number, partitions: ReadonlyMap<string, number>, instance: Reading["instance"]): number {
  return Math.max(1, Math.min(wanted, partitionCount(partitions, instance)));
}

/** Returns how many threads could have a partition of this instance. */
export function partitionCount(partitions: ReadonlyMap<string, number>, instance: Reading["instance"]): number {
  const counts = [...partitions.values()];
  if (instance === null) return counts.reduce((sum, count) => sum + count, 0);
  const { index, count } = instance;
  // Of the numbers below n, ⌈(n - index) / count⌉ are index modulo count.
  return Math.max(0, ...counts.map((partitionsOfTopic) => Math.ceil((partitionsOfTopic - index) / count)));
}

/** Returns the configuration of one of `count` threads: they are members of the group of their own, and share what the app may have in flight. */
export function configOfThread(config: Config, index: number, count: number): Config {
  const { client, input, inFlightBytesMax } = config;
  return {
    ...config,
    client: { ...client, id: `${client.id}-${index}` },
    // So that all of them together keep to it.
    inFlightBytesMax: Math.ceil(inFlightBytesMax / count),
    input: {
      ...input,
      // A thread is started when the input is.
      autoStartup: true,
      // Those that have reset the positions of a partition once must not do it again because it has come to another thread.
      resetOffsets: input.resetOffsets && (index === 0 || input.instance !== null),
      instance:
        input.instance === null
          ? null
          : { index: input.instance.index + index * input.instance.count, count: input.instance.count * count },
    },
  };
}
