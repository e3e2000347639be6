/** wasmtime, an engine like Redpanda's own, in a Python process behind a line of JSON each way. */
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { cached, isCached } from "../hosts/demo/broker/cache.ts";

/** The version of wasmtime for Python. */
export const WASMTIME_VERSION = "49.0.0";
const run = promisify(execFile);

/** The folder's name says what is in it: a wheel of wasmtime is for one kind of machine, and for any Python 3. */
const FOLDER = `wasmtime-${WASMTIME_VERSION}-${process.platform}-${process.arch}`;

/**
 * What is missing on this machine to run wasmtime, as a reason to skip tests, or null when all is there.
 *
 * *Errors*: with `CI=true` a missing tool is an error, so that a build cannot pass by skipping.
 */
export async function wasmtimeMissing(): Promise<string | null> {
  const needed = (await isCached(FOLDER)) ? ["--version"] : ["-m", "pip", "--version"];
  try {
    await run("python3", needed);
    return null;
  } catch {
    const reason = "Python 3 with pip is missing: install python3 and python3-pip.";
    if (process.env["CI"] === "true") throw new Error(`Tests under wasmtime must run when CI=true. ${reason}`);
    return reason;
  }
}

/** Returns the environment in which Python finds wasmtime; the first time on a machine, pip fetches it into the user's cache. */
export async function wasmtimeEnvironment(): Promise<NodeJS.ProcessEnv> {
  const packages = await cached(FOLDER, async (folder) => {
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--target", folder];
    await run("python3", [...pip, `wasmtime==${WASMTIME_VERSION}`]);
  });
  return { ...process.env, PYTHONPATH: packages, PYTHONDONTWRITEBYTECODE: "1" };
}

/** A Python process that answers one request after the other. */
export class WasmtimeProcess {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (process.stdout === null) throw new Error("the process has no output");
    this.#answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts a script that reads a request from each line of its input, and writes the answer as a line. */
  static async start(script: string, ...scriptArguments: readonly string[]): Promise<WasmtimeProcess> {
    const env = await wasmtimeEnvironment();
    return new WasmtimeProcess(spawn("python3", [script, ...scriptArguments], { env, stdio: ["pipe", "pipe", "inherit"] }));
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stdin?.end();
  }

  /** Returns what the script answers. */
  async answer(request: object): Promise<unknown> {
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("wasmtime's process has ended");
    return JSON.parse(value);
  }
}
