/** The broker of the security tests: listeners with TLS and SASL, users, and rights. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type { ClusterOptions } from "../../hosts/demo/broker/cluster.ts";
import type { SecuredListener } from "../../hosts/demo/broker/properties.ts";
import { runTool } from "../../hosts/demo/broker/tools.ts";
import type { Certificates } from "./certificates.ts";

/** Passwords of the users, who are called after what they log in with. */
export const PASSWORDS = { plain: "plain-password", scram256: "scram256-password", scram512: "scram512-password" } as const;
export const LOGIN_MODULES = {
  PLAIN: "org.apache.kafka.common.security.plain.PlainLoginModule",
  "SCRAM-SHA-256": "org.apache.kafka.common.security.scram.ScramLoginModule",
  "SCRAM-SHA-512": "org.apache.kafka.common.security.scram.ScramLoginModule",
  OAUTHBEARER: "org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule",
} as const;
/** Longest that a login with a token lasts: kafkajs logs in anew with each request in its last ten seconds. */
const REAUTHENTICATION_MS = 60_000;

/**
 * The options of a cluster with the listeners SASL (SASL_PLAINTEXT), SASLTLS (SASL_SSL), TLS (SSL) and MUTUAL (SSL, with certificates of clients).
 * Who comes by the plain listener, or without a certificate, may do everything; others have the rights that they are given.
 */
export function securedOptions({ authority, server }: Certificates): Omit<ClusterOptions, "nodes"> {
  const tls = {
    "ssl.keystore.type": "PEM",
    "ssl.keystore.location": server.both,
    "ssl.truststore.type": "PEM",
    "ssl.truststore.location": authority,
  };
  const sasl = {
    "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER",
    "plain.sasl.jaas.config": `${LOGIN_MODULES.PLAIN} required user_plain="${PASSWORDS.plain}";`,
    "scram-sha-256.sasl.jaas.config": `${LOGIN_MODULES["SCRAM-SHA-256"]} required;`,
    "scram-sha-512.sasl.jaas.config": `${LOGIN_MODULES["SCRAM-SHA-512"]} required;`,
    "oauthbearer.sasl.jaas.config": `${LOGIN_MODULES.OAUTHBEARER} required unsecuredLoginStringClaim_sub="broker";`,
    "oauthbearer.connections.max.reauth.ms": REAUTHENTICATION_MS,
  };
  const secured: readonly SecuredListener[] = [
    { name: "SASL", protocol: "SASL_PLAINTEXT", properties: sasl },
    { name: "SASLTLS", protocol: "SASL_SSL", properties: { ...sasl, ...tls, "sasl.enabled.mechanisms": "PLAIN,SCRAM-SHA-512" } },
    { name: "TLS", protocol: "SSL", properties: tls },
    { name: "MUTUAL", protocol: "SSL", properties: { ...tls, "ssl.client.auth": "required" } },
  ];
  return {
    secured,
    scramUsers: [
      `SCRAM-SHA-256=[name=scram256,password=${PASSWORDS.scram256}]`,
      `SCRAM-SHA-512=[name=scram512,password=${PASSWORDS.scram512}]`,
    ],
    properties: {
      "authorizer.class.name": "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
      "super.users": "User:ANONYMOUS",
    },
  };
}

const binder = "spring.cloud.stream.kafka.binder.configuration";

/** What the app is told of a login. */
export function login(
  protocol: "SASL_PLAINTEXT" | "SASL_SSL",
  mechanism: keyof typeof LOGIN_MODULES,
  options: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const words = Object.entries(options).map(([name, value]) => `${name}="${value}"`);
  return {
    [`${binder}.security.protocol`]: protocol,
    [`${binder}.sasl.mechanism`]: mechanism,
    [`${binder}.sasl.jaas.config`]: `${[LOGIN_MODULES[mechanism], "required", ...words].join(" ")};`,
  };
}

/** What the app is told of TLS: whom it trusts, and more. */
export function trusting(authority: string, more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  const all = { "security.protocol": "SSL", "ssl.truststore.certificates": readFileSync(authority, "utf8"), ...more };
  return Object.fromEntries(Object.entries(all).map(([key, value]) => [`${binder}.${key}`, value]));
}

const TOOL = "kafka.admin.ConfigCommand";

/** Gives a user a password for SCRAM-SHA-256. */
export async function addScramUser(bootstrap: string, user: string, password: string): Promise<void> {
  const entity = ["--entity-type", "users", "--entity-name", user];
  const args = ["--bootstrap-server", bootstrap, "--alter", "--add-config", `SCRAM-SHA-256=[password=${password}]`, ...entity];
  const { exitCode, stdout, stderr } = await runTool({ className: TOOL, args });
  assert.equal(exitCode, 0, stdout + stderr);
}
