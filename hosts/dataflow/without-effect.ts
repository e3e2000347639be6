/** Properties of Spring that the app takes in silence, since it does what they ask for in any case or has nothing that they could change. */
import {
  commonClientNames,
  consumerClientNames,
  inputNames,
  kafkaConsumerNames,
  kafkaProducerNames,
  outputClientNames,
  outputNames,
} from "./property-layers.ts";

/** Properties that have no effect for one reason. */
export interface WithoutEffect {
  /** Canonical names; `<output>` stands for an output, any other `<…>` for whatever is there. */
  readonly names: readonly string[];
  readonly reason: string;
}

const stream = "spring.cloud.stream";
const binder = `${stream}.kafka.binder`;

/** Boot's endpoints that the app does not have. */
const ABSENT_ENDPOINTS = [
  "auditevents",
  "beans",
  "caches",
  "conditions",
  "configprops",
  "flyway",
  "heapdump",
  "httpexchanges",
  "httptrace",
  "integrationgraph",
  "jolokia",
  "liquibase",
  "logfile",
  "mappings",
  "quartz",
  "sbom",
  "scheduledtasks",
  "sessions",
  "startup",
  "threaddump",
];

/** Names of what Kafka's consumer and its producer have both. */
function clientNames(key: string): readonly string[] {
  return [...new Set([...consumerClientNames(key), ...outputClientNames(key), ...commonClientNames(key)])];
}

