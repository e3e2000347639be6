/** What TLS is told of files, and what is said of files that are wrong. */
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import type { TlsConfig } from "../../../hosts/dataflow/config-kafka-security.ts";
import { ConfigError } from "../../../hosts/dataflow/config.ts";
import { readTlsOptions } from "../../../hosts/dataflow/kafka/tls.ts";
import { DISK } from "../../../hosts/dataflow/sources/config-disk.ts";
import { makeCertificates, STORE_PASSWORD } from "../../broker/certificates.ts";
import { config } from "./config-checks.ts";

const certificates = await makeCertificates();
after(async () => certificates[Symbol.asyncDispose]());
const { authority, client, server, openssl, folder } = certificates;
const encryptedKey = join(folder, "encrypted.key");
await openssl("pkcs8", "-topk8", "-in", client.key, "-out", encryptedKey, "-passout", "pass:key-password");

function tlsOf(...properties: readonly string[]): TlsConfig {
  const args = ["security.protocol=SSL", ...properties].map((property) => `--spring.cloud.stream.kafka.binder.configuration.${property}`);
  return config(args).client.security.tls ?? assert.fail();
}

function text(path: string): string {
  return readFileSync(path, "utf8");
}

test("certificates and keys are taken from PEM, encrypted or not, and from PKCS12, with one type said for the other where Java has it so", () => {
  for (const properties of [
    [],
    [`ssl.truststore.location=${authority}`, "ssl.truststore.type=PEM"],
    [`ssl.truststore.certificates=${text(authority).replaceAll("\n", " ")}`],
    [`ssl.keystore.location=${client.both}`],
    [`ssl.keystore.location=${client.pkcs12}`, `ssl.keystore.password=${STORE_PASSWORD}`, "ssl.keystore.type=JKS"],
    [`ssl.keystore.certificate.chain=${text(client.certificate)}`, `ssl.keystore.key=${text(client.key)}`],
    [
      `ssl.keystore.certificate.chain=${text(client.certificate)}`,
      `ssl.keystore.key=${text(encryptedKey)}`,
      "ssl.key.password=key-password",
    ],
  ]) {
    const { rejectUnauthorized, checkServerIdentity } = readTlsOptions(tlsOf(...properties), DISK);
    assert.deepEqual([rejectUnauthorized, checkServerIdentity], [true, undefined]);
  }
  const { checkServerIdentity: unchecked } = readTlsOptions(tlsOf("ssl.endpoint.identification.algorithm="), DISK);
  assert.ok(unchecked !== undefined, "Node.js's own check would be made");
  assert.equal(unchecked("x", {} as never), undefined);
});

test("a file that is wrong is refused with its property, and how to convert it in one line where that is to be done", () => {
  const jks = join(folder, "own.jks");
  writeFileSync(jks, Buffer.from("feedfeed00000002", "hex"));
  const nothing = join(folder, "nothing");
  writeFileSync(nothing, "nothing");
  const faults: readonly (readonly [properties: readonly string[], fault: RegExp])[] = [
    [["ssl.truststore.location=/none"], /ssl\.truststore\.location: there is no file \/none$/u],
    [[`ssl.truststore.location=${nothing}`], /is neither PEM nor PKCS12$/u],
    [[`ssl.truststore.location=${client.key}`], /ssl\.truststore\.location: has no certificate; allowed/u],
    [[`ssl.truststore.location=${client.pkcs12}`], /is PKCS12, .*: openssl pkcs12 -in \S+\.p12 -nokeys -out trusted\.pem$/u],
    [[`ssl.truststore.location=${jks}`], /is JKS, .*: keytool -list -rfc -keystore \S+\.jks > trusted\.pem$/u],
    [
      [`ssl.keystore.location=${jks}`],
      /is JKS, .*: keytool -importkeystore -srckeystore \S+ -destkeystore own\.p12 -deststoretype PKCS12$/u,
    ],
    [[`ssl.keystore.location=${client.both}`, "ssl.keystore.type=PKCS12"], /ssl\.keystore\.type: is PKCS12, but \S+ is PEM$/u],
    [
      [`ssl.keystore.location=${client.pkcs12}`, "ssl.keystore.password=hide"],
      /ssl\.keystore\.location: can't be opened with its password/u,
    ],
    [
      [`ssl.keystore.certificate.chain=${text(client.certificate)}`, `ssl.keystore.key=${text(server.key)}`],
      /ssl\.keystore\.key: is not the key of the certificate/u,
    ],
    [
      [`ssl.keystore.certificate.chain=${text(client.certificate)}`, `ssl.keystore.key=${text(encryptedKey)}`, "ssl.key.password=hide"],
      /ssl\.keystore\.key: has no key that can be read with its password/u,
    ],
    [
      ["ssl.truststore.certificates=-----BEGIN CERTIFICATE-----QUJD-----END CERTIFICATE-----"],
      /ssl\.truststore\.certificates: has a certificate that can't be read/u,
    ],
  ];
  for (const [properties, fault] of faults) {
    assert.throws(
      () => readTlsOptions(tlsOf(...properties), DISK),
      (error) => {
        assert.ok(error instanceof ConfigError);
        assert.match(error.message, fault);
        assert.doesNotMatch(error.message, /hide/u);
        return true;
      },
    );
  }
});
