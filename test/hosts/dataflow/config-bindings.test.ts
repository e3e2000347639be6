/** Where Spring has several names for one property, and which of them counts. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { OutputConfig } from "../../../hosts/dataflow/config.ts";
import { config, fault } from "./config-checks.ts";

const STREAM = "spring.cloud.stream";
const BINDINGS = `--${STREAM}.bindings`;
const KAFKA = `--${STREAM}.kafka`;

/** What both outputs have of one field, the even one's first. */
function both<Field extends keyof OutputConfig>(field: Field, args: readonly string[]): readonly OutputConfig[Field][] {
  return config(args).outputs.map((output) => output[field]);
}

test("the input may have several topics, each of which is read once", () => {
  assert.deepEqual(config([`${BINDINGS}.input.destination=b, a ,b`]).input.destinations, ["b", "a"]);
  assert.deepEqual(config([`${BINDINGS}.input.destination[0]=x`, `${BINDINGS}.input.destination[1]=y`]).input.destinations, ["x", "y"]);
  assert.match(fault([`${BINDINGS}.input.destination=a,,b`]), /has a name in it that is no topic's, ""; allowed: a comma list/u);
  assert.match(fault([`${BINDINGS}.input.destination=a,odd`]), /odd\.destination \(from default\): "odd" is a topic of the input/u);
});

test("each of the input's topics has dead letters of its own, unless one topic is named for all", () => {
  const args = [`${BINDINGS}.input.destination=a,b`, `${BINDINGS}.input.group=g`, `${KAFKA}.bindings.input.consumer.enable-dlq=true`];
  assert.deepEqual(config(args).deadLetters?.destinations, { a: "error.a.g", b: "error.b.g" });
  const named = config([...args, `${KAFKA}.default.consumer.dlq-name=dead`]);
  assert.deepEqual(named.deadLetters?.destinations, { a: "dead", b: "dead" });
  assert.match(fault([...args, `${KAFKA}.bindings.input.consumer.dlq-name=b`]), /dlq-name .*"b" is a topic of the input/u);
});

test("an output's own property goes before that of the binding output, and that before the default of all bindings", () => {
  const layers = [`${BINDINGS}.even.destination=own`, `${BINDINGS}.output.destination=both`];
  assert.deepEqual(both("destination", layers), ["own", "both"]);
  assert.deepEqual(both("destination", [`${BINDINGS}.output.destination=both`]), ["both", "both"]);
  const counts = (...args: readonly string[]): unknown => both("partitionCount", args);
  const all = `--${STREAM}.default.producer.partition-count=2`;
  const output = `${BINDINGS}.output.producer.partitionCount=3`;
  assert.deepEqual(counts(all), [2, 2]);
  assert.deepEqual(counts(all, output), [3, 3]);
  assert.deepEqual(counts(all, output, `${BINDINGS}.odd.producer.partition-count=4`), [3, 4]);
});

test("a layer counts as a whole: an own property of a weak source goes before a default of a strong one", () => {
  const env = { SPRING_CLOUD_STREAM_BINDINGS_INPUT_GROUP: "own" };
  assert.equal(config([`--${STREAM}.default.group=all`], env).input.group, "own");
  assert.equal(config([`--${STREAM}.default.group=all`]).input.group, "all");
});

test("a fault names the layer that it was found in", () => {
  assert.match(
    fault([`--${STREAM}.default.producer.partition-count=x`]),
    /^spring\.cloud\.stream\.default\.producer\.partition-count \(from command line\)/u,
  );
});

test("compression is an output's own, and what the client is told goes before what the binding is", () => {
  const layers: readonly (readonly [property: string, even: string, odd: string])[] = [
    [`${KAFKA}.default.producer.compression-type=gzip`, "gzip", "gzip"],
    [`${KAFKA}.bindings.output.producer.compressionType=lz4`, "lz4", "lz4"],
    [`${KAFKA}.bindings.odd.producer.compression-type=SNAPPY`, "lz4", "snappy"],
    ["--spring.kafka.properties.compression.type=zstd", "zstd", "zstd"],
    ["--spring.kafka.producer.compression-type=none", "none", "none"],
    [`${KAFKA}.binder.configuration.compression.type=gzip`, "gzip", "gzip"],
    [`${KAFKA}.binder.producerProperties.compression.type=lz4`, "lz4", "lz4"],
    [`${KAFKA}.default.producer.configuration.compression.type=snappy`, "snappy", "snappy"],
    [`${KAFKA}.bindings.even.producer.configuration.compression.type=zstd`, "zstd", "snappy"],
  ];
  for (const [index, [property, even, odd]] of layers.entries()) {
    const args = layers.slice(0, index + 1).map(([name]) => name);
    assert.deepEqual(both("codec", args), [even, odd], property);
  }
  assert.deepEqual(both("codec", [`${KAFKA}.bindings.even.producer.compression=gzip`]), ["gzip", "none"]);
  assert.match(fault([`${KAFKA}.bindings.even.producer.compression-type=brotli`]), /allowed: none, gzip, snappy, lz4 or zstd/u);
});

test("dead letters have a compression of their own, or the client's", () => {
  const dlq = [`${KAFKA}.bindings.input.consumer.enable-dlq=true`];
  const own = `${KAFKA}.bindings.input.consumer.dlqProducerProperties.compressionType=gzip`;
  assert.equal(config(dlq).deadLetters?.codec, "none");
  assert.equal(config([...dlq, own]).deadLetters?.codec, "gzip");
  assert.equal(config([...dlq, own, `${KAFKA}.binder.configuration.compression.type=zstd`]).deadLetters?.codec, "zstd");
});

test("an output keeps the headers unless it, or the input, is told that there are none", () => {
  assert.deepEqual(both("keepsHeaders", []), [true, true]);
  assert.deepEqual(both("keepsHeaders", [`${BINDINGS}.odd.producer.header-mode=none`]), [true, false]);
  assert.deepEqual(both("keepsHeaders", [`${BINDINGS}.output.producer.headerMode=none`, `${BINDINGS}.even.producer.header-mode=headers`]), [
    true,
    false,
  ]);
  assert.deepEqual(both("keepsHeaders", [`${BINDINGS}.input.consumer.header-mode=none`]), [false, false]);
  assert.match(fault([`${BINDINGS}.odd.producer.header-mode=embeddedHeaders`]), /allowed: headers or none/u);
});

test("a topic's replicas and properties are the binding's, or the binder's", () => {
  const topics = config([
    `${KAFKA}.binder.replication-factor=3`,
    `${KAFKA}.bindings.odd.producer.topic.replication-factor=2`,
    `${KAFKA}.bindings.odd.producer.topic.properties.retention.ms=1000`,
    `${KAFKA}.bindings.output.producer.topic.properties.cleanup.policy=delete`,
    `${KAFKA}.bindings.output.producer.topic.properties.retention.ms=2000`,
  ]);
  assert.deepEqual(topics.input.topic, { replicationFactor: 3, properties: {} });
  assert.deepEqual(
    topics.outputs.map(({ topic }) => topic),
    [
      { replicationFactor: 3, properties: { "cleanup.policy": "delete", "retention.ms": "2000" } },
      { replicationFactor: 2, properties: { "retention.ms": "1000", "cleanup.policy": "delete" } },
    ],
  );
});

test("in an environment variable a topic's property has underscores for its dots", () => {
  const env = { SPRING_CLOUD_STREAM_KAFKA_BINDINGS_INPUT_CONSUMER_TOPIC_PROPERTIES_RETENTION_MS: "5" };
  assert.deepEqual(config([], env).input.topic.properties, { "retention.ms": "5" });
});

test("the input is read from the start on, unless it is told to wait", () => {
  assert.equal(config([`${BINDINGS}.input.consumer.autoStartup=false`]).input.autoStartup, false);
  assert.equal(config([`--${STREAM}.default.consumer.auto-startup=false`]).input.autoStartup, false);
});

test("Kafka's consumer is told what its configuration says, the binding's before the binder's before Boot's", () => {
  const layers: readonly (readonly [property: string, sessionMs: number])[] = [
    ["--spring.kafka.properties.session.timeout.ms=20000", 20_000],
    ["--spring.kafka.consumer.properties.session.timeout.ms=21000", 21_000],
    [`${KAFKA}.binder.configuration.session.timeout.ms=22000`, 22_000],
    [`${KAFKA}.binder.consumer-properties.session.timeout.ms=23000`, 23_000],
    [`${KAFKA}.default.consumer.configuration.session.timeout.ms=24000`, 24_000],
    [`${KAFKA}.bindings.input.consumer.configuration.session.timeout.ms=25000`, 25_000],
  ];
  for (const [index, [property, sessionMs]] of layers.entries()) {
    const { client } = config(layers.slice(0, index + 1).map(([name]) => name));
    assert.equal(client.sessionTimeoutMs, sessionMs, property);
  }
});

test("Kafka's clients are told all of what a router can use", () => {
  const { security: _, ...client } = config([
    "--spring.kafka.client-id=me",
    ...[
      "request.timeout.ms=20000",
      "metadata.max.age.ms=5000",
      "session.timeout.ms=30000",
      "heartbeat.interval.ms=10000",
      "max.poll.interval.ms=300000",
      "fetch.max.wait.ms=100",
      "fetch.min.bytes=1000",
      "fetch.max.bytes=2000000",
      "max.partition.fetch.bytes=500000",
    ].map((property) => `${KAFKA}.binder.configuration.${property}`),
  ]).client;
  assert.deepEqual(client, {
    id: "me",
    requestTimeoutMs: 20_000,
    metadataMaxAgeMs: 5000,
    sessionTimeoutMs: 30_000,
    heartbeatIntervalMs: 10_000,
    rebalanceTimeoutMs: 300_000,
    fetchWaitMs: 100,
    fetchBytesMin: 1000,
    fetchBytesMax: 2_000_000,
    partitionBytesMax: 500_000,
  });
});

test("Boot's own names of client properties count, in Boot's units", () => {
  const { client, input } = config([
    "--spring.kafka.consumer.heartbeat-interval=2s",
    "--spring.kafka.consumer.fetch-max-wait=200ms",
    "--spring.kafka.consumer.fetch-min-size=2KB",
    "--spring.kafka.consumer.isolation-level=read-uncommitted",
    "--spring.kafka.consumer.auto-offset-reset=latest",
  ]);
  const { heartbeatIntervalMs, fetchWaitMs, fetchBytesMin } = client;
  assert.deepEqual(
    { heartbeatIntervalMs, fetchWaitMs, fetchBytesMin },
    { heartbeatIntervalMs: 2000, fetchWaitMs: 200, fetchBytesMin: 2048 },
  );
  assert.deepEqual([input.isolationLevel, input.startOffset], ["read_uncommitted", "latest"]);
});

test("the start offset of the binding goes before what the client is told", () => {
  const reset = `${KAFKA}.binder.configuration.auto.offset.reset=latest`;
  assert.equal(config([reset]).input.startOffset, "latest");
  assert.equal(config([reset, `${KAFKA}.default.consumer.start-offset=earliest`]).input.startOffset, "earliest");
});

test("times that leave no room for a heartbeat, or for an answer, are refused", () => {
  assert.match(
    fault([`${KAFKA}.binder.configuration.session.timeout.ms=3500`]),
    /session\.timeout\.ms \(from command line\): session\.timeout\.ms is 3500 ms, and heartbeat\.interval\.ms and fetch\.max\.wait\.ms are together 3500 ms; allowed: the first above the second/u,
  );
  assert.match(
    fault([`${KAFKA}.binder.configuration.fetch.max.wait.ms=10000`]),
    /^\S+fetch\.max\.wait\.ms .*request\.timeout\.ms is 10000 ms/u,
  );
});
