import assert from "node:assert/strict";
import { test } from "node:test";
import { USUAL_READING } from "../../../hosts/dataflow/binder.ts";
import { config, fault, holds, type Good } from "./config-checks.ts";

const BINDINGS = "--spring.cloud.stream.bindings";
const BINDER = "--spring.cloud.stream.kafka.binder";

const TOPIC = { replicationFactor: -1, properties: {} };
const INPUT = {
  ...USUAL_READING,
  destinations: ["input"],
  autoStartup: true,
  concurrency: 1,
  topic: TOPIC,
  group: "timestamp-router",
  startOffset: "earliest",
};
const OUTPUT = { codec: "none", keepsHeaders: true, partitionCount: null, topic: TOPIC };

test("without any property the defaults hold", () => {
  // The tests of the endpoints, of the metrics and of security have their own defaults.
  const { actuator: _actuator, metricsTags: _metricsTags, client, ...defaults } = config();
  const { security: _security, ...clientDefaults } = client;
  assert.deepEqual(
    { ...defaults, client: clientDefaults },
    {
      applicationName: "timestamp-router",
      brokers: ["localhost:9092"],
      input: INPUT,
      outputs: [
        { ...OUTPUT, name: "even", destination: "even" },
        { ...OUTPUT, name: "odd", destination: "odd" },
      ],
      topics: { autoCreate: true, autoAddPartitions: false, partitionCountMin: 1 },
      enableIdempotence: true,
      transactions: null,
      client: {
        id: "timestamp-router",
        requestTimeoutMs: 10_000,
        metadataMaxAgeMs: 10_000,
        sessionTimeoutMs: 15_000,
        heartbeatIntervalMs: 3000,
        rebalanceTimeoutMs: 60_000,
        fetchWaitMs: 500,
        fetchBytesMin: 1,
        fetchBytesMax: 33_554_432,
        partitionBytesMax: 1_048_576,
      },
      server: { port: 8080, address: null },
      logging: { format: "text", level: "INFO", levelByLogger: {} },
      ruleText: "",
      unroutable: "log",
      unroutableOutput: null,
      deadLetters: null,
      unsupported: [],
      unreadFiles: [],
      inFlightBytesMax: 16_777_216,
      outputBatchBytesMax: 900_000,
      commitIntervalMs: 1000,
      shutdownTimeoutMs: 8_000,
    },
  );
});

test("the configuration is frozen, all of it", () => {
  const frozen = config();
  for (const part of [
    frozen,
    frozen.brokers,
    frozen.input,
    frozen.outputs,
    frozen.outputs[0],
    frozen.topics,
    frozen.server,
    frozen.logging,
  ]) {
    assert.ok(Object.isFrozen(part));
  }
});

test("what the local deployer of Data Flow sends is understood", () => {
  // Complete and sorted, as Data Flow 2.11.5 sent it; placeholders in properties that the app does not read do no harm.
  const json = {
    "endpoints.shutdown.enabled": "true",
    "instance.index": "0",
    "management.endpoints.web.exposure.include": "health,info,bindings",
    "management.metrics.tags.application": "${spring.cloud.dataflow.stream.name:unknown}-${spring.cloud.dataflow.stream.app.label:unknown}",
    "management.metrics.tags.application.guid": "${spring.cloud.application.guid:unknown}",
    "server.port": "23661",
    "spring.cloud.application.group": "timeStampStream",
    "spring.cloud.dataflow.stream.app.label": "node-router",
    "spring.cloud.dataflow.stream.app.type": "app",
    "spring.cloud.dataflow.stream.name": "timeStampStream",
    "spring.cloud.stream.bindings.even.destination": "evenDest",
    "spring.cloud.stream.bindings.input.destination": "timeDest",
    "spring.cloud.stream.bindings.odd.destination": "oddDest",
    "spring.cloud.stream.instanceIndex": "0",
    "spring.cloud.stream.kafka.binder.brokers": "PLAINTEXT://127.0.0.1:19092",
    "spring.jmx.default-domain": "timeStampStream.node-router-v1",
  };
  const { brokers, input, outputs, server } = config([], { LANG: "C", PATH: "/bin", SPRING_APPLICATION_JSON: JSON.stringify(json) });
  assert.deepEqual(brokers, ["127.0.0.1:19092"]);
  assert.deepEqual(input, { ...INPUT, destinations: ["timeDest"], group: "timeStampStream.node-router" });
  assert.deepEqual(
    outputs.map(({ destination }) => destination),
    ["evenDest", "oddDest"],
  );
  assert.equal(server.port, 23_661);
});

