/**
 * The Java programs of these tests. They run in one JVM, which lives as long as this process: to start one and to load Kafka's client takes
 * longer than most of what a test has to write and to read, and a test does both.
 */
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import type { Socket } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { startJava } from "../../hosts/demo/broker/tools.ts";

const TIMEOUT_MS = 90_000;
const HEAP_MB = 1024;

/** What a program has written, and how it ended. */
interface ProgramEnd {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

interface Programs {
  run(line: string): Promise<ProgramEnd>;
}

let running: Promise<Programs> | undefined;
/** The program before: they run one after another. */
let before: Promise<unknown> = Promise.resolve();

/** Runs a class of this folder to its end. */
export async function runProgramOfOurs(className: "Records" | "Verify", args: readonly string[]): Promise<ProgramEnd> {
  const end = before.then(async () => {
    running ??= start();
    return (await running).run([className, ...args].join("\t"));
  });
  before = end.catch(() => (running = undefined));
  return end;
}

async function start(): Promise<Programs> {
  const besides = [sourceOf("Records"), sourceOf("Verify")];
  const jvm = await startJava({ source: sourceOf("Programs"), besides, className: "Programs", args: [], heapMb: HEAP_MB });
  const answers = createInterface({ input: jvm.stdout })[Symbol.asyncIterator]();
  let complaints = "";
  jvm.stderr.on("data", (text: Buffer) => (complaints += text.toString()));
  return {
    run: async (line) => {
      hold(jvm, true);
      const deadline = setTimeout(() => jvm.kill("SIGKILL"), TIMEOUT_MS);
      jvm.stdin.write(`${line}\n`);
      const answer = await answers.next();
      clearTimeout(deadline);
      hold(jvm, false);
      if (answer.done === true)
        throw new Error(`${line.split("\t", 1)[0]}: the JVM ended, or took longer than ${TIMEOUT_MS / 1000} s:\n${complaints}`);
      const [exitCode, stdout = "", stderr = ""] = answer.value.split(" ");
      return { exitCode: Number(exitCode), stdout: textOf(stdout), stderr: textOf(stderr) };
    },
  };
}

/** Between programs the JVM does not keep this process alive. */
function hold(jvm: ChildProcessWithoutNullStreams, isHeld: boolean): void {
  for (const handle of [jvm, jvm.stdin, jvm.stdout, jvm.stderr] as readonly (Socket | ChildProcessWithoutNullStreams)[]) {
    if (isHeld) handle.ref();
    else handle.unref();
  }
}

function textOf(base64: string): string {
  return Buffer.from(base64, "base64").toString();
}

function sourceOf(className: string): string {
  return fileURLToPath(new URL(`${className}.java`, import.meta.url));
}
