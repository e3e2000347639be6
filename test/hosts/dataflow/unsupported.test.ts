/** Properties that are set and have no effect: each of them is told, and nothing else. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { PROPERTIES } from "../../../hosts/dataflow/schema.ts";
import { namesOf, type About } from "../../../hosts/dataflow/property.ts";
import { WITHOUT_EFFECT, withoutEffectTable } from "../../../hosts/dataflow/without-effect.ts";
import { config, type Env } from "./config-checks.ts";

const unsupported = (args: readonly string[], env: Env = {}): readonly string[] => config(args, env).unsupported;

test("a property that is misspelt is told with its source and with the name that was meant", () => {
  assert.deepEqual(unsupported(["--spring.cloud.stream.bindings.even.destnation=e"]), [
    "spring.cloud.stream.bindings.even.destnation (from command line; did you mean spring.cloud.stream.bindings.even.destination?)",
  ]);
  assert.deepEqual(unsupported([], { ROUTER_COMIT_INTERVAL: "1s" }), [
    "ROUTER_COMIT_INTERVAL (from environment; did you mean router.commit-interval?)",
  ]);
});

test("what nothing is like is told without a hint", () => {
  const env = { SPRING_APPLICATION_JSON: '{"spring.cloud.stream.kafka.binder.transaction.producer.partition-count":"tx"}' };
  assert.deepEqual(unsupported(["--router.unknown=1"], env), [
    "router.unknown (from command line)",
    "spring.cloud.stream.kafka.binder.transaction.producer.partition-count (from SPRING_APPLICATION_JSON)",
  ]);
});

test("what decides about security, files and the end is told when it is misspelt, and when the app has nothing like it", () => {
  const names = [
    "spring.cloud.streamapp.security.admin.user",
    "management.endpoint.health.status.http-mapping.dwon",
    "management.endpoint.shutdwn.access",
    "spring.config.name",
    "spring.profiles.include",
    "spring.lifecycle.timeout-per-shutdown-phase",
  ];
  for (const name of names) assert.match(unsupported([`--${name}=x`]).join(), new RegExp(`^${name} \\(from command line`, "u"));
});

test("a name that nobody would type is told without a search for its like, which would take minutes", () => {
  const name = `router.${"a".repeat(1_000_000)}`;
  assert.deepEqual(unsupported([`--${name}=1`]), [`${name} (from command line)`]);
});

test("a property of a binding that does not exist is told", () => {
  assert.deepEqual(unsupported(["--router.outputs=left,right", "--spring.cloud.stream.bindings.left.destination=l"]), []);
  const [told] = unsupported(["--spring.cloud.stream.bindings.evenOut.destination=e"]);
  assert.match(told ?? "", /^spring\.cloud\.stream\.bindings\.evenOut\.destination \(from command line; did you mean .*even\.destination/u);
});

test("what one output can't have for itself is told, since one producer writes both", () => {
  const name = "spring.cloud.stream.kafka.bindings.even.producer.configuration.enable.idempotence";
  const [told] = unsupported([`--${name}=false`]);
  assert.match(told ?? "", /^\S+even\.producer\.configuration\.enable\.idempotence .*did you mean \S+output\.producer\.configuration/u);
  assert.deepEqual(unsupported([`--${name.replace(".even.", ".output.")}=false`]), []);
});

test("what belongs to the platform or to nobody is not told", () => {
  const env = { PATH: "/bin", SERVERS: "x", KAFKA_PORT: "1", SPRING_PROFILES_ACTIVE: "x", SPRING_CLOUD_APPLICATION_GUID: "g" };
  assert.deepEqual(unsupported(["--spring.jmx.enabled=false", "--info.app.name=x", "--x"], env), []);
});

test("the variables that Kubernetes sets for a Service called router are not told", () => {
  const env = {
    ROUTER_SERVICE_HOST: "10.0.0.1",
    ROUTER_SERVICE_PORT: "8080",
    ROUTER_SERVICE_PORT_HTTP: "8080",
    ROUTER_PORT: "tcp://10.0.0.1:8080",
    ROUTER_PORT_8080_TCP: "tcp://10.0.0.1:8080",
    ROUTER_PORT_8080_TCP_PROTO: "tcp",
    ROUTER_PORT_8080_TCP_PORT: "8080",
    ROUTER_PORT_8080_TCP_ADDR: "10.0.0.1",
  };
  assert.deepEqual(unsupported([], env), []);
});

test("what is supported or harmless is not told, by any of its names, in any source", () => {
  const supported = Object.values<Pick<About, "name" | "names">>(PROPERTIES).flatMap(namesOf);
  const harmless = WITHOUT_EFFECT.flatMap(({ names }) => names);
  for (const name of [...supported, ...harmless]) {
    // Empty is the default of most, and of the others an error that says so.
    const spelt = name
      .replace("<output>", "odd")
      .replace("<id>", "env")
      .replace("<status>", "down")
      .replaceAll(/<[^>]+>/gu, "x");
    const camel = spelt.replaceAll(/-([a-z])/gu, (_, letter: string) => letter.toUpperCase());
    const variable = spelt.replaceAll("-", "").replaceAll(".", "_").toUpperCase();
    for (const told of [toldOf([`--${spelt}=`]), toldOf([`--${camel}=`]), toldOf([], { [variable]: "" })])
      assert.deepEqual(told, [], spelt);
  }
});

/** What is told, or nothing where the value is refused: then the name is known. */
function toldOf(args: readonly string[], env: Env = {}): readonly string[] {
  try {
    return unsupported(args, env);
  } catch {
    return [];
  }
}