test("what the Kubernetes deployer sends in its shell style is understood", () => {
  const env = {
    SPRING_CLOUD_STREAM_BINDINGS_INPUT_DESTINATION: "timeDest",
    "SPRING_CLOUD_STREAM_BINDINGS_EVEN-OUT_DESTINATION": "e",
    "ROUTER_PREFIX_EVEN-OUT": "E ",
    ROUTER_OUTPUTS: "even-out,odd",
    SPRING_CLOUD_STREAM_KAFKA_BINDER_BROKERS: "kafka-broker:9092",
    SPRING_CLOUD_STREAM_KAFKA_BINDER_AUTOCREATETOPICS: "false",
    SERVER_PORT: "tcp://10.0.0.1:80",
  };
  const { input, outputs, topics, server, ruleText } = config([], env);
  assert.deepEqual(input.destinations, ["timeDest"]);
  assert.deepEqual(outputs[0], { ...OUTPUT, name: "even-out", destination: "e" });
  assert.equal(topics.autoCreate, false);
  assert.equal(server.port, 8080);
  assert.equal(ruleText, "outputs=even-out,odd\nprefix.even-out=E ");
});

test("unknown properties are accepted", () => {
  const { unsupported, ...others } = config(["--spring.jmx.enabled=false", "--router.unknown=1", "--x"], { SERVER: "x" });
  assert.deepEqual({ ...others, unsupported: [] }, config());
  assert.equal(unsupported.length, 1);
});

test("an error names the property, its source, the value and what is allowed, in one line", () => {
  assert.equal(
    fault([], { SERVER_PORT: "80x" }),
    'server.port (from environment): "80x" is not a whole number; allowed: a whole number from 0 to 65535',
  );
  assert.equal(
    fault([], { SPRING_APPLICATION_JSON: '{"server":{"port":"8\\n0"}}' }),
    String.raw`server.port (from SPRING_APPLICATION_JSON): "8\n0" is not a whole number; allowed: a whole number from 0 to 65535`,
  );
});

test("an error shows no more than the beginning of a long value", () => {
  assert.ok(fault([`--server.port=${"1".repeat(10_000)}`]).length < 250);
});

test("topic names follow Kafka's rule", () => {
  const name = "spring.cloud.stream.bindings.input.destination";
  const good = ["a", "A.b_c-9", "...", "x".repeat(249)].map((topic) => [topic, [topic]] as const);
  holds(name, ({ input }) => input.destinations, good, ["", ".", "..", "x".repeat(250), "a b", "a/b", "ä", "a,", "a,b c"]);
  assert.match(fault([`${BINDINGS}.odd.destination=a,b`]), /names several topics/u);
  assert.match(fault([`${BINDINGS}.odd.destination=a b`]), /^spring\.cloud\.stream\.bindings\.odd\.destination \(from command line\)/u);
});

test("an output's default topic has the output's name", () => {
  const { outputs } = config(["--router.outputs=left, right", `${BINDINGS}.right.destination=r`]);
  assert.deepEqual(outputs, [
    { ...OUTPUT, name: "left", destination: "left" },
    { ...OUTPUT, name: "right", destination: "r" },
  ]);
});

test("both outputs may have the same topic", () => {
  const { outputs } = config([`${BINDINGS}.even.destination=t`, `${BINDINGS}.odd.destination=t`]);
  assert.deepEqual(
    outputs.map(({ destination }) => destination),
    ["t", "t"],
  );
});

test("an output can't have the input's topic", () => {
  const message = fault([`${BINDINGS}.input.destination=t`, `${BINDINGS}.odd.destination=t`]);
  assert.match(message, /^spring\.cloud\.stream\.bindings\.odd\.destination \(from command line\): "t" is a topic of the input/u);
  assert.match(fault([`${BINDINGS}.input.destination=even`]), /^spring\.cloud\.stream\.bindings\.even\.destination \(from default\)/u);
  assert.equal(config([`${BINDINGS}.input.destination=Even`]).input.destinations[0], "Even");
});

