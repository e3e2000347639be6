import { boolean, brokers, duration, integer, line, replicas, topic, words } from "./property-kinds.ts";
import {
  consumerClientNames,
  dlqClientNames,
  kafkaConsumerNames,
  kafkaProducerNames,
  outputClientNames,
  producerClientNames,
} from "./property-layers.ts";

const binder = "spring.cloud.stream.kafka.binder";
const kafkaConsumer = "spring.cloud.stream.kafka.bindings.input.consumer";
const kafkaProducer = "spring.cloud.stream.kafka.bindings.<output>.producer";
const CODECS = {
  allowed: "none, gzip, snappy, lz4 or zstd",
  valueByWord: { none: "none", gzip: "gzip", snappy: "snappy", lz4: "lz4", zstd: "zstd" },
} as const;

/** The Kafka binder: how it finds the brokers, makes topics, reads and writes. */
export const KAFKA_PROPERTIES = {
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
  autoAddPartitions: boolean({
    name: `${binder}.auto-add-partitions`,
    default: "false",
    description:
      "Add partitions to topics that have fewer than the app would create them with; it counts when `auto-create-topics` is `true`.",
  }),
  minPartitionCount: integer(
    { name: `${binder}.min-partition-count`, default: "1", description: "Fewest partitions of a topic that the app creates." },
    { min: 1, max: 100_000 },
  ),
  replicationFactor: replicas({
    name: `${binder}.replication-factor`,
    default: "-1",
    description: "Replicas of a topic that the app creates; -1 leaves it to the broker.",
  }),
  inputReplicationFactor: replicas({
    name: `${kafkaConsumer}.topic.replication-factor`,
    names: [...kafkaConsumerNames("topic.replication-factor"), `${binder}.replication-factor`],
    default: "-1",
    defaultMeaning: "that of the binder",
    description: "Replicas of the input's topics and of the dead letters', where the app creates them.",
  }),
  inputTopicProperty: line({
    name: `${kafkaConsumer}.topic.properties.<key>`,
    names: kafkaConsumerNames("topic.properties.<key>"),
    default: null,
    defaultMeaning: "the broker's",
    description: "Configuration of the input's topics and of the dead letters', such as `retention.ms`, where the app creates them.",
  }),
  outputReplicationFactor: replicas({
    name: `${kafkaProducer}.topic.replication-factor`,
    names: [...kafkaProducerNames("topic.replication-factor"), `${binder}.replication-factor`],
    default: "-1",
    defaultMeaning: "that of the binder",
    description: "Replicas of the output's topic, where the app creates it.",
  }),
  outputTopicProperty: line({
    name: `${kafkaProducer}.topic.properties.<key>`,
    names: kafkaProducerNames("topic.properties.<key>"),
    default: null,
    defaultMeaning: "the broker's",
    description: "Configuration of the output's topic, where the app creates it.",
  }),
  outputCompression: words(
    {
      name: `${kafkaProducer}.compression-type`,
      // As in Spring, what the client is told goes before the binding's property.
      names: [
        ...outputClientNames("compression.type", "compression-type"),
        ...kafkaProducerNames("compression-type"),
        ...kafkaProducerNames("compression"),
      ],
      default: "none",
      description:
        "How the output's batches are compressed. It may be said for the client, too, as `configuration.compression.type`, which goes before it.",
    },
    CODECS.allowed,
    CODECS.valueByWord,
  ),
  dlqCompression: words(
    {
      name: `${kafkaConsumer}.dlq-producer-properties.compression-type`,
      names: [...dlqClientNames("compression.type", "compression-type"), ...kafkaConsumerNames("dlq-producer-properties.compression-type")],
      default: "none",
      description: "How the dead letters' batches are compressed, likewise.",
    },
    CODECS.allowed,
    CODECS.valueByWord,
  ),
  enableIdempotence: boolean({
    name: `${binder}.configuration.enable.idempotence`,
    names: producerClientNames("enable.idempotence"),
    default: "true",
    description: "Write with an idempotent producer, so that a retry neither doubles nor reorders records.",
  }),
  transactionIdPrefix: {
    ...line({
      name: `${binder}.transaction.transaction-id-prefix`,
      default: null,
      defaultMeaning: "at least once",
      description:
        "Deliver exactly once: records, dead letters and the group's positions are committed together, in transactions whose id begins with this; see [operating](docs/operating.md#exactly-once).",
    }),
    emptyIsDefault: true,
  },
  transactionTimeout: duration(
    {
      name: `${binder}.transaction.producer.configuration.transaction.timeout.ms`,
      names: [`${binder}.transaction.producer.configuration.transaction.timeout.ms`, ...producerClientNames("transaction.timeout.ms")],
      default: "15s",
      description:
        "Longest time that a transaction may be open, above `router.commit-interval`: for so long what a killed instance has begun may hold up those who read the outputs.",
    },
    { min: 1000, max: 900_000 },
  ),
  requiredAcks: words(
    {
      name: `${binder}.required-acks`,
      names: [...producerClientNames("acks", "acks"), `${binder}.required-acks`],
      default: "all",
      description:
        "What the producer waits for. It is `all` replicas in sync, whatever is set, for with fewer a record could be lost whose position is committed; another value is named in a warning.",
    },
    "all, -1, 1 or 0",
    { all: true, "-1": true, 1: false, 0: false },
  ),
  isolationLevel: words(
    {
      name: `${binder}.configuration.isolation.level`,
      names: consumerClientNames("isolation.level", "isolation-level"),
      default: "read_committed",
      description:
        "With `read_committed`, records of aborted transactions are left out and open ones are waited for; with `read_uncommitted`, the default of Spring and Kafka, all are taken.",
    },
    "read_committed or read_uncommitted",
    {
      read_committed: "read_committed",
      read_uncommitted: "read_uncommitted",
      "read-committed": "read_committed",
      "read-uncommitted": "read_uncommitted",
    },
  ),
  startOffset: words(
    {
      name: `${kafkaConsumer}.start-offset`,
      names: [...kafkaConsumerNames("start-offset"), ...consumerClientNames("auto.offset.reset", "auto-offset-reset")],
      default: null,
      defaultMeaning: "`earliest`, for an anonymous group `latest`",
      description: "Where a partition begins of which the group has committed no offset; `configuration.auto.offset.reset` says it, too.",
    },
    "earliest or latest",
    { earliest: "earliest", latest: "latest" },
  ),
  resetOffsets: boolean({
    name: `${kafkaConsumer}.reset-offsets`,
    names: kafkaConsumerNames("reset-offsets"),
    default: "false",
    description: "Begin there at each start of the app, whatever the group has committed.",
  }),
  autoRebalance: boolean({
    name: `${kafkaConsumer}.auto-rebalance-enabled`,
    names: kafkaConsumerNames("auto-rebalance-enabled"),
    default: "true",
    description:
      "Let the group share out the partitions; `false` gives the instance those whose number modulo the instance count is its index.",
  }),
  enableDlq: boolean({
    name: `${kafkaConsumer}.enable-dlq`,
    names: kafkaConsumerNames("enable-dlq"),
    default: "false",
    description: "Write unroutable records to the topic of dead letters, with headers that say where they come from and what is wrong.",
  }),
  dlqName: {
    ...topic({
      name: `${kafkaConsumer}.dlq-name`,
      names: kafkaConsumerNames("dlq-name"),
      default: null,
      defaultMeaning: "`error.<record's topic>.<group>`",
      description: "Topic of the dead letters, one for all of the input's; it can't be one of those nor an output's.",
    }),
    emptyIsDefault: true,
  },
  dlqPartitions: integer(
    {
      name: `${kafkaConsumer}.dlq-partitions`,
      names: kafkaConsumerNames("dlq-partitions"),
      default: null,
      defaultMeaning: "as many as the input has",
      description: "Partitions of the dead letters' topic that are written to: the input's partition modulo this number.",
    },
    { min: 1, max: 100_000 },
  ),
} as const;
