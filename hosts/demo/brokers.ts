/** Decides where the demo's topics are. */
import { describeError } from "../dataflow/errors.ts";
import { oneLine } from "../dataflow/one-line.ts";
import { startCluster } from "./broker/cluster.ts";
import type { BrokerChoice } from "./options.ts";
import { EVEN } from "./stream.ts";
import type { Terminal } from "./terminal.ts";

/** The brokers of one run. */
export interface Brokers {
  /** A comma list of `host:port`, or null when the topics are in this process. */
  readonly bootstrap: string | null;
  /** Whether they were there before the demo, with records that are none of its business. */
  readonly areShared: boolean;
  /** Ends what was started for the demo. */
  readonly close: () => Promise<void>;
}

const IN_PROCESS: Brokers = { bootstrap: null, areShared: false, close: async () => Promise.resolve() };

/** What was asked for can't be had. The message is one line for the person at the terminal. */
export class DemoError extends Error {
  override readonly name = "DemoError";
}

/** Starts Kafka, or finds another place, and says which one. Throws `DemoError`, or the signal's reason. */
export async function openBrokers(choice: BrokerChoice, terminal: Terminal, stop: AbortSignal): Promise<Brokers> {
  if (choice.kind === "embedded") {
    terminal.note("running without Kafka: the topics are in the memory of this process, as --embedded asks");
    return IN_PROCESS;
  }
  if (choice.kind === "brokers") {
    terminal.note(`using the Kafka at ${choice.brokers}; records that its topics hold already do not count`);
    return { bootstrap: choice.brokers, areShared: true, close: async () => Promise.resolve() };
  }
  try {
    return await startKafka(terminal, stop);
  } catch (error) {
    stop.throwIfAborted();
    if (choice.kind === "kafka") throw new DemoError(`Kafka can't be started: ${reasonOf(error)}`);
    terminal.note(`running without Kafka, with the topics in the memory of this process, since: ${reasonOf(error)}`);
    return IN_PROCESS;
  }
}

async function startKafka(terminal: Terminal, stop: AbortSignal): Promise<Brokers> {
  const cluster = await startCluster({ nodes: 1, signal: stop, onProgress: terminal.progress });
  terminal.note(
    `Apache Kafka runs at ${cluster.bootstrap} until the demo ends; to read a topic with your own tools: ` +
      `kafka-console-consumer.sh --bootstrap-server ${cluster.bootstrap} --topic ${EVEN.topic} --from-beginning`,
  );
  return { bootstrap: cluster.bootstrap, areShared: false, close: cluster.stop };
}

/**
 * Returns an error in one line. Those of programs end with lines of their output: the first of these says what to do, and of the output the
 * last says most.
 */
function reasonOf(error: unknown): string {
  const lines = describeError(error)
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  const [first = "unknown", last] = [lines[0], lines.length > 1 ? lines.at(-1) : undefined];
  return oneLine(last === undefined ? first : `${first} ${last}`);
}
