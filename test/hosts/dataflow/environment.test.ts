import assert from "node:assert/strict";
import { test } from "node:test";
import { describeEnvironment } from "../../../hosts/dataflow/environment.ts";
import { propertySources } from "../../../hosts/dataflow/property-sources.ts";
import { isSecret } from "../../../hosts/dataflow/secrets.ts";
import { fault } from "./config-checks.ts";
import { memoryDisk } from "./sources/memory-disk.ts";

test("passwords, secrets, tokens, keys, credentials, JAAS and what holds them all are secrets, however they are spelt", () => {
  for (const name of [
    "spring.cloud.streamapp.security.admin-password",
    "SPRING_CLOUD_STREAMAPP_SECURITY_ADMIN-PASSWORD",
    "my.adminPassword",
    "ssl.key.password",
    "some.pass-phrase",
    "clientSecret",
    "api_token",
    "MY_API_KEY",
    "private-key",
    "keys.key[0]",
    "vcap.services.kafka.credentials.user",
    "VCAP_SERVICES",
    "VCAP_APPLICATION",
    "spring.cloud.stream.kafka.binder.configuration.sasl.jaas.config",
    "SPRING_CLOUD_STREAM_KAFKA_BINDER_CONFIGURATION_SASL_JAAS_CONFIG",
    "spring.application.json",
    "SPRING_APPLICATION_JSON",
  ]) {
    assert.ok(isSecret(name), name);
  }
});

test("what only sounds like a secret is none", () => {
  for (const name of [
    "server.port",
    "ssl.keystore.location",
    "message-key-expression",
    "router.prefix.even",
    "spring.application.name",
    "HOME",
  ]) {
    assert.ok(!isSecret(name), name);
  }
});

test("the environment is described source by source, by Boot's names, with the origin of each property", () => {
  const { sources } = propertySources({
    args: ["--a=1"],
    env: { B: "2", SPRING_APPLICATION_JSON: '{"c":"3"}' },
    disk: memoryDisk({ "config/application.properties": "\nd=4\n#---\ne=5", "/tree/f": "6\n" }),
  });
  const tree = propertySources({ args: ["--spring.config.import=configtree:/tree/"], env: {}, disk: memoryDisk({ "/tree/f": "6\n" }) });
  assert.deepEqual(
    [...describeEnvironment(sources), ...describeEnvironment(tree.sources).slice(-1)].map(({ name, properties }) => [
      name,
      Object.fromEntries(properties),
    ]),
    [
      ["commandLineArgs", { a: { value: "1" } }],
      ["spring.application.json", { c: { value: "3" } }],
      [
        "systemEnvironment",
        {
          B: { value: "2", origin: 'System Environment Property "B"' },
          SPRING_APPLICATION_JSON: { value: "******", origin: 'System Environment Property "SPRING_APPLICATION_JSON"' },
        },
      ],
      [
        "Config resource 'file [config/application.properties]' via location 'optional:file:./config/' (document #1)",
        { e: { value: "5", origin: "file [config/application.properties] - 4" } },
      ],
      [
        "Config resource 'file [config/application.properties]' via location 'optional:file:./config/' (document #0)",
        { d: { value: "4", origin: "file [config/application.properties] - 2" } },
      ],
      ["Config tree '/tree'", { f: { value: "6", origin: "file [/tree/f]" } }],
    ],
  );
});

function described(...args: readonly string[]): Record<string, string> {
  const [commandLine] = describeEnvironment(propertySources({ args, env: {} }).sources);
  return Object.fromEntries([...(commandLine?.properties ?? [])].map(([name, { value }]) => [name, value]));
}

test("a described value has its placeholders resolved where they can be", () => {
  assert.deepEqual(described("--a=${b}", "--b=${c:1}", "--d=${none}", "--e=${e}"), { a: "1", b: "1", d: "${none}", e: "${e}" });
});

test("a secret is not described, by whatever way it gets into a value", () => {
  const all = described("--my.password=hide", "--a=x${my.password}", "--b=${a}", "--url=http://me:hide@h/", "--urls=me:hide@h,//hide@i");
  assert.deepEqual(all, { "my.password": "******", a: "******", b: "******", url: "http://***@h/", urls: "***@i" });
});

test("a password in an address may have any character in it", () => {
  const all = described(
    "--a=http://me:hi,de@h:1/p",
    "--b=http://me:hi de@h",
    "--c=http://me:hi/d@e@h",
    "--d=http://h/p,ftp://me:hi,de@i",
    "--e=me:h,de@h",
    "--f=http://me:p://w@h",
  );
  assert.deepEqual(all, { a: "http://***@h:1/p", b: "http://***@h", c: "http://***@h", d: "http://***@i", e: "***@h", f: "http://***@h" });
});

test("a megabyte of what could be somebody's name and password is described as soon as anything", () => {
  const long = "a".repeat(1_000_000);
  assert.deepEqual(described(`--a=${long}`, `--b=${long}@h`, `--c=${"[".repeat(1_000_000)}`)["b"], "***@h");
});

test("an error about a value that has a secret in it does not show it", () => {
  const message = fault(["--server.port=${my.password}", "--my.password=hide"]);
  assert.equal(message, "server.port (from command line): ****** is not valid; allowed: a whole number from 0 to 65535");
});
