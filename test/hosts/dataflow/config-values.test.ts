import assert from "node:assert/strict";
import { test } from "node:test";
import { readConfig, type Config } from "../../../hosts/dataflow/config.ts";
import { config, fault, holds, type Good } from "./config-checks.ts";

test("server.port is 0 to 65535, and empty means its default", () => {
  const good: Good<number> = [
    ["0", 0],
    ["1", 1],
    ["65534", 65_534],
    ["65535", 65_535],
    [" 80 ", 80],
    ["+80", 80],
    ["${nowhere:80}", 80],
    ["${nowhere:}", 8080],
    ["", 8080],
  ];
  holds("server.port", ({ server }) => server.port, good, ["-1", "65536", "80.0", "8e1", "0x50", "1 2", "99999999999999999999", "NaN"]);
});

test("server.address is a host or an address, and empty means all interfaces", () => {
  const good: Good<string | null> = [
    ["127.0.0.1", "127.0.0.1"],
    ["::1", "::1"],
    ["my-host.local", "my-host.local"],
    ["", null],
  ];
  holds("server.address", ({ server }) => server.address, good, ["a b", "http://x", "a\u0000"]);
});

function firstBroker({ brokers }: Config): string | undefined {
  return brokers[0];
}

test("the default broker port is 1 to 65535", () => {
  const name = "spring.cloud.stream.kafka.binder.default-broker-port";
  assert.equal(firstBroker(config(["--spring.cloud.stream.kafka.binder.brokers=h", `--${name}=1`])), "h:1");
  assert.equal(firstBroker(config(["--spring.cloud.stream.kafka.binder.brokers=h", `--${name}=65535`])), "h:65535");
  holds(name, firstBroker, [], ["0", "65536"]);
});

test("booleans are Spring's words, in any case", () => {
  const good: Good<boolean> = [
    ...["true", "TRUE", "on", "yes", "1", " true "].map((word) => [word, true] as const),
    ...["false", "False", "off", "no", "0"].map((word) => [word, false] as const),
    ["", true],
  ];
  const bad = ["2", "y", "truee", "t rue", "constructor"];
  holds("spring.cloud.stream.kafka.binder.auto-create-topics", ({ topics }) => topics.autoCreate, good, bad);
  holds("spring.cloud.stream.kafka.binder.configuration.enable.idempotence", ({ enableIdempotence }) => enableIdempotence, good, bad);
});

test("the least number of partitions is 1 to 100000", () => {
  const good: Good<number> = [
    ["1", 1],
    ["2", 2],
    ["99999", 99_999],
    ["100000", 100_000],
  ];
  holds("spring.cloud.stream.kafka.binder.min-partition-count", ({ topics }) => topics.partitionCountMin, good, ["0", "-1", "100001"]);
});

test("the replication factor is -1 or 1 to 32767", () => {
  const good: Good<number> = [
    ["-1", -1],
    ["1", 1],
    ["3", 3],
    ["32767", 32_767],
    ["", -1],
  ];
  holds("spring.cloud.stream.kafka.binder.replication-factor", ({ outputs }) => outputs[0]?.topic.replicationFactor ?? 0, good, [
    "0",
    "-2",
    "32768",
    "x",
  ]);
});

test("the application's name is one line of text, which may be empty", () => {
  const good: Good<string> = [
    ["my app", "my app"],
    ["", ""],
    ["n".repeat(255), "n".repeat(255)],
  ];
  holds("spring.application.name", ({ applicationName }) => applicationName, good, ["n".repeat(256), "a\nb", "a\u0085b"]);
});

test("the log's format is empty or one of Boot's three, in any case", () => {
  const good: Good<string> = [
    ["", "text"],
    ["ecs", "ecs"],
    ["Logstash", "logstash"],
    ["GELF", "gelf"],
  ];
  holds("logging.structured.format.console", ({ logging }) => logging.format, good, ["text", "json", "com.example.MyFormat"]);
});

test("the log's level is one of Boot's, in any case", () => {
  const good: Good<string> = [
    ["trace", "TRACE"],
    ["Debug", "DEBUG"],
    ["INFO", "INFO"],
    ["warn", "WARN"],
    ["error", "ERROR"],
    ["fatal", "ERROR"],
    ["off", "OFF"],
    ["false", "OFF"],
    ["", "INFO"],
  ];
  holds("logging.level.root", ({ logging }) => logging.level, good, ["warning", "all", "0"]);
});

test("a duration is a number of milliseconds, a number with a unit, or ISO-8601", () => {
  const good: Good<number> = [
    ["250", 250],
    ["500ms", 500],
    ["10s", 10_000],
    ["10S", 10_000],
    ["+1s", 1000],
    ["1m", 60_000],
    ["1h", 3_600_000],
    ["1500us", 1],
    ["2000000ns", 2],
    ["PT10S", 10_000],
    ["pt1m", 60_000],
    ["PT0.25S", 250],
    ["PT1.5S", 1500],
    ["PT1M1S", 61_000],
    ["PT1H", 3_600_000],
    ["P0DT1S", 1000],
    [" 5s ", 5000],
  ];
  const bad = ["x", "10 s", "1.5s", "10x", "10msx", "s", "P", "PT", "PS", "PT1", "P1", "P1DT", "1s2", "--1"];
  for (const name of ["router.commit-interval", "router.shutdown-timeout"] as const) {
    holds(
      name,
      ({ commitIntervalMs, shutdownTimeoutMs }) => (name === "router.commit-interval" ? commitIntervalMs : shutdownTimeoutMs),
      good,
      bad,
    );
  }
});

