/** The component under wasmtime; see `wasmtime_jobs.py`. */
import { join } from "node:path";
import { WasmtimeProcess } from "../wasmtime.ts";
import type { Answer, Job } from "./job.ts";

const COMPONENT = join(import.meta.dirname, "..", "..", "build", "component.wasm");
const SCRIPT = join(import.meta.dirname, "wasmtime_jobs.py");

/** A Python process with one instance of the component, that does one job after the other. */
export class WasmtimeWorker {
  readonly #process: WasmtimeProcess;

  private constructor(process: WasmtimeProcess) {
    this.#process = process;
  }

  /** Starts the process. */
  static async start(): Promise<WasmtimeWorker> {
    return new WasmtimeWorker(await WasmtimeProcess.start(SCRIPT, COMPONENT));
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stop();
  }

  /** Does a job. */
  async answer(job: Job): Promise<Answer> {
    return (await this.#process.answer(job)) as Answer;
  }
}
