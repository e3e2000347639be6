/** How brokers are talked to, by Kafka's properties, and where Spring has them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { KafkaSecurityConfig } from "../../../hosts/dataflow/config-kafka-security.ts";
import { config, fault, type Env } from "./config-checks.ts";

const BINDER = "--spring.cloud.stream.kafka.binder";
const BINDINGS = "--spring.cloud.stream.kafka.bindings";
const PEM = "-----BEGIN CERTIFICATE----- QUJD REVG -----END CERTIFICATE-----";
const KEY = "-----BEGIN PRIVATE KEY-----\\nQUJD\\n-----END PRIVATE KEY-----";

/** Options for all clients. */
function all(...properties: readonly string[]): readonly string[] {
  return properties.map((property) => `${BINDER}.configuration.${property}`);
}

function security(args: readonly string[], env: Env = {}): KafkaSecurityConfig {
  return config(args, env).client.security;
}

const PLAIN = all(
  "security.protocol=sasl_ssl",
  "sasl.mechanism=PLAIN",
  'sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required username="me" password="hide";',
);

test("without a word about it the brokers are talked to in plain", () => {
  const { protocol, tls, login, warnings, withoutEffect } = security([]);
  assert.deepEqual([protocol.value, tls, login, warnings, withoutEffect], ["PLAINTEXT", null, null, [], []]);
});

test("the protocol says whether TLS is spoken and whether the app logs in", () => {
  const { protocol, tls, login } = security(PLAIN);
  assert.equal(protocol.value, "SASL_SSL");
  assert.deepEqual(tls, { trusted: null, own: null, checksHost: true });
  assert.ok(login?.mechanism === "PLAIN");
  assert.deepEqual([login.username, login.password], ["me", "hide"]);
  assert.match(fault(all("security.protocol=TLS")), /"TLS" .*; allowed: PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL$/u);
});

test("each layer of client properties counts, and a consumer's and the producers' must agree", () => {
  for (const layer of [
    "--spring.kafka.security.protocol",
    "--spring.kafka.properties.security.protocol",
    `${BINDER}.configuration.security.protocol`,
  ]) {
    assert.equal(security([`${layer}=SSL`]).protocol.property, layer.slice(2));
  }
  const both = ["--spring.kafka.consumer.security.protocol=SSL", "--spring.kafka.producer.properties.security.protocol=SSL"];
  assert.equal(security(both).protocol.value, "SSL");
  assert.match(
    fault(["--spring.kafka.consumer.security.protocol=SSL", "--spring.kafka.producer.security.protocol=SASL_SSL"]),
    /^spring\.kafka\.consumer\.security\.protocol \(from command line\): is not what spring\.kafka\.producer\.security\.protocol \(from command line\) is; allowed: one value for all/u,
  );
  for (const [layer, who] of [
    [`${BINDER}.consumer-properties`, "output even"],
    [`${BINDER}.producer-properties`, "consumer"],
    [`${BINDINGS}.input.consumer.configuration`, "output even"],
    [`${BINDINGS}.odd.producer.configuration`, "consumer"],
    [`${BINDINGS}.input.consumer.dlqProducerProperties.configuration`, "consumer"],
  ] as const) {
    assert.match(
      fault([`${layer}.security.protocol=SSL`]),
      new RegExp(`is not set for the ${who}; allowed: one value for all`, "u"),
      layer,
    );
  }
});

function jaasWith(password: string): string {
  return `sasl.jaas.config=PlainLoginModule required username="me" password="${password}";`;
}

test("two secrets that differ are named and not shown", () => {
  const args = [
    ...all("security.protocol=SASL_SSL", "sasl.mechanism=PLAIN"),
    `${BINDER}.consumer-properties.${jaasWith("hide1")}`,
    ...all(jaasWith("hide2")),
  ];
  assert.match(fault(args), /consumer-properties\.sasl\.jaas\.config .* is not what \S+\.configuration\.sasl\.jaas\.config/u);
  assert.doesNotMatch(fault(args), /hide/u);
});

