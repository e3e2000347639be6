/** What TLS needs of files and properties, as Node.js wants it. */
import { X509Certificate } from "node:crypto";
import tls, { type ConnectionOptions, type SecureContextOptions } from "node:tls";
import { ConfigError } from "../config-error.ts";
import type { Told } from "../alike-properties.ts";
import type { StoreConfig, TlsConfig } from "../config-kafka-security.ts";
import { readPem } from "../pem.ts";
import type { ConfigDisk } from "../sources/config-disk.ts";

export type StoreDisk = Pick<ConfigDisk, "readFile">;

/**
 * Reads the files and puts them to the test. Throws `ConfigError`, which names the property that is to blame. To be called for each connection,
 * so that a certificate that is renewed on the disk counts without a restart.
 */
export function readTlsOptions({ trusted, own, checksHost }: TlsConfig, disk: StoreDisk): ConnectionOptions {
  const trustOptions = trusted === null ? {} : { ca: trustedPem(trusted, disk) };
  const ownOptions = own === null ? {} : ownCertificate(own, disk);
  return {
    secureContext: tls.createSecureContext({ ...trustOptions, ...ownOptions }),
    // Else the variable NODE_TLS_REJECT_UNAUTHORIZED could have it that nobody is checked.
    rejectUnauthorized: true,
    ...(checksHost ? {} : { checkServerIdentity: () => undefined }),
  };
}

function trustedPem(trusted: NonNullable<TlsConfig["trusted"]>, disk: StoreDisk): string {
  const { pem, property } = "pem" in trusted ? { pem: trusted.pem.value, property: trusted.pem.property } : trustedFile(trusted, disk);
  const certificates = pem.split(/(?<=-----END [A-Z0-9 ]+-----\n)/u).filter((block) => block.startsWith("-----BEGIN CERTIFICATE-----"));
  // OpenSSL would take it in silence, and trust nobody.
  if (certificates.length === 0) throw new ConfigError(`${property}: has no certificate; allowed: certificates of authorities, as PEM`);
  for (const certificate of certificates) attempt(property, "has a certificate that can't be read", () => new X509Certificate(certificate));
  return certificates.join("");
}

function trustedFile(store: StoreConfig, disk: StoreDisk): { readonly pem: string; readonly property: string } {
  const { kind, bytes } = readStore(store, disk);
  const { property, value: path } = store.path;
  // Node.js takes a PKCS #12 file only for who it is itself.
  if (kind === "PKCS12") throw conversion(store, "PKCS12", `openssl pkcs12 -in ${path} -nokeys -out trusted.pem`);
  return { pem: readPem(bytes.toString("latin1")), property };
}

function ownCertificate(own: NonNullable<TlsConfig["own"]>, disk: StoreDisk): SecureContextOptions {
  const password = own.keyPassword?.value;
  if (!("path" in own)) {
    const { certificates, key } = own;
    return pemIdentity(certificates, key, password);
  }
  const { kind, bytes } = readStore(own, disk);
  const { property } = own.path;
  if (kind === "PEM") {
    const pem = { value: readPem(bytes.toString("latin1")), property };
    return pemIdentity(pem, pem, password);
  }
  const passphrase = own.storePassword?.value ?? password;
  const options = { pfx: bytes, ...(passphrase === undefined ? {} : { passphrase }) };
  attempt(property, "can't be opened with its password, or has no key", () => tls.createSecureContext(options));
  return options;
}

function pemIdentity(certificates: Told<string>, key: Told<string>, password: string | undefined): SecureContextOptions {
  const cert = certificates.value;
  const passphrase = password === undefined ? {} : { passphrase: password };
  attempt(certificates.property, "has no certificate that can be read", () => tls.createSecureContext({ cert }));
  attempt(key.property, "has no key that can be read with its password", () => tls.createSecureContext({ key: key.value, ...passphrase }));
  const options = { cert, key: key.value, ...passphrase };
  attempt(key.property, "is not the key of the certificate", () => tls.createSecureContext(options));
  return options;
}

/** Runs what OpenSSL may refuse. Its reasons are words of its own, with nothing of what it was given. */
function attempt(property: string, problem: string, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    throw new ConfigError(`${property}: ${problem} (${error instanceof Error ? error.message : "no reason given"})`);
  }
}

type StoreKind = "PEM" | "PKCS12";

/** Reads a file and finds out what it is, by its first bytes; Java, too, takes a PKCS #12 file where JKS is said. */
function readStore(store: StoreConfig, disk: StoreDisk): { readonly kind: StoreKind; readonly bytes: Buffer } {
  const { value: path, property } = store.path;
  const found = disk.readFile(path);
  if (found === null) throw new ConfigError(`${property}: there is no file ${path}`);
  const bytes = Buffer.from(found);
  const kind = kindOf(bytes);
  const { type } = store;
  if (kind === "JKS") throw conversion(store, "JKS", conversionOfJks(store));
  if (kind === null) throw new ConfigError(`${property}: ${path} is neither PEM nor PKCS12`);
  if (type !== null && type.value !== kind && type.value !== "JKS") {
    throw new ConfigError(`${type.property}: is ${type.value}, but ${path} is ${kind}`);
  }
  return { kind, bytes };
}

/** `FE ED FE ED` begins a JKS file; a PKCS #12 file is one DER sequence, and has a version 3 at its beginning. */
function kindOf(bytes: Buffer): StoreKind | "JKS" | null {
  if (bytes.length >= 4 && bytes.readUInt32BE(0) === 0xfe_ed_fe_ed) return "JKS";
  if (bytes.includes("-----BEGIN ")) return "PEM";
  return bytes[0] === 0x30 ? "PKCS12" : null;
}

function conversionOfJks({ path }: StoreConfig): string {
  return path.property.includes("trust")
    ? `keytool -list -rfc -keystore ${path.value} > trusted.pem`
    : `keytool -importkeystore -srckeystore ${path.value} -destkeystore own.p12 -deststoretype PKCS12`;
}

function conversion({ path }: StoreConfig, kind: string, command: string): ConfigError {
  return new ConfigError(`${path.property}: ${path.value} is ${kind}, which can't be read here; convert it once: ${command}`);
}