test("a duration is 1 ms to 1 h", () => {
  const good: Good<number> = [
    ["1", 1],
    ["3599999ms", 3_599_999],
    ["60m", 3_600_000],
  ];
  holds("router.commit-interval", ({ commitIntervalMs }) => commitIntervalMs, good, [
    "0",
    "-1s",
    "999us",
    "3600001",
    "1d",
    "P1D",
    "9".repeat(400),
  ]);
  assert.match(fault(["--router.shutdown-timeout=2h"]), /is too large; allowed: 1ms to 1h,/u);
});

test("the output batch is 1024 to 1048000 bytes, with or without a unit", () => {
  const good: Good<number> = [
    ["1024", 1024],
    ["1025", 1025],
    ["1048000", 1_048_000],
    ["1KB", 1024],
    ["512KB", 524_288],
    ["2048B", 2048],
    ["", 900_000],
  ];
  const bad = ["1023", "1048001", "1MB", "1kb", "1 KB", "-1024", "1.5KB", "x", "0"];
  holds("router.output-batch-bytes", ({ outputBatchBytesMax }) => outputBatchBytesMax, good, bad);
});

test("the bytes in flight are at most 1 GB and at least one output batch", () => {
  const good: Good<number> = [
    ["900000", 900_000],
    ["900001", 900_001],
    ["64MB", 67_108_864],
    ["1GB", 1_073_741_824],
  ];
  holds("router.in-flight-bytes", ({ inFlightBytesMax }) => inFlightBytesMax, good, ["1023", "1073741825", "2GB", "x"]);
  assert.equal(
    fault(["--router.in-flight-bytes=899999"]),
    "router.in-flight-bytes (from command line): 899999 has no room for one batch; allowed: at least router.output-batch-bytes, which is 900000",
  );
  assert.equal(config(["--router.in-flight-bytes=1024", "--router.output-batch-bytes=1024"]).inFlightBytesMax, 1024);
  assert.equal(config(["--router.output-batch-bytes=1048000"]).inFlightBytesMax, 16_777_216);
});

test("router.outputs has two different names of up to 64 letters, digits, dots, underscores and hyphens", () => {
  const long = "x".repeat(64);
  const good: Good<readonly string[]> = [
    ["a,b", ["a", "b"]],
    ["a,b,c", ["a", "b", "c"]],
    [" a , b ", ["a", "b"]],
    [`${long},b`, [long, "b"]],
    ["a.b,a_c", ["a.b", "a_c"]],
    ["", ["even", "odd"]],
  ];
  const bad = [
    "a",
    "a,",
    ",",
    "a,a",
    "a,A",
    "a-b,ab",
    "a b,c",
    "ä,b",
    `${long}x,b`,
    "a\nx,b",
    "input,b",
    "a,INPUT",
    "dead-letters,b",
    "a,errorChannel",
  ];
  holds("router.outputs", ({ outputs }) => outputs.map(({ name }) => name), good, bad);
});

test("the rule text has what was set, raw and untrimmed, and nothing else", () => {
  assert.equal(config(["--router.rule=whatever"]).ruleText, "rule=whatever");
  assert.equal(config(["--router.outputs=b , a"]).ruleText, "outputs=b,a");
  assert.equal(config([String.raw`--router.prefix.odd= a\n\x00= `]).ruleText, String.raw`prefix.odd= a\n\x00= `);
  assert.equal(config(["--router.prefix.even="]).ruleText, "prefix.even=");
  assert.equal(
    config(["--router.prefix.b=2", "--router.prefix.a=1", "--router.unroutable=b", "--router.rule=r", "--router.outputs=a,b"]).ruleText,
    "rule=r\noutputs=a,b\nunroutable=b\nprefix.a=1\nprefix.b=2",
  );
});

test("the rule text has an output's name as the outputs have it", () => {
  assert.equal(config(["--router.outputs=my-Out,b", "--router.prefix.MYOUT=x"]).ruleText, "outputs=my-Out,b\nprefix.my-Out=x");
});

test("a line end in a value can't add a line to the rule text", () => {
  const message = fault(["--router.prefix.even=x\nprefix.odd=forged"]);
  assert.match(message, /^router\.prefix\.even \(from command line\)/u);
  assert.match(message, /written as the two characters \\n/u);
  assert.match(fault(["--router.rule=last-digit\nprefix.odd=x"]), /^router\.rule \(from command line\)/u);
});

test("half a surrogate pair in a prefix is refused rather than replaced", () => {
  assert.match(fault(["--router.prefix.even=\ud83d"]), /half a character/u);
  assert.equal(config(["--router.prefix.even=\u{1f600}"]).ruleText, "prefix.even=\u{1f600}");
});

test("a prefix for an output that does not exist is refused, wherever it comes from", () => {
  assert.equal(fault(["--router.prefix.evne=x"]), "router.prefix.evne (from command line): there is no such output; allowed: even and odd");
  assert.throws(
    () => readConfig({ args: [], env: { ROUTER_PREFIX_EVNE: "x" } }),
    /^ConfigError: router\.prefix\.evne \(from environment\)/u,
  );
  const json = JSON.stringify({ router: { prefix: { "even\nrule": "x" } } });
  assert.throws(
    () => readConfig({ args: [], env: { SPRING_APPLICATION_JSON: json } }),
    /^ConfigError: router\.prefix\.even\\nrule \(from SPRING_/u,
  );
  assert.equal(readConfig({ args: ["--router.outputs=a.b,c"], env: { ROUTER_PREFIX_A_B: "x" } }).ruleText, "outputs=a.b,c\nprefix.a.b=x");
});
