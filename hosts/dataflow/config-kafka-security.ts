import { namesOfAlike, readerOfAlike, told, toldIfSet, type ReadAlike, type Told } from "./alike-properties.ts";
import { readLogin, type LoginConfig } from "./config-kafka-login.ts";
import { propertyFault, type Properties, type SetProperty } from "./properties.ts";
import { namesOf } from "./property.ts";
import type { AlikeProperty } from "./schema-kafka-security.ts";
import { PROPERTIES } from "./schema.ts";

/** A file with certificates or a key. */
export interface StoreConfig {
  readonly path: Told<string>;
  /** What it is said to be; null leaves it to the file. */
  readonly type: Told<"PEM" | "PKCS12" | "JKS"> | null;
}

/** How TLS is spoken. */
export interface TlsConfig {
  /** Certificates as PEM, or a file; null trusts what Node.js trusts. */
  readonly trusted: { readonly pem: Told<string> } | StoreConfig | null;
  /** Who the app is; null for a client without a certificate. */
  readonly own:
    | { readonly certificates: Told<string>; readonly key: Told<string>; readonly keyPassword: Told<string> | null }
    | (StoreConfig & { readonly storePassword: Told<string> | null; readonly keyPassword: Told<string> | null })
    | null;
  /** Whether a broker's certificate must be for its host. */
  readonly checksHost: boolean;
}

/** How brokers are talked to. */
export interface KafkaSecurityConfig {
  readonly protocol: Told<"PLAINTEXT" | "SSL" | "SASL_PLAINTEXT" | "SASL_SSL">;
  readonly tls: TlsConfig | null;
  readonly login: LoginConfig | null;
  /** What of it is not as safe as it could be: sentences for the log. */
  readonly warnings: readonly string[];
  /** What is set and counts only with another protocol, each with its name and source. */
  readonly withoutEffect: readonly string[];
}

/** Reads how brokers are talked to. `outputs` are the names of the outputs. */
export function readKafkaSecurity(properties: Properties, outputs: readonly string[]): KafkaSecurityConfig {
  const read = readerOfAlike(properties, outputs);
  const set = read(PROPERTIES.securityProtocol);
  const protocol = {
    value: set?.value ?? properties.read(PROPERTIES.securityProtocol),
    property: set?.name ?? PROPERTIES.securityProtocol.name,
  };
  const isTls = protocol.value === "SSL" || protocol.value === "SASL_SSL";
  const isLogin = protocol.value === "SASL_PLAINTEXT" || protocol.value === "SASL_SSL";
  const tls = isTls ? readTls(read) : null;
  const login = isLogin ? readLogin(properties, read) : null;
  return {
    protocol,
    tls,
    login,
    warnings: warningsOf(protocol, tls, login),
    withoutEffect: [
      ...(isTls ? [] : TLS_PROPERTIES.map((property) => namesOfAlike(property, outputs))),
      ...(isLogin ? [] : [...LOGIN_PROPERTIES.map((property) => namesOfAlike(property, outputs)), ...loginOptions(properties)]),
    ].flatMap((names) => {
      const name = names.find((one) => properties.sourceOf(one) !== null);
      return name === undefined ? [] : [`${name} (from ${properties.sourceOf(name)}; ${protocol.property} is ${protocol.value})`];
    }),
  };
}

const TLS_PROPERTIES: readonly AlikeProperty<unknown>[] = [
  PROPERTIES.trustCertificates,
  PROPERTIES.trustStore,
  PROPERTIES.trustStoreType,
  PROPERTIES.keyCertificates,
  PROPERTIES.key,
  PROPERTIES.keyPassword,
  PROPERTIES.keyStore,
  PROPERTIES.keyStorePassword,
  PROPERTIES.keyStoreType,
];
const LOGIN_PROPERTIES: readonly AlikeProperty<unknown>[] = [PROPERTIES.saslMechanism, PROPERTIES.saslJaasConfig, PROPERTIES.tokenEndpoint];

/** The names of a login's module and of each of its options that is set, by any of their names. */
function loginOptions(properties: Properties): readonly (readonly string[])[] {
  const options = namesOf(PROPERTIES.jaasOption).flatMap((name) => {
    const prefix = name.replace(".<key>", "");
    return properties.keysUnder(prefix).map(({ key }) => `${prefix}.${key}`);
  });
  return [...namesOf(PROPERTIES.jaasLoginModule), ...new Set(options)].map((name) => [name]);
}

function readTls(read: ReadAlike): TlsConfig {
  return { trusted: readTrusted(read), own: readOwn(read), checksHost: read(PROPERTIES.hostNameCheck)?.value ?? true };
}

function readTrusted(read: ReadAlike): TlsConfig["trusted"] {
  const pem = read(PROPERTIES.trustCertificates);
  const path = read(PROPERTIES.trustStore);
  read(PROPERTIES.trustStorePassword);
  refuseBoth(pem, path);
  if (pem !== null) return { pem: told(pem) };
  return path === null ? null : { path: told(path), type: toldIfSet(read(PROPERTIES.trustStoreType)) };
}

function readOwn(read: ReadAlike): TlsConfig["own"] {
  const certificates = read(PROPERTIES.keyCertificates);
  const key = read(PROPERTIES.key);
  const path = read(PROPERTIES.keyStore);
  const keyPassword = toldIfSet(read(PROPERTIES.keyPassword));
  const storePassword = toldIfSet(read(PROPERTIES.keyStorePassword));
  refuseBoth(certificates, path);
  refuseBoth(key, path);
  if (path !== null) return { path: told(path), type: toldIfSet(read(PROPERTIES.keyStoreType)), storePassword, keyPassword };
  if (certificates !== null && key !== null) return { certificates: told(certificates), key: told(key), keyPassword };
  const [half, missing] = certificates === null ? [key, PROPERTIES.keyCertificates] : [certificates, PROPERTIES.key];
  if (half !== null) throw propertyFault(missing.name, undefined, `is not set, but ${half.name} is; allowed: both, or neither`);
  return null;
}

function refuseBoth(text: SetProperty<unknown> | null, file: SetProperty<unknown> | null): void {
  if (text === null || file === null) return;
  throw propertyFault(file.name, file.found, `is set, and so is ${text.name} (from ${text.found.source}); allowed: one of them`);
}

function warningsOf(
  { value, property }: KafkaSecurityConfig["protocol"],
  tls: TlsConfig | null,
  login: LoginConfig | null,
): readonly string[] {
  const warnings: string[] = [];
  if (tls?.checksHost === false) {
    const name = PROPERTIES.hostNameCheck.name;
    warnings.push(`${name} is empty: anybody with a certificate of a trusted authority can be taken for a broker`);
  }
  if (value === "SASL_PLAINTEXT" && login !== null && !login.mechanism.startsWith("SCRAM")) {
    const what = login.mechanism === "PLAIN" ? "the password" : "the token";
    warnings.push(`${property} is ${value}: ${what} can be read by whoever can read the network`);
  }
  if (login?.mechanism === "OAUTHBEARER" && login.endpoint.value.startsWith("http:")) {
    warnings.push(`${login.endpoint.property} begins with http: the client's secret can be read by whoever can read the network`);
  }
  return warnings;
}