test("a login needs a mechanism that the app has, a module for it, and what that asks for", () => {
  const [protocol = "", ...rest] = all("security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-256");
  assert.match(fault([protocol]), /sasl\.mechanism .*is not set, .*Kerberos \(GSSAPI, Kafka's default\) is not supported$/u);
  assert.match(fault([protocol, ...all("sasl.mechanism=GSSAPI")]), /"GSSAPI" is none of the words .*Kerberos/u);
  assert.match(fault([protocol, ...rest]), /sasl\.jaas\.config .*is not set, though the app is to log in/u);
  const withJaas = (jaas: string): string => fault([protocol, ...rest, ...all(`sasl.jaas.config=${jaas}`)]);
  assert.match(
    withJaas('a.PlainLoginModule required username="hide";'),
    /has another login module than \S+mechanism asks for; allowed: ScramLoginModule$/u,
  );
  assert.match(
    withJaas('a.ScramLoginModule required username="hide";'),
    /sasl\.jaas\.config \(from command line\): has no password; allowed/u,
  );
  assert.match(withJaas('a.ScramLoginModule required password="hide'), /has a character where none of its parts can begin/u);
  for (const jaas of ['a.ScramLoginModule required username="hide";', 'a.ScramLoginModule required password="hide']) {
    assert.doesNotMatch(withJaas(jaas), /hide/u);
  }
});

function jaasOptions(prefix: string): readonly string[] {
  return [`${prefix}.jaas.options.username=${prefix.at(-1)}`, `${prefix}.jaas.options.password=hide`];
}

test("the binder's login counts where there is no sasl.jaas.config, and Boot's where it is enabled", () => {
  const base = all("security.protocol=SASL_SSL", "sasl.mechanism=SCRAM-SHA-512");
  const user = (args: readonly string[], env: Env = {}): string => {
    const { login } = security([...base, ...args], env);
    return login?.mechanism === "SCRAM-SHA-512" ? login.username : assert.fail();
  };
  assert.equal(user([...jaasOptions(BINDER), `${BINDER}.jaas.loginModule=org.apache.kafka.common.security.scram.ScramLoginModule`]), "r");
  assert.equal(user([...jaasOptions(BINDER), ...jaasOptions("--spring.kafka"), "--spring.kafka.jaas.enabled=true"]), "r");
  assert.equal(user([...jaasOptions("--spring.kafka"), "--spring.kafka.jaas.enabled=true"]), "a");
  assert.match(fault([...base, ...jaasOptions("--spring.kafka")]), /sasl\.jaas\.config .*is not set/u);
  const env = {
    SPRING_CLOUD_STREAM_KAFKA_BINDER_JAAS_OPTIONS_USERNAME: "e",
    SPRING_CLOUD_STREAM_KAFKA_BINDER_JAAS_OPTIONS_PASSWORD: "hide",
  };
  assert.equal(user([], env), "e");
  assert.match(
    fault([...base, ...jaasOptions(BINDER), `${BINDER}.jaas.login-module=com.sun.security.auth.module.Krb5LoginModule`]),
    /jaas\.options \(from command line\): has another login module/u,
  );
});

test("OAUTHBEARER has an endpoint, a client and extensions", () => {
  const jaas =
    'sasl.jaas.config=a.OAuthBearerLoginModule required clientId="me" clientSecret="hide" scope="s" extension_logicalCluster="lkc";';
  const base = all("security.protocol=SASL_SSL", "sasl.mechanism=OAUTHBEARER", jaas);
  const endpoint = (url: string): readonly string[] => [...base, ...all(`sasl.oauthbearer.token.endpoint.url=${url}`)];
  const { login } = security(endpoint("https://auth/token"));
  assert.ok(login?.mechanism === "OAUTHBEARER");
  const { clientId, clientSecret, scope, extensions } = login;
  assert.deepEqual(
    [login.endpoint.value, clientId, clientSecret, scope, extensions],
    ["https://auth/token", "me", "hide", "s", { logicalCluster: "lkc" }],
  );
  assert.match(fault(base), /token\.endpoint\.url .*is not set/u);
  for (const url of ["auth", "file:///token", "https://me:hide@auth/token"]) {
    assert.match(fault(endpoint(url)), /is no address of a token endpoint; allowed: https:\/\/host\/path, without a user in it$/u);
    assert.doesNotMatch(fault(endpoint(url)), /hide/u);
  }
  assert.deepEqual(security(endpoint("http://auth/token")).warnings, [
    "spring.cloud.stream.kafka.binder.configuration.sasl.oauthbearer.token.endpoint.url begins with http: the client's secret can be read by whoever can read the network",
  ]);
});

test("certificates are PEM in a property or a file, by Kafka's names and by Boot's", () => {
  const ssl = all("security.protocol=SSL");
  const oneLine = "-----BEGIN CERTIFICATE-----\nQUJDREVG\n-----END CERTIFICATE-----\n";
  const trusted = security([...ssl, `--spring.kafka.ssl.trust-store-certificates=${PEM}`]).tls?.trusted;
  assert.deepEqual(trusted, { pem: { value: oneLine, property: "spring.kafka.ssl.trust-store-certificates" } });
  const store = security([...ssl, "--spring.kafka.ssl.trust-store-location=file:/etc/ca.pem", "--spring.kafka.ssl.trust-store-type=pem"])
    .tls?.trusted;
  assert.deepEqual(store, {
    path: { value: "/etc/ca.pem", property: "spring.kafka.ssl.trust-store-location" },
    type: { value: "PEM", property: "spring.kafka.ssl.trust-store-type" },
  });
  const own = security([...ssl, ...all(`ssl.keystore.certificate.chain=${PEM}`, `ssl.keystore.key=${KEY}`, "ssl.key.password=hide")]).tls
    ?.own;
  assert.ok(own !== null && own !== undefined && "key" in own);
  assert.equal(own.key.value, "-----BEGIN PRIVATE KEY-----\nQUJD\n-----END PRIVATE KEY-----\n");
  assert.equal(own.keyPassword?.value, "hide");
});

test("certificates that contradict each other are refused, and a key is never shown", () => {
  const ssl = all("security.protocol=SSL");
  const faults: readonly (readonly [properties: readonly string[], fault: RegExp])[] = [
    [[`ssl.truststore.certificates=${PEM}`, "ssl.truststore.location=/x"], /location .* is set, and so is \S+\.certificates/u],
    [[`ssl.keystore.key=${KEY}`, "ssl.keystore.location=/x"], /location .* is set, and so is \S+\.key/u],
    [[`ssl.keystore.certificate.chain=${PEM}`], /keystore\.key .*is not set, but \S+\.certificate\.chain is/u],
    [[`ssl.keystore.key=${KEY}`], /certificate\.chain .*is not set, but \S+\.keystore\.key is/u],
    [["ssl.keystore.key=hide QUJD"], /\*{6} is not valid; allowed: PEM/u],
    [["ssl.truststore.certificates=-----BEGIN PRIVATE KEY-----QUJD"], /\*{6} is not valid; allowed: PEM/u],
    [["ssl.truststore.location=classpath:ca.pem"], /is no file on the disk; allowed: the path of a file/u],
    [["ssl.endpoint.identification.algorithm=http"], /allowed: https, or nothing for no check/u],
  ];
  for (const [properties, expected] of faults) {
    const message = fault([...ssl, ...all(...properties)]);
    assert.match(message, expected);
    assert.doesNotMatch(message, /QUJD|hide/u);
  }
});

test("what is not as safe as it could be is said at the start", () => {
  assert.deepEqual(security(PLAIN).warnings, []);
  assert.match(
    security([...PLAIN, ...all("ssl.endpoint.identification.algorithm=")]).warnings.join("\n"),
    /identification\.algorithm is empty: anybody/u,
  );
  const plain = PLAIN.map((property) => property.replace("sasl_ssl", "SASL_PLAINTEXT"));
  assert.match(security(plain).warnings.join("\n"), /security\.protocol is SASL_PLAINTEXT: the password can be read/u);
});

test("what counts only with another protocol is said to have no effect", () => {
  assert.deepEqual(config(all("sasl.mechanism=PLAIN", "ssl.truststore.location=/x")).unsupported, [
    "spring.cloud.stream.kafka.binder.configuration.ssl.truststore.location (from command line; spring.cloud.stream.kafka.binder.configuration.security.protocol is PLAINTEXT)",
    "spring.cloud.stream.kafka.binder.configuration.sasl.mechanism (from command line; spring.cloud.stream.kafka.binder.configuration.security.protocol is PLAINTEXT)",
  ]);
});

test("a protocol before the address of a broker must be the one that is spoken", () => {
  assert.deepEqual(config([...all("security.protocol=SSL"), `${BINDER}.brokers=SSL://a:1,b`]).brokers, ["a:1", "b:9092"]);
  assert.match(fault([`${BINDER}.brokers=SSL://a:1`]), /brokers .*names a listener of SSL, but \S+\.security\.protocol is PLAINTEXT/u);
  assert.match(fault([`${BINDER}.brokers=HTTP://a:1`]), /HTTP:\/\/ is none of PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL/u);
});

test("what is set of TLS and of a login, and counts only with another protocol, is told by its name alone", () => {
  const args = [
    `${BINDER}.jaas.options.username=me`,
    `${BINDER}.jaas.options.password=hide`,
    `${BINDER}.jaas.login-module=PlainLoginModule`,
    "--spring.kafka.jaas.options.password=",
    ...all("ssl.keystore.password=hide", "sasl.mechanism=PLAIN"),
  ];
  const inPlain = security(args).withoutEffect;
  assert.deepEqual(
    inPlain.map((line) =>
      line
        .replace(/ \(from command line; \S+security\.protocol is PLAINTEXT\)$/u, "")
        .split(".")
        .slice(-2)
        .join("."),
    ),
    ["keystore.password", "sasl.mechanism", "jaas.login-module", "options.username", "options.password"],
  );
  assert.doesNotMatch(inPlain.join(), /hide|\bme\b/u);
  // What has no effect need not make sense, nor be there.
  const odd = [
    "--spring.kafka.jaas.options.password=${NONE}",
    "--spring.kafka.ssl.key-store-type=BCFKS",
    "--spring.kafka.consumer.ssl.key-password=x",
  ];
  assert.equal(security(odd).withoutEffect.length, 3);
  assert.deepEqual(security([...args, ...all("security.protocol=SASL_SSL")]).withoutEffect, []);
});
