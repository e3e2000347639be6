import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { cached } from "./cache.ts";
import { cacheNameFor, findJava, findJavac, kafkaJars, required } from "./jars.ts";
import { jvmArgs, type JvmTuning } from "./jvm.ts";
import { lastLines, runProgram, type ProgramResult } from "./program.ts";
import { guardChild } from "./watchdog.ts";

const TIMEOUT_MS = 60_000;
const COMPILE_TIMEOUT_MS = 120_000;
const TOOL_HEAP_MB = 256;
const PROGRAM_HEAP_MB = 1024;
/** The oldest Java that we support, so that classes in the cache run on every one that `findJava` answers. */
const JAVA_RELEASE = 17;

/** A Java class to run to its end. */
export interface ToolOptions {
  /** For example `org.apache.kafka.tools.TopicCommand`. */
  readonly className: string;
  readonly args: readonly string[];
  readonly stdin?: string | Uint8Array | undefined;
  /** One minute by default. */
  readonly timeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** 256 by default for Kafka's tools, 1024 for classes of ours. */
  readonly heapMb?: number | undefined;
  /** `quick` by default. */
  readonly jvm?: JvmTuning | undefined;
}

/** A Java source file of ours and the class in it to run. */
export interface JavaOptions extends ToolOptions {
  readonly source: string;
  /** Source files that this one needs. */
  readonly besides?: readonly string[] | undefined;
}

/**
 * Runs one of the command-line classes in Kafka's jars. Each run starts a JVM, which takes about a second.
 *
 * *Errors*: as `runProgram`; Java or the jars are missing. A bad exit code is an answer.
 */
export const runTool = async (options: ToolOptions): Promise<ProgramResult> =>
  runClass({ ...options, heapMb: options.heapMb ?? TOOL_HEAP_MB }, await kafkaJars(options), undefined);

/**
 * Compiles a Java source file against Kafka's jars, unless this very source has been compiled before, and runs a class of it.
 *
 * *Errors*: as `runTool`; the source does not compile (with the compiler's words).
 */
export const runJava = async (options: JavaOptions): Promise<ProgramResult> => {
  const jars = await kafkaJars(options);
  return runClass({ ...options, heapMb: options.heapMb ?? PROGRAM_HEAP_MB }, jars, await compile(options, jars));
};

/**
 * Compiles as `runJava` does and starts the class, to talk with it over its standard input and output. It is killed when this process dies.
 *
 * *Errors*: as `runJava`, but for those of the run.
 */
export const startJava = async (options: JavaOptions): Promise<ChildProcessWithoutNullStreams> => {
  const jars = await kafkaJars(options);
  const classes = await compile(options, jars);
  const jvm = jvmArgs({ jars, classes, heapMb: options.heapMb ?? TOOL_HEAP_MB, jvm: options.jvm ?? "quick" });
  const child = spawn(required(await findJava()), [...jvm, options.className, ...options.args], { stdio: "pipe" });
  guardChild(child);
  return child;
};

const runClass = async (
  options: ToolOptions & { readonly heapMb: number },
  jars: string,
  classes: string | undefined,
): Promise<ProgramResult> => {
  const jvm = jvmArgs({ jars, classes, heapMb: options.heapMb, jvm: options.jvm ?? "quick" });
  return runProgram({
    file: required(await findJava()),
    args: [...jvm, options.className, ...options.args],
    stdin: options.stdin,
    timeoutMs: options.timeoutMs ?? TIMEOUT_MS,
    signal: options.signal,
  });
};

const compile = async ({ source, besides = [], signal }: JavaOptions, jars: string): Promise<string> => {
  const sources = [source, ...besides];
  // The jars' folder has their versions in its name; the files' names matter to javac.
  const hash = createHash("sha256").update(jars);
  for (const file of sources) hash.update(`\n${basename(file)}\n`).update(await readFile(file));
  const name = await cacheNameFor("classes", hash.digest("hex").slice(0, 16));
  return cached(name, async (folder) => {
    const result = await runProgram({
      file: required(await findJavac()),
      args: ["--release", String(JAVA_RELEASE), "-proc:none", "-cp", `${jars}/*`, "-d", folder, ...sources],
      timeoutMs: COMPILE_TIMEOUT_MS,
      signal,
    });
    if (result.exitCode !== 0) throw new Error(`${source} does not compile:\n${lastLines(result.stdout + result.stderr, 40)}`);
  });
};