test("what the deployers of Data Flow set by themselves is not told", () => {
  const json = {
    "endpoints.shutdown.enabled": "true",
    "management.endpoints.web.exposure.include": "health,info,bindings",
    "management.metrics.tags.application": "a",
    "management.metrics.tags.application.guid": "b",
    "management.metrics.export.prometheus.enabled": "true",
    "management.prometheus.metrics.export.enabled": "true",
    "server.port": "23661",
    "spring.cloud.stream.instanceIndex": "0",
    "spring.cloud.stream.kafka.binder.zkNodes": "zk:2181",
    "spring.cloud.stream.kafka.streams.binder.brokers": "b:9092",
    "spring.cloud.stream.kafka.streams.binder.zkNodes": "zk:2181",
    "spring.cloud.stream.rabbit.binder.nodes": "r:5672",
    "spring.cloud.stream.bindings.input.consumer.partitioned": "true",
    "spring.cloud.stream.bindings.output.producer.requiredGroups": "s",
    "wavefront.application.name": "x",
  };
  const env = { SPRING_CLOUD_STREAM_KAFKA_BINDER_ZK_NODES: "zk:2181", SPRING_APPLICATION_JSON: JSON.stringify(json) };
  assert.deepEqual(unsupported([], env), []);
});

test("an element of a list is not told apart from the list", () => {
  assert.deepEqual(unsupported(["--spring.cloud.stream.kafka.binder.brokers[0]=a"], { ROUTER_OUTPUTS_0: "a", ROUTER_OUTPUTS_1: "b" }), []);
});

test("acknowledgements of fewer than all replicas are told, wherever they are asked for", () => {
  const binder = "spring.cloud.stream.kafka.binder";
  assert.deepEqual(unsupported([`--${binder}.required-acks=all`, "--spring.kafka.producer.acks=-1"]), []);
  assert.deepEqual(unsupported([`--${binder}.requiredAcks=1`]), [`${binder}.required-acks=1 (from command line; it is always all)`]);
  assert.deepEqual(unsupported([`--${binder}.configuration.acks=0`, `--${binder}.required-acks=all`]), [
    `${binder}.configuration.acks=0 (from command line; it is always all)`,
  ]);
});

test("the table of what has no effect has one row for each reason", () => {
  const rows = withoutEffectTable().trimEnd().split("\n");
  assert.equal(rows.length, WITHOUT_EFFECT.length + 2);
  for (const row of rows.slice(2)) assert.match(row, /^\| [A-Z].*\. \| `[^|]+` \|$/u);
});
