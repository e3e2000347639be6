import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../../hosts/dataflow/config-error.ts";
import { createProperties } from "../../../../hosts/dataflow/properties.ts";
import { propertySources } from "../../../../hosts/dataflow/property-sources.ts";
import { config } from "../config-checks.ts";

type Env = Readonly<Record<string, string>>;

const VCAP_APPLICATION = JSON.stringify({
  application_name: "router-v1",
  name: "router-v1",
  instance_index: 2,
  uris: ["a.example", "b.example"],
});
const VCAP_SERVICES = JSON.stringify({
  kafka: [{ name: "my-kafka", label: "kafka", credentials: { brokers: "k:1", password: "p" }, tags: [] }],
  "user-provided": [{ label: "unnamed", x: null }, "odd", null, {}],
  broken: "odd",
});

function find(name: string, env: Env, ...args: readonly string[]): string | undefined {
  return createProperties(propertySources({ args, env }).sources).find(name)?.value;
}

test("what Cloud Foundry says of the app and its services has names of its own", () => {
  const env = { VCAP_APPLICATION, VCAP_SERVICES };
  assert.equal(find("vcap.application.instance_index", env), "2");
  assert.equal(find("vcap.application.uris", env), "a.example,b.example");
  assert.equal(find("vcap.application.uris[1]", env), "b.example");
  assert.equal(find("vcap.services.my-kafka.credentials.brokers", env), "k:1");
  assert.equal(find("vcap.services.unnamed.label", env), "unnamed");
  assert.equal(find("vcap.services.unnamed.x", env), undefined);
  assert.equal(find("vcap.application.name", {}), undefined);
});

test("the command line goes before what Cloud Foundry says, and that before the JSON", () => {
  const env = { VCAP_APPLICATION, SPRING_APPLICATION_JSON: '{"vcap.application.name":"json"}' };
  assert.equal(find("vcap.application.name", env), "router-v1");
  assert.equal(find("vcap.application.name", env, "--vcap.application.name=arg"), "arg");
});

test("what the Cloud Foundry deployer sends as it is written is resolved", () => {
  const env = {
    VCAP_APPLICATION,
    SPRING_CLOUD_APPLICATION_GUID: "${vcap.application.name}:${vcap.application.instance_index}",
    SPRING_APPLICATION_INDEX: "${vcap.application.instance_index}",
    SPRING_APPLICATION_JSON: '{"spring.cloud.stream.kafka.binder.brokers":"${vcap.services.my-kafka.credentials.brokers}"}',
    VCAP_SERVICES,
  };
  assert.equal(find("spring.cloud.application.guid", env), "router-v1:2");
  assert.equal(find("spring.application.index", env), "2");
  assert.deepEqual(config([], env).brokers, ["k:1"]);
});

test("the port is the one that Cloud Foundry gives, unless the app is told another one", () => {
  const env = { VCAP_APPLICATION, PORT: "61001" };
  assert.equal(config([], env).server.port, 61_001);
  assert.equal(config([], { ...env, SERVER_PORT: "82" }).server.port, 82);
  assert.equal(config(["--server.port=83"], env).server.port, 83);
  assert.equal(config([], { PORT: "61001" }).server.port, 8080, "elsewhere it may mean anything");
  const disk = {
    readFile: (path: string) => (path === "./application.properties" ? Buffer.from("server.port=84") : null),
    listFolder: () => [],
  };
  assert.equal(createProperties(propertySources({ args: [], env, disk }).sources).find("server.port")?.value, "61001");
});

test("JSON of Cloud Foundry's that is no object is an error that names the variable and shows nothing of it", () => {
  for (const variable of ["VCAP_APPLICATION", "VCAP_SERVICES"]) {
    for (const [json, problem] of [
      ["{secret", "is not valid JSON"],
      ['["secret"]', "holds a list"],
    ] as const) {
      assert.throws(
        () => propertySources({ args: [], env: { [variable]: json } }),
        (error) => error instanceof ConfigError && error.message.startsWith(`${variable} ${problem}`) && !error.message.includes("secret"),
      );
    }
    assert.equal(find("vcap.x", { [variable]: " " }), undefined);
  }
});
