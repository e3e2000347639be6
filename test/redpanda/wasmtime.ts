/** Guests under wasmtime, an engine like the broker's own, behind a line of JSON each way; see `wasmtime_host.py`. */
import type { ChildProcess } from "node:child_process";
import { execFile, spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { promisify } from "node:util";
import { cached, isCached } from "../../hosts/demo/broker/cache.ts";
import type { Deployment } from "./deployment.ts";
import { environmentOf } from "./deployment.ts";
import { HOST_FUNCTIONS, wasmType } from "./host-functions.ts";
import type { SourceBatch } from "./source-batch.ts";

/** The version of wasmtime for Python. */
export const WASMTIME_VERSION = "49.0.0";
const HOST = join(import.meta.dirname, "wasmtime_host.py");
const run = promisify(execFile);

/** What became of a run. */
export interface WasmtimeRun {
  readonly written: readonly (readonly [topic: string | null, payload: string])[];
  readonly log: readonly (readonly [descriptor: number, text: string])[];
  readonly startFuel: number;
  readonly recordFuel: readonly number[];
  readonly pages: number;
  readonly error: string | null;
}

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

/** A Python process that runs one guest after the other. */
export class Wasmtime {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (process.stdout === null) throw new Error("the process has no output");
    this.#answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts the process. */
  static async start(): Promise<Wasmtime> {
    const env = await wasmtimeEnvironment();
    return new Wasmtime(spawn("python3", [HOST], { env, stdio: ["pipe", "pipe", "inherit"] }));
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stdin?.end();
  }

  /** Runs a new VM of a module over batches. */
  async run(wasm: Uint8Array, deployment: Deployment, batches: readonly SourceBatch[]): Promise<WasmtimeRun> {
    const functions = Object.entries(HOST_FUNCTIONS).map(([module, known]) => [
      module,
      Object.fromEntries(Object.entries(known).map(([name, parameters]) => [name, wasmType(parameters)])),
    ]);
    const request = {
      wasm: Buffer.from(wasm).toString("base64"),
      functions: Object.fromEntries(functions) as object,
      environment: [...environmentOf(deployment)],
      topics: deployment.outputTopics,
      batches: batches.map(({ header, records }) => ({
        baseOffset: String(header.baseOffset),
        timestamp: String(header.baseTimestamp),
        records: records.map((one) => [String(one.timestamp), String(one.offset), Buffer.from(one.payload).toString("base64")]),
      })),
    };
    this.#process.stdin?.write(`${JSON.stringify(request)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("wasmtime's process has ended");
    return JSON.parse(value) as WasmtimeRun;
  }
}
