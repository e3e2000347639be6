/** What it means when a broker does not let the app in, in terms of the property that is to blame. Nothing in it is a secret. */
import type { KafkaSecurityConfig, TlsConfig } from "../config-kafka-security.ts";
import { AppError, causesOf, protocolType } from "../errors.ts";
import { PROPERTIES } from "../schema.ts";
import { TokenError } from "./oauth-token.ts";

/** Returns what passes promises on, with errors of access explained. */
export function explainerOf(security: KafkaSecurityConfig): <Result>(step: Promise<Result>) => Promise<Result> {
  return async (step) => {
    try {
      return await step;
    } catch (error) {
      throw accessFault(error, security) ?? error;
    }
  };
}

/** Returns the error for the operator, or null for one that has nothing to do with access. All but those of rights may pass by themselves. */
export function accessFault(error: unknown, security: KafkaSecurityConfig): AppError | null {
  const causes = causesOf(error);
  return loginFault(error, causes, security) ?? tlsFault(causes, security) ?? closedFault(causes, security) ?? rightsFault(error);
}

/** Without the broker's own words, which may repeat what it was sent. */
function loginFault(error: unknown, causes: readonly unknown[], { protocol, login }: KafkaSecurityConfig): AppError | null {
  const type = protocolType(error);
  if (login === null) {
    return type === "ILLEGAL_SASL_STATE" ? loginFailed(`the broker asks for a login: ${protocol.property} is ${protocol.value}`) : null;
  }
  if (type === "ILLEGAL_SASL_STATE")
    return loginFailed(`the broker's listener knows no login, but ${protocol.property} is ${protocol.value}`);
  const token = causes.find((cause) => cause instanceof TokenError);
  if (token !== undefined && login.mechanism === "OAUTHBEARER") {
    return loginFailed(`no token by ${login.endpoint.property} for the client of ${login.property}: ${token.message}`);
  }
  const refusal = causes.find((cause): cause is Error => cause instanceof Error && cause.name === "KafkaJSSASLAuthenticationError");
  if (type === "UNSUPPORTED_SASL_MECHANISM" || /mechanism is not supported/u.test(refusal?.message ?? "")) {
    return loginFailed(`the broker does not offer ${login.mechanism}, which ${login.mechanismProperty} asks for`);
  }
  if (refusal === undefined) return null;
  const who =
    login.mechanism === "OAUTHBEARER" ? `the token for the client of ${login.property}` : `the user or password of ${login.property}`;
  return loginFailed(`the broker does not accept ${who} (${login.mechanism})`);
}

function loginFailed(message: string): AppError {
  return new AppError("LOGIN_FAILED", true, message);
}

/** Alerts of the broker have codes of their own, as has what OpenSSL makes of an answer that is no TLS; the rest are reasons of X.509. */
const ALERT = /^ERR_SSL_.*ALERT/u;
const NO_TLS = /^ERR_SSL_(?:WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST)$/u;
const CERTIFICATE =
  /^(?:CERT_|CRL_|UNABLE_TO_|ERROR_IN_CERT_|DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|PATH_LENGTH_EXCEEDED|INVALID_)/u;

function tlsFault(causes: readonly unknown[], { protocol, tls }: KafkaSecurityConfig): AppError | null {
  if (tls === null) return null;
  for (const cause of causes) {
    if (!(cause instanceof Error)) continue;
    const code = "code" in cause && typeof cause.code === "string" ? cause.code : "";
    const message = tlsMessage({ code, message: cause.message }, tls, `${protocol.property} is ${protocol.value}`);
    if (message !== null) return new AppError("TLS_FAILED", true, message);
  }
  return null;
}

function tlsMessage({ code, message }: { readonly code: string; readonly message: string }, tls: TlsConfig, asked: string): string | null {
  // A ConfigError: a file is not what it was at the start.
  if (code === "CONFIG_INVALID") return message.replace(/^.*?: (?=spring\.)/u, "");
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    return `the broker's certificate is for another host, which ${PROPERTIES.hostNameCheck.name} does not allow`;
  }
  if (ALERT.test(code)) {
    const [, alert = "no reason given"] = /alert ([a-z ]+)/u.exec(message) ?? [];
    return `the broker does not accept the app's certificate (${alert}): ${ownProperty(tls)}`;
  }
  if (CERTIFICATE.test(code)) return `the broker's certificate is not trusted (${code}): ${trustProperty(tls)}`;
  const isClosed = message.includes("before secure TLS connection was established");
  return isClosed || NO_TLS.test(code) ? `the broker's listener does not speak TLS, but ${asked}` : null;
}

function trustProperty({ trusted }: TlsConfig): string {
  if (trusted === null) return `${PROPERTIES.trustCertificates.name} is not set`;
  return "pem" in trusted ? trusted.pem.property : trusted.path.property;
}

function ownProperty({ own }: TlsConfig): string {
  if (own === null) return `${PROPERTIES.keyStore.name} is not set`;
  return "path" in own ? own.path.property : own.certificates.property;
}

/** A listener with TLS or SASL says nothing to who does not begin with it. */
function closedFault(causes: readonly unknown[], { protocol }: KafkaSecurityConfig): AppError | null {
  if (protocol.value !== "PLAINTEXT") return null;
  if (!causes.some((cause) => cause instanceof Error && cause.name === "KafkaJSConnectionClosedError")) return null;
  const hint = `it does so, too, when its listener asks for TLS or a login, and ${protocol.property} is ${protocol.value}`;
  return new AppError("BROKER_UNAVAILABLE", true, `the broker closed the connection; ${hint}`);
}

/** A producer is refused as a whole when it may write to no topic at all. */
function rightsFault(error: unknown): AppError | null {
  if (error instanceof AppError || protocolType(error) !== "CLUSTER_AUTHORIZATION_FAILED") return null;
  const cure = "grant Write on the outputs' topics, and before Kafka 2.8 IdempotentWrite on the cluster";
  return new AppError("PRODUCE_REFUSED", false, `no right to write at all: ${cure}`, error);
}
