import {
  address,
  boolean,
  brokers,
  dataSize,
  duration,
  integer,
  line,
  outputNames,
  policy,
  replicas,
  ruleText,
  topic,
  words,
} from "./property-kinds.ts";

const binder = "spring.cloud.stream.kafka.binder";
const kafkaConsumer = "spring.cloud.stream.kafka.bindings.input.consumer";
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
  startOffset: words(
    {
      name: `${kafkaConsumer}.start-offset`,
      default: null,
      defaultMeaning: "`earliest`, for an anonymous group `latest`",
      description: "Where a partition begins of which the group has committed no offset.",
    },
    "earliest or latest",
    { earliest: "earliest", latest: "latest" },
  ),
  resetOffsets: boolean({
    name: `${kafkaConsumer}.reset-offsets`,
    default: "false",
    description: "Begin there at each start of the app, whatever the group has committed.",
  }),
  autoRebalance: boolean({
    name: `${kafkaConsumer}.auto-rebalance-enabled`,
    default: "true",
    description:
      "Let the group share out the partitions; `false` gives the instance those whose number modulo the instance count is its index.",
  }),
  instanceIndex: integer(
    {
      name: "spring.cloud.stream.instance-index",
      default: "0",
      description: "Which of the instances this one is, from 0; it counts when `auto-rebalance-enabled` is `false`.",
    },
    { min: 0, max: 99_999 },
  ),
  instanceCount: integer(
    { name: "spring.cloud.stream.instance-count", default: "1", description: "How many instances there are, likewise." },
    { min: 1, max: 100_000 },
  ),
  isolationLevel: words(
    {
      name: `${binder}.configuration.isolation.level`,
      default: "read_committed",
      description:
        "With `read_committed`, records of aborted transactions are left out and open ones are waited for; with `read_uncommitted`, the default of Spring and Kafka, all are taken.",
    },
    "read_committed or read_uncommitted",
    { read_committed: "read_committed", read_uncommitted: "read_uncommitted" },
  ),
  enableDlq: boolean({
    name: `${kafkaConsumer}.enable-dlq`,
    default: "false",
    description: "Write unroutable records to the topic of dead letters, with headers that say where they come from and what is wrong.",
  }),
  dlqName: {
    ...topic({
      name: `${kafkaConsumer}.dlq-name`,
      default: null,
      defaultMeaning: "`error.<input's topic>.<group>`",
      description: "Topic of the dead letters; it can't be the input's topic nor an output's.",
    }),
    emptyIsDefault: true,
  },
  dlqPartitions: integer(
    {
      name: `${kafkaConsumer}.dlq-partitions`,
      default: null,
      defaultMeaning: "as many as the input has",
      description: "Partitions of the dead letters' topic that are written to: the input's partition modulo this number.",
    },
    { min: 1, max: 100_000 },
  ),
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
  replicationFactor: replicas({
    name: `${binder}.replication-factor`,
    default: "-1",
    description: "Replicas of a topic that the app creates; -1 leaves it to the broker.",
  }),
  enableIdempotence: boolean({
    name: `${binder}.configuration.enable.idempotence`,
    default: "true",
    description: "Write with an idempotent producer, so that a retry neither doubles nor reorders records.",
  }),
  serverPort: integer(
    { name: "server.port", default: "8080", description: "Port of the HTTP endpoints; 0 takes a free one." },
    { min: 0, max: 65_535 },
  ),
  serverAddress: address({
    name: "server.address",
    default: "",
    defaultMeaning: "all interfaces",
    description: "Address that the HTTP endpoints listen on.",
  }),
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
  unroutable: policy({
    name: "router.unroutable",
    default: null,
    defaultMeaning: "`dlq` when `enable-dlq` is `true`, else `log`",
    description:
      "What becomes of a record that the rule has no output for: `dlq` writes it to the dead letters, `log` and `drop` count and skip it, `stop` ends the app; an output's name sends it there, with that output's prefix.",
  }),
  offsetOutOfRange: words(
    {
      name: "router.offset-out-of-range",
      default: "reset",
      description:
        "What happens when the topic does not have the group's offset any more, or is another topic of the same name: `reset` says so in the log and goes on at the earliest record that is there, `stop` ends the app.",
    },
    "reset or stop",
    { reset: "reset", stop: "stop" },
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
