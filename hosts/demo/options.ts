import { parseArgs } from "node:util";
import { parseBrokers } from "../dataflow/brokers.ts";
import { DEMO_FIELDS, isDemoField, type DemoField } from "./stream.ts";
import { formatDuration, parseDurationMs } from "../dataflow/duration.ts";

/** Where the topics are: a Kafka started for the demo if that is possible, that one and no other, in this process, or somebody's brokers. */
export type BrokerChoice =
  | { readonly kind: "kafka-if-possible" }
  | { readonly kind: "kafka" }
  | { readonly kind: "embedded" }
  | { readonly kind: "brokers"; readonly brokers: string };

/** What the demo is told. */
export interface DemoOptions {
  readonly broker: BrokerChoice;
  /** Between two records of the time source. */
  readonly everyMs: number;
  /** Counted from the first routed record; null is until a signal. */
  readonly runMs: number | null;
  /** The field of the time that the router goes by; null is the last digit. */
  readonly field: DemoField | null;
  /** Whether the router's page is opened in a browser. */
  readonly opensPage: boolean;
}

/** What a command line comes to. */
export type CommandLine =
  { readonly kind: "run"; readonly options: DemoOptions } | { readonly kind: "help" } | { readonly kind: "fault"; readonly fault: string };

/** The text of `--help`. */
export const USAGE = `Usage: npm run demo -- [options]

Shows timestamps on their way through Kafka, the router and two logs. Ctrl-C ends it.

  --every <duration>     time between two timestamps, such as 500ms, 2s or 10ms (default: 1s)
  --seconds <number>     end by itself, so long after the first routed record
  --kafka                start a real Kafka for the demo (needs Java 17 and Maven), or fail
  --embedded             use no Kafka: the topics are in the memory of this process
  --brokers <host:port>  use your own Kafka, and its topics timeDest, evenDest and oddDest
  --router.rule <rule>   last-digit, or timestamp: go by a field of the time (default: last-digit)
  --router.timestamp.field <field>
                         ${DEMO_FIELDS.join(", ")} (default: second)
  --open                 open the router's page in a browser; its address is printed in any case
  --help                 show this text

Without --kafka, --embedded or --brokers: Kafka if it can be started, otherwise as with --embedded.
The exit code is 0 only if both logs received records and every record was where it belongs.
`;

const EVERY_MIN_MS = 1;
const EVERY_MAX_MS = 60_000;
const SECONDS_MAX = 86_400;

/** Reads the arguments behind the program's name. */
export function parseCommandLine(args: readonly string[]): CommandLine {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        every: { type: "string" },
        seconds: { type: "string" },
        kafka: { type: "boolean" },
        embedded: { type: "boolean" },
        brokers: { type: "string" },
        "router.rule": { type: "string" },
        "router.timestamp.field": { type: "string" },
        open: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
    if (values.help === true) return { kind: "help" };
    const options = {
      broker: readBroker(values),
      everyMs: readEvery(values.every),
      runMs: readSeconds(values.seconds),
      field: readField(values),
      opensPage: values.open === true,
    };
    return { kind: "run", options };
  } catch (error) {
    if (error instanceof OptionError) return { kind: "fault", fault: error.message };
    if (!(error instanceof TypeError)) throw error;
    // What follows the first sentence is about how to pass files whose names begin with a dash.
    return { kind: "fault", fault: (error.message.split(/\. |\n/u)[0] ?? error.message).replace(/\.$/u, "") };
  }
}

/** An option has a value that does not do. */
class OptionError extends Error {
  override readonly name = "OptionError";
}

interface BrokerValues {
  readonly kafka?: boolean | undefined;
  readonly embedded?: boolean | undefined;
  readonly brokers?: string | undefined;
}

function readBroker({ kafka, embedded, brokers }: BrokerValues): BrokerChoice {
  const choices: BrokerChoice[] = [];
  if (kafka === true) choices.push({ kind: "kafka" });
  if (embedded === true) choices.push({ kind: "embedded" });
  if (brokers !== undefined) choices.push({ kind: "brokers", brokers: checkBrokers(brokers) });
  if (choices.length > 1) throw new OptionError("--kafka, --embedded and --brokers exclude each other");
  return choices[0] ?? { kind: "kafka-if-possible" };
}

function checkBrokers(text: string): string {
  const read = parseBrokers(text);
  if ("fault" in read) throw new OptionError(`--brokers "${text}" ${read.fault}`);
  return text;
}

interface RuleValues {
  readonly "router.rule"?: string | undefined;
  readonly "router.timestamp.field"?: string | undefined;
}

function readField({ "router.rule": rule = "last-digit", "router.timestamp.field": field }: RuleValues): DemoField | null {
  if (rule === "last-digit") {
    if (field !== undefined) throw new OptionError("--router.timestamp.field is for --router.rule=timestamp");
    return null;
  }
  if (rule !== "timestamp") throw new OptionError(`--router.rule "${rule}" is neither last-digit nor timestamp`);
  const word = field ?? "second";
  if (!isDemoField(word)) throw new OptionError(`--router.timestamp.field "${word}" is none of ${DEMO_FIELDS.join(", ")}`);
  return word;
}

function readEvery(text = "1s"): number {
  const everyMs = parseDurationMs(text);
  if (everyMs === null || everyMs < EVERY_MIN_MS || everyMs > EVERY_MAX_MS) {
    throw new OptionError(
      `--every "${text}" is not a duration between ${formatDuration(EVERY_MIN_MS)} and ${formatDuration(EVERY_MAX_MS)}, such as 500ms or 2s`,
    );
  }
  return everyMs;
}

function readSeconds(text: string | undefined): number | null {
  if (text === undefined) return null;
  const seconds = /^\d+(?:\.\d+)?$/u.test(text) ? Number(text) : 0;
  if (seconds <= 0 || seconds > SECONDS_MAX) throw new OptionError(`--seconds "${text}" is not a number above 0 and up to ${SECONDS_MAX}`);
  return seconds * 1000;
}
