/** The component under wasmtime, behind a line of JSON each way; see `wasmtime_jobs.py`. */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { wasmtimeEnvironment } from "../redpanda/wasmtime.ts";
import type { Answer, Job } from "./job.ts";

const COMPONENT = join(import.meta.dirname, "..", "..", "build", "component.wasm");
const SCRIPT = join(import.meta.dirname, "wasmtime_jobs.py");

/** A Python process with one instance of the component, that does one job after the other. */
export class WasmtimeWorker {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  private constructor(process: ChildProcess) {
    this.#process = process;
    if (process.stdout === null) throw new Error("the process has no output");
    this.#answers = createInterface({ input: process.stdout })[Symbol.asyncIterator]();
  }

  /** Starts the process. */
  static async start(): Promise<WasmtimeWorker> {
    return new WasmtimeWorker(
      spawn("python3", [SCRIPT, COMPONENT], { env: await wasmtimeEnvironment(), stdio: ["pipe", "pipe", "inherit"] }),
    );
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stdin?.end();
  }

  /** Does a job. */
  async answer(job: Job): Promise<Answer> {
    this.#process.stdin?.write(`${JSON.stringify(job)}\n`);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error("wasmtime's process has ended");
    return JSON.parse(value) as Answer;
  }
}
