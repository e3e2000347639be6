/** Certificates for tests, made by openssl when they are needed. */
import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../hosts/demo/broker/program.ts";
import { guardFolder } from "../../hosts/demo/broker/watchdog.ts";

const OPENSSL_TIMEOUT_MS = 30_000;
export const STORE_PASSWORD = "store-password";

/** Paths of PEM files: a certificate, its key, and both in one file; and of both in PKCS #12, with `STORE_PASSWORD`. */
export interface Certificate {
  readonly certificate: string;
  readonly key: string;
  readonly both: string;
  readonly pkcs12: string;
}

/** A folder of certificates. */
export interface Certificates extends AsyncDisposable {
  readonly folder: string;
  /** Certificate of the authority of all others. */
  readonly authority: string;
  /** Of an authority that has nothing to do with them. */
  readonly stranger: string;
  /** For the address 127.0.0.1, and not for its name. */
  readonly server: Certificate;
  /** For `CN=router`. */
  readonly client: Certificate;
  /** Runs openssl in the folder. */
  readonly openssl: (...args: readonly string[]) => Promise<void>;
}

/** Makes all of them, anew each time. */
export async function makeCertificates(): Promise<Certificates> {
  const folder = await mkdtemp(join(tmpdir(), "timestamp-router-certificates-"));
  const unguardFolder = guardFolder(folder);
  const openssl = async (...args: readonly string[]): Promise<void> => {
    const result = await runProgram({ file: "openssl", args, cwd: folder, timeoutMs: OPENSSL_TIMEOUT_MS });
    assert.equal(result.exitCode, 0, result.stderr);
  };
  const authority = await makeAuthority(folder, openssl, "authority");
  return {
    folder,
    authority,
    stranger: await makeAuthority(folder, openssl, "stranger"),
    server: await makeSigned(folder, openssl, ["server", "subjectAltName=IP:127.0.0.1"]),
    client: await makeSigned(folder, openssl, ["router", "extendedKeyUsage=clientAuth"]),
    openssl,
    [Symbol.asyncDispose]: async () => {
      await rm(folder, { recursive: true, force: true });
      unguardFolder();
    },
  };
}

const NEW_KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"] as const;

async function makeAuthority(folder: string, openssl: Certificates["openssl"], name: string): Promise<string> {
  const subject = ["-subj", `/CN=${name}`, "-addext", "keyUsage=critical,keyCertSign"];
  await openssl("req", "-x509", ...NEW_KEY, "-days", "2", ...subject, "-keyout", `${name}.key`, "-out", `${name}.pem`);
  return join(folder, `${name}.pem`);
}

async function makeSigned(
  folder: string,
  openssl: Certificates["openssl"],
  [name, extension]: readonly [name: string, extension: string],
): Promise<Certificate> {
  const authority = ["-CA", "authority.pem", "-CAkey", "authority.key"];
  await openssl(
    "req",
    "-x509",
    ...authority,
    ...NEW_KEY,
    "-days",
    "2",
    "-subj",
    `/CN=${name}`,
    "-addext",
    extension,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.pem`,
  );
  await openssl(
    "pkcs12",
    "-export",
    "-in",
    `${name}.pem`,
    "-inkey",
    `${name}.key`,
    "-passout",
    `pass:${STORE_PASSWORD}`,
    "-out",
    `${name}.p12`,
  );
  const [certificate, key, both, pkcs12] = [".pem", ".key", "-both.pem", ".p12"].map((end) => join(folder, name + end)) as [
    string,
    string,
    string,
    string,
  ];
  await writeFile(both, (await readFile(key, "utf8")) + (await readFile(certificate, "utf8")));
  return { certificate, key, both, pkcs12 };
}
