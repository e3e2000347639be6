/** What it means when a broker does not let the app in, and the login with a token. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import { accessFault } from "../../../hosts/dataflow/kafka/access-fault.ts";
import { authenticateByToken } from "../../../hosts/dataflow/kafka/oauth-bearer.ts";
import { config } from "./config-checks.ts";

/** The fault of an error of kafkajs, for an app with some properties of security. */
function faultOf(error: unknown, ...properties: readonly string[]): AppError | null {
  const args = properties.map((property) => `--spring.cloud.stream.kafka.binder.configuration.${property}`);
  return accessFault(error, config(args).client.security);
}

/** An error with fields of kafkajs's, within another one, as kafkajs has them. */
function wrapped(message: string, fields: Readonly<Record<string, unknown>>): Error {
  return new Error("too many attempts", { cause: Object.assign(new Error(message), fields) });
}

const LOGIN = [
  "security.protocol=SASL_SSL",
  "sasl.mechanism=PLAIN",
  'sasl.jaas.config=PlainLoginModule required username="me" password="hide";',
] as const;

test("a refused login names the property, keeps the broker's words to itself, and is tried again", () => {
  const error = wrapped("SASL PLAIN authentication failed: hide", { name: "KafkaJSSASLAuthenticationError" });
  const fault = faultOf(error, ...LOGIN);
  assert.ok(fault instanceof AppError);
  assert.deepEqual([fault.code, fault.retriable, fault.cause], ["LOGIN_FAILED", true, undefined]);
  assert.equal(
    fault.message,
    "the broker does not accept the user or password of spring.cloud.stream.kafka.binder.configuration.sasl.jaas.config (PLAIN)",
  );
});

test("a mechanism or a login that the broker does not have is no wrong password", () => {
  const named = { name: "KafkaJSSASLAuthenticationError" };
  assert.match(
    faultOf(wrapped("SASL PLAIN mechanism is not supported by the server", named), ...LOGIN)?.message ?? "",
    /does not offer PLAIN/u,
  );
  assert.match(faultOf(wrapped("x", { type: "UNSUPPORTED_SASL_MECHANISM" }), ...LOGIN)?.message ?? "", /does not offer PLAIN/u);
  assert.match(faultOf(wrapped("x", { type: "ILLEGAL_SASL_STATE" }), ...LOGIN)?.message ?? "", /listener knows no login/u);
});

test("errors of TLS are told by their codes, with the property that is to blame", () => {
  const trusted = "/authority.pem";
  const told: readonly (readonly [code: string, message: string, says: RegExp])[] = [
    ["SELF_SIGNED_CERT_IN_CHAIN", "x", /certificate is not trusted \(SELF_SIGNED_CERT_IN_CHAIN\): \S+\.ssl\.truststore\.location$/u],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", "x", /is not trusted/u],
    ["CERT_HAS_EXPIRED", "x", /is not trusted \(CERT_HAS_EXPIRED\)/u],
    ["ERR_TLS_CERT_ALTNAME_INVALID", "x", /is for another host, which \S+\.ssl\.endpoint\.identification\.algorithm does not allow$/u],
    [
      "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
      "ssl3:tlsv13 alert certificate required:x",
      /accept the app's certificate \(certificate required\): \S+\.location is not set$/u,
    ],
    ["ERR_SSL_WRONG_VERSION_NUMBER", "x", /does not speak TLS, but \S+\.security\.protocol is SSL$/u],
    ["CONFIG_INVALID", "Connection error: spring.x: there is no file /x", /^spring\.x: there is no file \/x$/u],
  ];
  for (const [code, message, says] of told) {
    const fault = faultOf(wrapped(message, { code }), "security.protocol=SSL", `ssl.truststore.location=${trusted}`);
    assert.ok(fault?.code === "TLS_FAILED" && fault.retriable, code);
    assert.match(fault.message, says);
  }
});

test("what has nothing to do with access is left as it is, and no right to write at all ends the app", () => {
  for (const error of [wrapped("x", { code: "ECONNREFUSED" }), wrapped("x", { type: "NOT_LEADER_FOR_PARTITION" }), "x"]) {
    assert.equal(faultOf(error, ...LOGIN), null);
    assert.equal(faultOf(error), null);
  }
  const refused = faultOf(wrapped("x", { type: "CLUSTER_AUTHORIZATION_FAILED" }));
  assert.deepEqual([refused?.code, refused?.retriable], ["PRODUCE_REFUSED", false]);
});

/** Logs in at a broker that answers so; returns what it was sent. */
async function sentTo(answer: string, extensions: Readonly<Record<string, string>> = {}): Promise<string> {
  let sent = "";
  const exchange: Parameters<typeof authenticateByToken>[0] = {
    saslAuthenticate: async ({ request, response }) => {
      const message = await request.encode();
      assert.equal(message.readInt32BE(0), message.length - 4);
      sent = message.subarray(4).toString();
      return response?.parse(await response.decode(Buffer.from(`\0\0\0\0${answer}`)));
    },
  };
  await authenticateByToken(exchange, async () => Promise.resolve("the-token"), extensions);
  return sent;
}

test("a token is sent with its extensions, and an answer that has something to say is a refusal", async () => {
  assert.equal(await sentTo(""), "n,,\u0001auth=Bearer the-token\u0001\u0001");
  assert.equal(await sentTo("", { pool: "p" }), "n,,\u0001auth=Bearer the-token\u0001pool=p\u0001\u0001");
  await assert.rejects(sentTo('{"status":"invalid_token"}'), {
    name: "KafkaJSSASLAuthenticationError",
    message: /failed: invalid_token$/u,
    retriable: false,
  });
  await assert.rejects(sentTo("hide"), (error) => error instanceof Error && !error.message.includes("hide"));
});
