import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import { basename } from "node:path";
import { createInterface } from "node:readline";
import { guardChild } from "./watchdog.ts";

/** What a program that has ended left: its exit code (null when a signal ended it) and all that it wrote, read as UTF-8. */
export interface ProgramResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program to run to its end. */
export interface Program {
  readonly file: string;
  readonly args: readonly string[];
  readonly timeoutMs: number;
  readonly stdin?: string | Uint8Array | undefined;
  readonly cwd?: string | undefined;
  /** This process's by default. */
  readonly env?: NodeJS.ProcessEnv | undefined;
  /** Ends the program with SIGKILL. */
  readonly signal?: AbortSignal | undefined;
  /** Called for each line of standard output as it comes. */
  readonly onLine?: ((line: string) => void) | undefined;
}

/**
 * Runs a program to its end. A bad exit code is an answer and not an error.
 *
 * *Errors*: the program cannot be started, or had to be ended because of the timeout or the signal (then the signal's reason).
 */
export const runProgram = async (program: Program): Promise<ProgramResult> => {
  program.signal?.throwIfAborted();
  const child = spawn(program.file, program.args, { cwd: program.cwd, env: program.env, stdio: "pipe" });
  guardChild(child);
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  if (program.onLine) createInterface({ input: child.stdout }).on("line", program.onLine);
  // A program that ends without reading all of its input is none of our errors.
  child.stdin.on("error", () => undefined);
  child.stdin.end(program.stdin ?? "");

  const deadline = AbortSignal.timeout(program.timeoutMs);
  const exitCode = await endOf(child, AbortSignal.any(program.signal ? [program.signal, deadline] : [deadline]));
  program.signal?.throwIfAborted();
  const result = { exitCode, stdout: stdout(), stderr: stderr() };
  if (exitCode === null && deadline.aborted) {
    const name = basename(program.file);
    throw new Error(
      `${name} did not end within ${program.timeoutMs / 1000} s. The end of its output:\n${lastLines(result.stdout + result.stderr)}`,
    );
  }
  return result;
};

/** The end of a log, without the frames of Java's stack traces: they would push out the line that says what is wrong. */
export const lastLines = (text: string, lineCount = 15): string =>
  text
    .split("\n")
    .filter((line) => line.trim() !== "" && !/^\s+(?:at |\.\.\. \d+ more)/.test(line))
    .slice(-lineCount)
    .join("\n");

const endOf = async (child: ChildProcessWithoutNullStreams, stop: AbortSignal): Promise<number | null> => {
  const end = (): void => {
    child.kill("SIGKILL");
    // A grandchild may hold the pipes open, and then "close" would never come.
    child.stdout.destroy();
    child.stderr.destroy();
  };
  stop.addEventListener("abort", end, { once: true });
  try {
    return await new Promise<number | null>((resolve, reject) => {
      child.once("close", (exitCode) => resolve(exitCode));
      child.once("error", reject);
    });
  } finally {
    stop.removeEventListener("abort", end);
  }
};

const collect = (stream: NodeJS.ReadableStream): (() => string) => {
  const chunks: Uint8Array[] = [];
  stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString("utf8");
};
