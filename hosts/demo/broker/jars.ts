import { createHash } from "node:crypto";
import { access, constants, readFile, realpath } from "node:fs/promises";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { cached, isCached } from "./cache.ts";
import { lastLines, runProgram } from "./program.ts";

const POM = fileURLToPath(new URL("pom.xml", import.meta.url));
const JAVA_MAJOR_MIN = 17;
const JAVA_TIMEOUT_MS = 30_000;
const MAVEN_TIMEOUT_MS = 600_000;
/** 92 jars of Kafka and 48 of Maven's plug-in, when Maven's own repository is empty. */
const DOWNLOAD_COUNT_ESTIMATE = 140;

/** Where a program is, or a sentence that says what is missing and what to do about it. */
export type Found = { readonly path: string; readonly missing: null } | { readonly path: null; readonly missing: string };

/** Called with sentences for a person who waits. */
export type OnProgress = (sentence: string) => void;

/** How to fetch the jars; the signal ends Maven. */
export interface JarOptions {
  /** Of Kafka; the pom's by default. */
  readonly version?: string | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: OnProgress | undefined;
}

/** The first of `$JAVA_HOME/bin/java` and the `java`s on the PATH that is new enough for Kafka. */
export const findJava = async (): Promise<Found> => {
  const tooOld: string[] = [];
  for (const path of await executables("java")) {
    const major = await javaMajor(path);
    if (major >= JAVA_MAJOR_MIN) return { path, missing: null };
    tooOld.push(`${path} is Java ${major}`);
  }
  const found = tooOld.length > 0 ? ` (${tooOld.join(", ")})` : "";
  return missing(`Java ${JAVA_MAJOR_MIN} or newer is missing${found}: install a JDK and put it on the PATH or set JAVA_HOME.`);
};

/** The Java compiler that belongs to the `java` that `findJava` answers, else one on the PATH. */
export const findJavac = async (): Promise<Found> => {
  const java = await findJava();
  if (java.path === null) return java;
  const beside = join(dirname(await realpath(java.path)), "javac");
  const path = (await isExecutable(beside)) ? beside : (await executables("javac"))[0];
  return path === undefined ? missing(`javac is missing: ${java.path} is a Java runtime only, install the JDK.`) : { path, missing: null };
};

/** Maven on the PATH. It is needed until the jars are in the cache. */
export const findMaven = async (): Promise<Found> => {
  const [path] = await executables("mvn");
  return path === undefined ? missing("Maven (mvn) is missing: install it and put it on the PATH.") : { path, missing: null };
};

/** The path, or an error with the sentence. */
export const required = (found: Found): string => {
  if (found.path === null) throw new Error(found.missing);
  return found.path;
};

/**
 * The folder that holds the jars of the broker and its tools (54 MB). Maven fetches them the first time; afterwards they come from the cache.
 *
 * *Errors*: Maven is missing, or failed (with the end of its output).
 */
export const kafkaJars = async (options: JarOptions = {}): Promise<string> =>
  cached(await jarsFolderName(options.version), async (folder) => fetchJars(POM, folder, options));

/**
 * The folder that holds the jars of another pom, fetched and kept in the same way.
 *
 * *Errors*: as `kafkaJars`.
 */
export const jarsOf = async (name: string, pom: string): Promise<string> =>
  cached(`${name}-${hashOf(await readFile(pom, "utf8"))}`, async (folder) => fetchJars(pom, folder, {}));

const fetchJars = async (pom: string, folder: string, { version, signal, onProgress }: JarOptions): Promise<void> => {
  const maven = required(await findMaven());
  onProgress?.("Fetching Kafka's jars with Maven, once for this user.");
  const result = await runProgram({
    file: maven,
    args: [
      "--batch-mode",
      "-Dstyle.color=never",
      `--file=${pom}`,
      "dependency:copy-dependencies",
      "-DincludeScope=runtime",
      // Up to 3.9 the broker brings a second output for SLF4J, which would write nothing for want of a configuration.
      "-DexcludeArtifactIds=slf4j-reload4j",
      `-DoutputDirectory=${folder}`,
      ...(version === undefined ? [] : [`-Dkafka.version=${version}`]),
    ],
    cwd: folder,
    timeoutMs: MAVEN_TIMEOUT_MS,
    signal,
    onLine: countDownloads(onProgress),
  });
  if (result.exitCode !== 0) throw new Error(mavenFailure(result.stdout + result.stderr));
};

/** Whether `kafkaJars` answers without Maven and without a network. */
export const areKafkaJarsCached = async (): Promise<boolean> => isCached(await jarsFolderName());

/** The name in the cache for something that was made with the pom's jars, for example compiled classes. */
export const cacheNameFor = async (kind: string, hash: string): Promise<string> => cacheName(kafkaVersion(await readPom()), kind, hash);

/** The hash is over the pom, so that a change of any version in it fetches again. */
const jarsFolderName = async (version?: string): Promise<string> => {
  const pom = await readPom();
  return cacheName(version ?? kafkaVersion(pom), "jars", hashOf(pom));
};

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);

const cacheName = (version: string, kind: string, hash: string): string => `kafka-${version}/${kind}-${hash}`;

const readPom = async (): Promise<string> => readFile(POM, "utf8");

const kafkaVersion = (pom: string): string => {
  const version = /<kafka\.version>([^<]+)</.exec(pom)?.[1];
  if (version === undefined) throw new Error(`${POM} has no property kafka.version.`);
  return version;
};

const countDownloads = (onProgress: OnProgress | undefined): ((line: string) => void) => {
  let count = 0;
  return (line) => {
    const name = /Downloaded from \S+ \S+\/([^/\s]+\.jar) /.exec(line)?.[1];
    if (name === undefined) return;
    count += 1;
    onProgress?.(`Fetched ${name} (${count}, of about ${DOWNLOAD_COUNT_ESTIMATE} when Maven starts from nothing).`);
  };
};

const mavenFailure = (output: string): string => {
  // Maven ends with advice on its own switches, and tells about its steps and downloads before.
  const [untilAdvice = ""] = stripVTControlCharacters(output).split("[ERROR] To see the full stack trace");
  const telling = untilAdvice
    .split("\n")
    .filter((line) => !/^\[(?:INFO|WARNING)\]|^\[ERROR\]\s*$|Progress \(/.test(line))
    .join("\n");
  return `Maven could not fetch the jars. Check the network and, behind a proxy or a mirror, Maven's settings.xml. The end of its output:\n${lastLines(telling)}`;
};

/** `java -version` writes `openjdk version "17.0.15"` to standard error, and `"1.8.0_392"` up to Java 8. Zero when it cannot be run. */
const javaMajor = async (path: string): Promise<number> => {
  try {
    const { stderr } = await runProgram({ file: path, args: ["-version"], timeoutMs: JAVA_TIMEOUT_MS });
    const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) ?? [];
    return Number(first === "1" ? second : (first ?? 0));
  } catch {
    return 0;
  }
};

const executables = async (name: string): Promise<readonly string[]> => {
  const javaHome = process.env["JAVA_HOME"];
  const folders = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  if (javaHome !== undefined && javaHome !== "" && name !== "mvn") folders.unshift(join(javaHome, "bin"));
  const found: string[] = [];
  for (const folder of folders) {
    const path = join(folder, name);
    if (await isExecutable(path)) found.push(path);
  }
  return found;
};

const isExecutable = async (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

const missing = (sentence: string): Found => ({ path: null, missing: sentence });
