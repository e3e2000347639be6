/** The app as a process of its own, told secrets in each way there is: nothing that it says or answers has one in it. */
import assert from "node:assert/strict";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { ConfigError, readConfigOf } from "../../../hosts/dataflow/config.ts";
import { openAccess } from "../../../hosts/dataflow/kafka/access.ts";
import { propertySources } from "../../../hosts/dataflow/property-sources.ts";
import { DISK } from "../../../hosts/dataflow/sources/config-disk.ts";
import { startApp, type AppSettings } from "../../broker/app.ts";

/** Part of each secret; it must appear nowhere. */
const MARK = "hidden7b1f";
const CONFIGURATION = "spring.cloud.stream.kafka.binder.configuration";
const ENDPOINTS = ["", "/health", "/health/binders", "/info", "/env", "/bindings", "/loggers", "/metrics", "/prometheus"] as const;

/** Nothing listens there. */
const AWAY = {
  "spring.cloud.stream.kafka.binder.brokers": "127.0.0.1:1",
  "server.port": "0",
  "server.address": "127.0.0.1",
  "management.endpoints.web.exposure.include": "*",
  "management.endpoint.health.show-details": "always",
  "management.endpoint.env.show-values": "always",
  "management.info.env.enabled": "true",
  // Where somebody shows what is none of theirs to show.
  "info.kafka": `\${${CONFIGURATION}.sasl.jaas.config}`,
};

const RIGHT = {
  [`${CONFIGURATION}.security.protocol`]: "SASL_PLAINTEXT",
  [`${CONFIGURATION}.sasl.mechanism`]: "PLAIN",
  [`${CONFIGURATION}.sasl.jaas.config`]: `a.PlainLoginModule required username="me" password="${MARK}-1";`,
  // Without effect, and all the more to be kept.
  "spring.kafka.jaas.options.password": `${MARK}-2`,
  [`${CONFIGURATION}.ssl.key.password`]: `${MARK}-3`,
  [`${CONFIGURATION}.ssl.keystore.key`]: `-----BEGIN PRIVATE KEY-----\\n${MARK}4\\n-----END PRIVATE KEY-----`,
  [`${CONFIGURATION}.ssl.truststore.certificates`]: `-----BEGIN PRIVATE KEY-----\\n${MARK}5\\n-----END PRIVATE KEY-----`,
} as const;

/** Properties that end the app at its start, with a secret where the error is. */
const WRONG: readonly Readonly<Record<string, string>>[] = [
  { ...RIGHT, [`${CONFIGURATION}.sasl.jaas.config`]: `a.PlainLoginModule required username="me" password="${MARK}` },
  { ...RIGHT, [`${CONFIGURATION}.sasl.mechanism`]: "PLAIN", [`${CONFIGURATION}.sasl.jaas.config`]: `password=${MARK};` },
  { ...RIGHT, "spring.cloud.stream.kafka.binder.consumer-properties.sasl.jaas.config": `M required password="${MARK}-7";` },
  {
    ...RIGHT,
    [`${CONFIGURATION}.security.protocol`]: "SSL",
    [`${CONFIGURATION}.ssl.keystore.certificate.chain`]: "-----BEGIN CERTIFICATE-----\\nQUJD\\n-----END CERTIFICATE-----",
  },
];

/** Ways to tell the app, by the source. */
const SOURCES: Readonly<Record<string, (properties: Readonly<Record<string, string>>, folder: string) => Promise<AppSettings>>> = {
  "command line": async (properties) => Promise.resolve({ properties }),
  SPRING_APPLICATION_JSON: async (properties) =>
    Promise.resolve({ properties: {}, args: [], env: { SPRING_APPLICATION_JSON: JSON.stringify(properties) } }),
  environment: async (properties) => {
    const variables = Object.entries(properties).map(([name, value]) => [
      name.replaceAll(".", "_").replaceAll("-", "").toUpperCase(),
      value,
    ]);
    return Promise.resolve({ properties: {}, args: [], env: Object.fromEntries(variables) as Record<string, string> });
  },
  file: async (properties, folder) => {
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value.replaceAll("\\", "\\\\")}\n`);
    await writeFile(join(folder, "more.properties"), lines.join(""));
    return { properties: {}, args: [`--spring.config.import=file:${join(folder, "more.properties")}`] };
  },
  "config tree": async (properties, folder) => {
    for (const [name, value] of Object.entries(properties)) await writeFile(join(folder, name), value);
    return { properties: {}, args: [`--spring.config.import=configtree:${folder}/`] };
  },
};

/** What a wrong configuration leads to, without a process of its own: each of those takes a while to start. */
function faultOf({ properties, args = commandLine(properties), env = {} }: AppSettings): string {
  const opened = propertySources({ args, env, disk: DISK });
  try {
    openAccess(readConfigOf(opened).client.security, DISK);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message;
  }
  return assert.fail("a configuration that is wrong was taken");
}

function commandLine(properties: AppSettings["properties"]): readonly string[] {
  return Object.entries(properties).map(([name, value]) => `--${name}=${value}`);
}

for (const [source, toldBy] of Object.entries(SOURCES)) {
  test(`no secret told by ${source} is ever shown`, async (context) => {
    const folder = await mkdtemp(join(tmpdir(), "timestamp-router-secrets-"));
    context.after(async () => rm(folder, { recursive: true, force: true }));
    const app = startApp(context, await toldBy({ ...AWAY, ...RIGHT }, folder));
    await app.line(/trying again in/u);
    const shown: string[] = [];
    for (const endpoint of ENDPOINTS) shown.push(`${endpoint}: ${await app.text(`/actuator${endpoint}`)}`);
    assert.ok(
      shown.some((text) => text.includes("******")),
      "secrets are masked, not absent",
    );
    await app.stop();
    shown.push(...app.lines, ...app.errorLines);
    for (const [index, wrong] of WRONG.entries()) {
      const own = join(folder, String(index));
      await mkdir(own);
      shown.push(faultOf(await toldBy({ ...AWAY, ...wrong }, own)));
    }
    assert.deepEqual(
      shown.filter((text) => text.includes(MARK)),
      [],
    );
  });
}

test("the line that a wrong configuration ends the app with has no secret in it", async (context) => {
  const app = startApp(context, { properties: { ...AWAY, ...WRONG[0] } });
  assert.equal((await app.ended()).exitCode, 1);
  assert.match(app.errorLines.join("\n"), /^timestamp-router: \S+\.sasl\.jaas\.config \(from command line\): has a character/u);
  assert.doesNotMatch([...app.lines, ...app.errorLines].join("\n"), new RegExp(MARK, "u"));
});