test("the default group is the stream's name and the app's label when both are set", () => {
  const name = "--spring.cloud.dataflow.stream.name=s";
  const label = "--spring.cloud.dataflow.stream.app.label=l";
  assert.equal(config([name, label]).input.group, "s.l");
  assert.equal(config([name]).input.group, "timestamp-router");
  assert.equal(config([label]).input.group, "timestamp-router");
  assert.equal(config([name, "--spring.cloud.dataflow.stream.app.label="]).input.group, "timestamp-router");
});

test("a named group begins at the earliest record", () => {
  const { input } = config([
    `${BINDINGS}.input.group=g1`,
    "--spring.cloud.dataflow.stream.name=s",
    "--spring.cloud.dataflow.stream.app.label=l",
  ]);
  assert.deepEqual(input, { ...INPUT, group: "g1" });
});

test("an empty or blank group and the word anonymous are an anonymous group, which begins at the latest record", () => {
  for (const group of ["", " ", "anonymous"]) {
    const { input } = config([`${BINDINGS}.input.group=${group}`]);
    assert.deepEqual(input, { ...INPUT, group: null, startOffset: "latest" });
  }
});

test("a group has at most 255 characters, all on one line", () => {
  assert.equal(config([`${BINDINGS}.input.group=${"g".repeat(255)}`]).input.group?.length, 255);
  assert.match(fault([`${BINDINGS}.input.group=${"g".repeat(256)}`]), /is too long/u);
  assert.match(fault([`${BINDINGS}.input.group=a\nb`]), /control character/u);
});

test("brokers may be written with PLAINTEXT://, spaces, without a port and as IPv6", () => {
  const good: Good<readonly string[]> = [
    ["h:1", ["h:1"]],
    ["h", ["h:9092"]],
    [" a:1 , b ,c:65535,", ["a:1", "b:9092", "c:65535"]],
    ["PLAINTEXT://a:1,plaintext://b", ["a:1", "b:9092"]],
    ["[::1]:9093,[fe80::1],PLAINTEXT://[2001:db8::2]:1", ["[::1]:9093", "[fe80::1]:9092", "[2001:db8::2]:1"]],
    ["kafka_broker.my-net:9092", ["kafka_broker.my-net:9092"]],
    ["10.0.0.1:9092", ["10.0.0.1:9092"]],
  ];
  const bad = [
    "",
    " , ",
    "h:0",
    "h:65536",
    "h:",
    "h:x",
    "h:1:2",
    ":9092",
    "::1",
    "[::1",
    "[x]:1",
    "h/p",
    "a b",
    "PLAINTEXT://",
    "h:1/",
    "http://h:1",
  ];
  holds("spring.cloud.stream.kafka.binder.brokers", ({ brokers }) => brokers, good, bad);
});

test("a broker's fault names the entry and what to do", () => {
  assert.match(fault([`${BINDER}.brokers=a:1,HTTP://b:2`]), /entry 2: HTTP:\/\/ is none of PLAINTEXT, SSL/u);
  assert.match(fault([`${BINDER}.brokers=::1`]), /needs brackets, as in \[::1\]:9092/u);
  assert.match(fault([`${BINDER}.brokers=`]), /names no broker/u);
});

test("credentials in a broker's address are not shown", () => {
  const message = fault([`${BINDER}.brokers=SASL_SSL://user:secret@h:1,other:secret@g`]);
  assert.doesNotMatch(message, /secret|user/u);
  // What stands before the last one could all be one password.
  assert.match(message, /SASL_SSL:\/\/\*\*\*@g/u);
});

test("brokers without a port get the default broker port", () => {
  assert.deepEqual(config([`${BINDER}.brokers=a,b:1,[::1]`, `${BINDER}.default-broker-port=7`]).brokers, ["a:7", "b:1", "[::1]:7"]);
  assert.deepEqual(config([`${BINDER}.defaultBrokerPort=7`]).brokers, ["localhost:9092"]);
});

test("the bootstrap servers of spring.kafka count when the binder names no brokers", () => {
  assert.deepEqual(config(["--spring.kafka.bootstrap-servers=a:1,b"]).brokers, ["a:1", "b:9092"]);
  assert.deepEqual(config(["--spring.kafka.bootstrapServers=a:1", `${BINDER}.brokers=c`]).brokers, ["c:9092"]);
  assert.match(fault(["--spring.kafka.bootstrap-servers=SSL://a"]), /^spring\.kafka\.bootstrap-servers \(from command line\)/u);
});

test("the first thing that is wrong is the one reported", () => {
  assert.match(fault(["--server.port=x", "--router.outputs=a"]), /^router\.outputs/u);
});
