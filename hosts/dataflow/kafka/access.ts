/** How the app gets in: what its clients need to speak TLS and to log in. */
import type { ConnectionOptions } from "node:tls";
import type { KafkaSecurityConfig } from "../config-kafka-security.ts";
import type { LoginConfig } from "../config-kafka-login.ts";
import type { SaslOptions } from "./kafkajs.ts";
import { authenticateByToken } from "./oauth-bearer.ts";
import { createTokenSource } from "./oauth-token.ts";
import { readTlsOptions, type StoreDisk } from "./tls.ts";

/** What a client needs to be let in. */
export interface Access {
  /** Called for each connection; null speaks in plain. */
  readonly tls: (() => ConnectionOptions) | null;
  /** Null does not log in. A new one for each client, which writes to it. */
  readonly sasl: (() => SaslOptions) | null;
}

/** What a client needs that anybody may be. */
export const OPEN_ACCESS: Access = { tls: null, sasl: null };

/** Puts files and properties to the test, and returns what clients need. Throws `ConfigError`. */
export function openAccess({ tls, login }: KafkaSecurityConfig, disk: StoreDisk): Access {
  if (tls !== null) readTlsOptions(tls, disk);
  return { tls: tls === null ? null : () => readTlsOptions(tls, disk), sasl: login === null ? null : loginOptions(login) };
}

const KAFKAJS_NAMES = { PLAIN: "plain", "SCRAM-SHA-256": "scram-sha-256", "SCRAM-SHA-512": "scram-sha-512" } as const;

function loginOptions(login: LoginConfig): () => SaslOptions {
  if (login.mechanism === "OAUTHBEARER") {
    const source = createTokenSource({ ...login, endpoint: login.endpoint.value }, Date.now);
    return () => ({
      mechanism: login.mechanism,
      authenticationProvider: (exchange) => ({ authenticate: async () => authenticateByToken(exchange, source, login.extensions) }),
    });
  }
  const { username, password } = login;
  const mechanism = KAFKAJS_NAMES[login.mechanism];
  // The types know each mechanism by itself.
  return () => ({ mechanism, username, password }) as SaslOptions;
}