/** All that is known to be harmless; what is neither here nor in the schema is named in a warning. */
export const WITHOUT_EFFECT: readonly WithoutEffect[] = [
  {
    names: [
      ...inputNames("content-type"),
      ...outputNames("content-type"),
      ...inputNames("consumer.use-native-decoding"),
      ...outputNames("producer.use-native-encoding"),
      ...["key.deserializer", "value.deserializer"].flatMap((key) => consumerClientNames(key, key.replace(".", "-"))),
      ...["key.serializer", "value.serializer"].flatMap((key) => outputClientNames(key, key.replace(".", "-"))),
    ],
    reason: "Records are bytes, which pass as they are.",
  },
  {
    // The last two are for other apps of the platform: Data Flow's own Compose files give them to all.
    names: [
      ...inputNames("binder"),
      ...outputNames("binder"),
      `${stream}.default-binder`,
      `${stream}.kafka.streams.<key>`,
      `${stream}.rabbit.<key>`,
    ],
    reason: "There is one binder, Kafka's.",
  },
  {
    names: ["batch-mode", "multiplex", "partitioned"].flatMap((name) => inputNames(`consumer.${name}`)),
    reason: "Batches are taken whole, several topics by one consumer.",
  },
  {
    names: [
      ...[
        "max-attempts",
        "back-off-initial-interval",
        "back-off-max-interval",
        "back-off-multiplier",
        "default-retryable",
        "retryable-exceptions.<class>",
      ].flatMap((name) => inputNames(`consumer.${name}`)),
      `${stream}.binding-retry-interval`,
    ],
    reason: "To route a record does not fail by chance, and what the broker refuses is tried again in any case.",
  },
  {
    names: ["required-groups", "error-channel-enabled"].flatMap((name) => outputNames(`producer.${name}`)),
    reason: "Topics keep their records whoever reads them, and no failure goes by unnoticed.",
  },
  {
    names: [
      ...["ack-mode", "auto-commit-offset", "auto-commit-on-error", "ack-each-record", "tx-commit-recovered"].flatMap(kafkaConsumerNames),
      ...consumerClientNames("auto.commit.interval.ms", "auto-commit-interval"),
    ],
    reason: "A position is committed when everything that was made of the records before it is acknowledged (`router.commit-interval`).",
  },
  {
    names: [
      ...["idle-event-interval", "poll-timeout", "standard-headers", "converter-bean-name"].flatMap(kafkaConsumerNames),
      ...consumerClientNames("max.poll.records", "max-poll-records"),
      ...consumerClientNames("check.crcs"),
    ],
    reason: "Fetched batches are routed whole, and their CRCs are always checked.",
  },
  {
    names: [
      ...["buffer-size", "batch-timeout", "sync", "close-timeout"].flatMap(kafkaProducerNames),
      ...outputClientNames("batch.size", "batch-size"),
      ...outputClientNames("buffer.memory", "buffer-memory"),
      ...outputClientNames("retries", "retries"),
      ...["linger.ms", "max.block.ms", "max.in.flight.requests.per.connection", "compression.<codec>.level"].flatMap((key) =>
        outputClientNames(key),
      ),
    ],
    reason:
      "What a fetch brought is written at once, in batches of up to `router.output-batch-bytes`, one at a time for a partition, until it is acknowledged.",
  },
  {
    names: [
      "connections.max.idle.ms",
      "reconnect.backoff.ms",
      "reconnect.backoff.max.ms",
      "retry.backoff.ms",
      "retry.backoff.max.ms",
      "receive.buffer.bytes",
      "send.buffer.bytes",
      "socket.connection.setup.timeout.ms",
      "socket.connection.setup.timeout.max.ms",
      "metric.reporters",
      "metrics.num.samples",
      "metrics.recording.level",
      "metrics.sample.window.ms",
    ].flatMap(clientNames),
    reason: "The client's own; connections are opened anew as they are needed.",
  },
  {
    names: [
      ...["sasl.login.callback.handler.class", "sasl.client.callback.handler.class", "sasl.login.class"].flatMap(clientNames),
      ...["window.factor", "window.jitter", "min.period.seconds", "buffer.seconds"].flatMap((key) =>
        clientNames(`sasl.login.refresh.${key}`),
      ),
      `${binder}.jaas.control-flag`,
      "spring.kafka.jaas.control-flag",
    ],
    reason: "There is one login, and Java's classes for it are not needed; a token is renewed after half of its life.",
  },
  {
    names: [
      `${binder}.zk-nodes`,
      `${binder}.default-zk-port`,
      `${binder}.zk-session-timeout`,
      `${binder}.zk-connection-timeout`,
      `${binder}.health-timeout`,
      `${binder}.consider-down-when-any-partition-has-no-leader`,
      `${binder}.header-mapper-bean-name`,
      `${binder}.headers`,
    ],
    reason: "Nothing is asked of ZooKeeper, health is what the group's heartbeats say, and all headers pass.",
  },
  {
    names: [`${stream}.dynamic-destinations`, `${stream}.dynamic-destination-cache-size`],
    reason: "The outputs are known from the start.",
  },
  {
    names: ["management.metrics.export.<registry>", "management.<registry>.metrics.export.<key>", "management.endpoints.jmx.<key>"],
    reason: "Metrics are there to be scraped; the app sends them nowhere. There is no JMX.",
  },
  {
    names: ABSENT_ENDPOINTS.flatMap((id) => ["access", "enabled", "cache.time-to-live"].map((name) => `management.endpoint.${id}.${name}`)),
    reason: "These endpoints of Boot's are not there.",
  },
  {
    names: ["spring.cloud.streamapp.security.csrf-enabled"],
    reason: "There are no cookies, and so no requests in the name of who is signed in.",
  },
  {
    names: ["server.tomcat.<key>", "server.jetty.<key>", "server.netty.<key>", "server.undertow.<key>", "server.shutdown"],
    reason: "The HTTP server is Node.js's own, and it always ends gracefully.",
  },
];

/** Returns the Markdown table of what has no effect. */
export function withoutEffectTable(): string {
  const rows = WITHOUT_EFFECT.map(({ names, reason }) => `| ${reason} | ${shortest(names).join(", ")} |`);
  return ["| why | properties |", "| --- | --- |", ...rows, ""].join("\n");
}

/** The names without those of other layers: one for each last part. */
function shortest(names: readonly string[]): readonly string[] {
  const layers = /^(?:spring\.cloud\.stream\.(?:kafka\.)?(?:default|bindings\.(?:input|output|<output>)|binder)|spring\.kafka)\./u;
  const roles = /^(?:(?:consumer|producer|configuration|properties|consumer-properties|producer-properties)\.)+/u;
  return [...new Set(names.map((name) => `\`${name.replace(layers, "").replace(roles, "")}\``))];
}
