import { anyText, boolean, line, pemText, resource, secretText, words } from "./property-kinds.ts";
import type { About, Property } from "./property.ts";
import { alikeNames } from "./property-layers.ts";

/** A property that reading, writing and dead letters must be told alike, for the app has one client for all. */
export interface AlikeProperty<Value> extends Property<Value> {
  /** The names by who has the property. */
  readonly namesByRole: ReturnType<typeof alikeNames>;
}

const binder = "spring.cloud.stream.kafka.binder";
const STORE_TYPES = { pem: "PEM", pkcs12: "PKCS12", jks: "JKS" } as const;

/** Makes a property of Kafka's clients by its name in Kafka and in Boot, where Boot has one. */
function alike<Value>(
  [key, bootName]: readonly [key: string, bootName: string | null],
  about: Omit<About, "name" | "names">,
  make: (about: About) => Property<Value>,
): AlikeProperty<Value> {
  const namesByRole = alikeNames(key, bootName);
  const names = [...new Set(Object.values(namesByRole).flat())];
  return { ...make({ ...about, name: `${binder}.configuration.${key}`, names }), namesByRole };
}

/** How brokers are talked to, and who the app is to them. */
export const KAFKA_SECURITY_PROPERTIES = {
  securityProtocol: alike(
    ["security.protocol", "security.protocol"],
    { default: "PLAINTEXT", description: "Whether brokers are talked to over TLS (`SSL`), and whether the app logs in (`SASL`)." },
    (about) =>
      words(about, "PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL", {
        plaintext: "PLAINTEXT",
        ssl: "SSL",
        sasl_plaintext: "SASL_PLAINTEXT",
        sasl_ssl: "SASL_SSL",
      }),
  ),
  saslMechanism: alike(
    ["sasl.mechanism", null],
    { default: null, defaultMeaning: "none: it is to be set with SASL", description: "How the app logs in." },
    (about) =>
      words(about, "PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER; Kerberos (GSSAPI, Kafka's default) is not supported", {
        plain: "PLAIN",
        "scram-sha-256": "SCRAM-SHA-256",
        "scram-sha-512": "SCRAM-SHA-512",
        oauthbearer: "OAUTHBEARER",
      }),
  ),
  saslJaasConfig: alike(
    ["sasl.jaas.config", null],
    {
      default: null,
      defaultMeaning: "`spring.cloud.stream.kafka.binder.jaas.options`",
      description: 'The login, in Java\'s format: `<login module> required username="…" password="…";`.',
    },
    secretText,
  ),
  tokenEndpoint: alike(
    ["sasl.oauthbearer.token.endpoint.url", null],
    {
      default: null,
      defaultMeaning: "none",
      description: "Where `OAUTHBEARER` gets its tokens, for the login's `clientId` and `clientSecret`.",
    },
    (about) => ({ ...line(about), emptyIsDefault: true }),
  ),
  jaasLoginModule: line({
    name: `${binder}.jaas.login-module`,
    names: [`${binder}.jaas.login-module`, "spring.kafka.jaas.login-module"],
    default: null,
    defaultMeaning: "that of the mechanism",
    description: "Class of the login's module, which has to be one for the mechanism.",
  }),
  jaasOption: anyText({
    name: `${binder}.jaas.options.<key>`,
    names: [`${binder}.jaas.options.<key>`, "spring.kafka.jaas.options.<key>"],
    default: null,
    defaultMeaning: "none",
    description: "The login's options, such as `username` and `password`, where there is no `sasl.jaas.config`.",
  }),
  jaasEnabled: boolean({
    name: "spring.kafka.jaas.enabled",
    default: "false",
    description: "Whether `spring.kafka.jaas.options.<key>` count; those of the binder do in any case.",
  }),
  hostNameCheck: alike(
    ["ssl.endpoint.identification.algorithm", null],
    { default: "https", description: "With an empty value a broker's certificate need not be for its host; the start warns of it." },
    (about) => words(about, "https, or nothing for no check", { https: true, "": false }),
  ),
  trustCertificates: alike(
    ["ssl.truststore.certificates", "ssl.trust-store-certificates"],
    {
      default: null,
      defaultMeaning: "those that Node.js trusts",
      description: "Certificates of the authorities that are trusted, as PEM.",
    },
    pemText,
  ),
  trustStore: alike(
    ["ssl.truststore.location", "ssl.trust-store-location"],
    { default: null, defaultMeaning: "none", description: "A PEM file with them." },
    resource,
  ),
  trustStoreType: alike(
    ["ssl.truststore.type", "ssl.trust-store-type"],
    { default: null, defaultMeaning: "what the file is", description: "Type of that file; others than PEM have to be converted." },
    (about) => words(about, "PEM, PKCS12 or JKS", STORE_TYPES),
  ),
  trustStorePassword: alike(
    ["ssl.truststore.password", "ssl.trust-store-password"],
    { default: null, defaultMeaning: "none", description: "Has no meaning for PEM, and is taken in silence." },
    secretText,
  ),
  keyCertificates: alike(
    ["ssl.keystore.certificate.chain", "ssl.key-store-certificate-chain"],
    { default: null, defaultMeaning: "none", description: "The app's certificate, and the authorities between it and the root, as PEM." },
    pemText,
  ),
  key: alike(
    ["ssl.keystore.key", "ssl.key-store-key"],
    { default: null, defaultMeaning: "none", description: "Its private key, as PEM (PKCS #8)." },
    pemText,
  ),
  keyPassword: alike(
    ["ssl.key.password", "ssl.key-password"],
    { default: null, defaultMeaning: "none", description: "Password of the private key." },
    secretText,
  ),
  keyStore: alike(
    ["ssl.keystore.location", "ssl.key-store-location"],
    { default: null, defaultMeaning: "none", description: "A file with both: PEM or PKCS12." },
    resource,
  ),
  keyStoreType: alike(
    ["ssl.keystore.type", "ssl.key-store-type"],
    { default: null, defaultMeaning: "what the file is", description: "Type of that file; JKS has to be converted." },
    (about) => words(about, "PEM, PKCS12 or JKS", STORE_TYPES),
  ),
  keyStorePassword: alike(
    ["ssl.keystore.password", "ssl.key-store-password"],
    { default: null, defaultMeaning: "none", description: "Password of a PKCS12 file." },
    secretText,
  ),
} as const;
