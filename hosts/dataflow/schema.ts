import { z } from "zod";
import type { BrokerAddress } from "./brokers.ts";
import { formatDuration } from "./duration.ts";
import { property, type About, type Property, type Reading } from "./property.ts";
import {
  OUTPUT_NAME_LENGTH_MAX,
  readBrokers,
  readDataSize,
  readDurationMs,
  readerOfWords,
  readOutputNames,
  readTopic,
} from "./property-values.ts";

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/** A schema whose issue, if any, is the reader's fault. */
function readBy<Value>(read: (text: string) => Reading<Value>) {
  return z.string().transform((text, context): Value => {
    const reading = read(text);
    if ("value" in reading) return reading.value;
    context.issues.push({ code: "custom", message: reading.fault, input: text });
    return z.NEVER;
  });
}

function within({ min, max }: Bounds) {
  return z.int("is too large").min(min, "is too small").max(max, "is too large");
}

function integer(about: About, bounds: Bounds): Property<number> {
  const digits = z
    .string()
    .trim()
    .regex(/^[+-]?\d+$/u, "is not a whole number");
  return property(about, {
    type: "integer",
    allowed: `a whole number from ${bounds.min} to ${bounds.max}`,
    emptyIsDefault: true,
    schema: digits.transform(Number).pipe(within(bounds)),
  });
}

function dataSize(about: About, bounds: Bounds): Property<number> {
  return property(about, {
    type: "data size",
    unit: "bytes",
    allowed: `${bounds.min} to ${bounds.max} bytes, as a plain number or with B, KB, MB or GB behind it`,
    emptyIsDefault: true,
    schema: readBy(readDataSize).pipe(within(bounds)),
  });
}

function duration(about: About, bounds: Bounds): Property<number> {
  return property(about, {
    type: "duration",
    unit: "ms",
    allowed: `${formatDuration(bounds.min)} to ${formatDuration(bounds.max)}, as 500ms, 10s, 1m, PT10S or a plain number of milliseconds`,
    emptyIsDefault: true,
    schema: readBy(readDurationMs).pipe(within(bounds)),
  });
}

function words<const Value extends string | boolean>(
  about: About,
  allowed: string,
  valueByWord: Readonly<Record<string, Value>>,
): Property<Value> {
  const read = readerOfWords(new Map(Object.entries(valueByWord)), "is none of the words for it");
  return property(about, { type: "word", allowed, emptyIsDefault: true, schema: readBy(read) });
}

function boolean(about: About): Property<boolean> {
  // The words of Spring's StringToBooleanConverter.
  const valueByWord = { true: true, on: true, yes: true, 1: true, false: false, off: false, no: false, 0: false };
  return { ...words<boolean>(about, "true or false (also on/off, yes/no, 1/0)", valueByWord), type: "boolean" };
}

/** A line of text that is used as it is, the spaces at its ends included. */
function line(about: About): Property<string> {
  return property(about, {
    type: "text",
    allowed: "up to 255 characters on one line",
    emptyIsDefault: false,
    schema: z
      .string()
      .max(255, "is too long")
      .refine((text) => !/\p{Cc}/u.test(text), "has a control character in it"),
  });
}

/** Text that the core reads and judges. Only what would change its meaning on the way there is refused here. */
function ruleText(about: About, allowed: string): Property<string> {
  return property(about, {
    type: "text",
    allowed,
    emptyIsDefault: false,
    schema: z
      .string()
      .refine((text) => !text.includes("\n"), String.raw`has a line end in it, which is written as the two characters \n`)
      .refine((text) => text.isWellFormed(), String.raw`has half a character in it; bytes that are no text are written as \xHH`),
  });
}

function topic(about: About): Property<string> {
  return property(about, {
    type: "topic",
    allowed: "1 to 249 of the characters A-Z a-z 0-9 . _ - (not . or .. alone)",
    emptyIsDefault: false,
    schema: readBy(readTopic),
  });
}

function brokers(about: About): Property<readonly BrokerAddress[]> {
  return property(about, {
    type: "list",
    allowed: "a comma list of host, host:port or [IPv6]:port, each with or without PLAINTEXT:// before it",
    emptyIsDefault: false,
    schema: readBy(readBrokers),
  });
}

function outputNames(about: About): Property<readonly string[]> {
  return property(about, {
    type: "list",
    allowed: `two different names, each 1 to ${OUTPUT_NAME_LENGTH_MAX} of the characters A-Z a-z 0-9 . _ -`,
    emptyIsDefault: true,
    schema: readBy(readOutputNames),
  });
}

const binder = "spring.cloud.stream.kafka.binder";
const bindings = "spring.cloud.stream.bindings";
const dataflow = "spring.cloud.dataflow.stream";

/** Every property that the app reads, in the order of the table. */
export const PROPERTIES = {
  inputDestination: topic({ name: `${bindings}.input.destination`, default: "input", description: "Topic to read." }),
  outputDestination: topic({
    name: `${bindings}.<output>.destination`,
    default: null,
    defaultMeaning: "the output's name",
    description: "Topic that the output's records are written to; it can't be the input's topic.",
  }),
  inputGroup: line({
    name: `${bindings}.input.group`,
    default: null,
    defaultMeaning: "`<stream name>.<app label>` in Data Flow, else `timestamp-router`",
    description:
      "Consumer group, which begins at the earliest record; empty or `anonymous` asks for a group of the instance's own, which begins at the latest.",
  }),
  streamName: line({
    name: `${dataflow}.name`,
    default: "",
    defaultMeaning: "set by Data Flow",
    description: "Name of the stream, part of the default consumer group.",
  }),
  appLabel: line({
    name: `${dataflow}.app.label`,
    default: "",
    defaultMeaning: "set by Data Flow",
    description: "Label of the app in the stream, part of the default consumer group.",
  }),
  brokers: brokers({
    name: `${binder}.brokers`,
    default: null,
    defaultMeaning: "`spring.kafka.bootstrap-servers`",
    description: "Kafka brokers to begin with.",
  }),
  bootstrapServers: brokers({
    name: "spring.kafka.bootstrap-servers",
    default: "localhost:9092",
    description: `Kafka brokers to begin with when \`${binder}.brokers\` is not set.`,
  }),
  defaultBrokerPort: integer(
    { name: `${binder}.default-broker-port`, default: "9092", description: "Port of a broker that is named without one." },
    { min: 1, max: 65_535 },
  ),
  autoCreateTopics: boolean({ name: `${binder}.auto-create-topics`, default: "true", description: "Create the topics that are missing." }),
  minPartitionCount: integer(
    { name: `${binder}.min-partition-count`, default: "1", description: "Fewest partitions of a topic that the app creates." },
    { min: 1, max: 100_000 },
  ),
  replicationFactor: property(
    {
      name: `${binder}.replication-factor`,
      default: "-1",
      description: "Replicas of a topic that the app creates; -1 leaves it to the broker.",
    },
    {
      type: "integer",
      allowed: "-1 or a whole number from 1 to 32767",
      emptyIsDefault: true,
      schema: z
        .string()
        .trim()
        .regex(/^(?:-1|\+?0*[1-9]\d*)$/u, "is no number of replicas")
        .transform(Number)
        .pipe(within({ min: -1, max: 32_767 })),
    },
  ),
  enableIdempotence: boolean({
    name: `${binder}.configuration.enable.idempotence`,
    default: "true",
    description: "Write with an idempotent producer, so that a retry neither doubles nor reorders records.",
  }),
  serverPort: integer(
    { name: "server.port", default: "8080", description: "Port of the HTTP endpoints; 0 takes a free one." },
    { min: 0, max: 65_535 },
  ),
  serverAddress: property(
    { name: "server.address", default: "", defaultMeaning: "all interfaces", description: "Address that the HTTP endpoints listen on." },
    {
      type: "text",
      allowed: "a host name or an IP address",
      emptyIsDefault: true,
      schema: z
        .string()
        .trim()
        .regex(/^[A-Za-z0-9.:_%-]{0,255}$/u, "is no address"),
    },
  ),
  applicationName: line({ name: "spring.application.name", default: "timestamp-router", description: "Name of the app in each log line." }),
  logFormat: words(
    {
      name: "logging.structured.format.console",
      default: "",
      defaultMeaning: "text",
      description: "Layout of the log: Boot's text layout, or JSON.",
    },
    "ecs, logstash, gelf, or empty for text",
    { "": "text", ecs: "ecs", logstash: "logstash", gelf: "gelf" },
  ),
  logLevel: words(
    { name: "logging.level.root", default: "INFO", description: "Least level that is logged; DEBUG adds the stack traces of errors." },
    "TRACE, DEBUG, INFO, WARN, ERROR, FATAL or OFF",
    // As in Boot on Logback: FATAL is ERROR, and `false` is what YAML makes of OFF.
    { trace: "TRACE", debug: "DEBUG", info: "INFO", warn: "WARN", error: "ERROR", fatal: "ERROR", off: "OFF", false: "OFF" },
  ),
  rule: ruleText(
    { name: "router.rule", default: "last-digit", description: "Rule that picks the output: `last-digit` goes by the value's last byte." },
    "last-digit",
  ),
  outputs: outputNames({
    name: "router.outputs",
    default: "even,odd",
    description: "Names of the output bindings, the one for even digits first.",
  }),
  prefix: ruleText(
    {
      name: "router.prefix.<output>",
      default: null,
      defaultMeaning: "`Even timestamp: ` for `even`, `Odd timestamp:` for `odd`, else empty",
      description: "Up to 255 bytes that are put before each value; spaces at the ends count, and `\\\\ \\n \\t \\xHH` are escapes.",
    },
    "up to 255 bytes",
  ),
  unroutable: words(
    {
      name: "router.unroutable",
      default: "log",
      description: "What becomes of a record that the rule has no output for: `log` and `drop` count and skip it, `stop` ends the app.",
    },
    "log, drop or stop",
    { log: "log", drop: "drop", stop: "stop" },
  ),
  inFlightBytes: dataSize(
    { name: "router.in-flight-bytes", default: "16777216", description: "Most bytes that are written and not yet acknowledged." },
    { min: 1024, max: 1_073_741_824 },
  ),
  outputBatchBytes: dataSize(
    {
      name: "router.output-batch-bytes",
      default: "900000",
      description: "Largest RecordBatch that is written; below the topic's `max.message.bytes`.",
    },
    { min: 1024, max: 1_048_000 },
  ),
  commitInterval: duration(
    { name: "router.commit-interval", default: "1s", description: "Longest time between two commits of the consumer's positions." },
    { min: 1, max: 3_600_000 },
  ),
  shutdownTimeout: duration(
    {
      name: "router.shutdown-timeout",
      default: "8s",
      description:
        "Longest time that a stop may take to finish and commit what was read; the process ends soon after, within 10 s by default.",
    },
    { min: 1, max: 3_600_000 },
  ),
} as const;
