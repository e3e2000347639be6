/** Guests under wasmtime, an engine like the broker's own; see `wasmtime_host.py`. */
import { join } from "node:path";
import { WasmtimeProcess } from "../wasmtime.ts";
import type { Deployment } from "./deployment.ts";
import { environmentOf } from "./deployment.ts";
import { HOST_FUNCTIONS, wasmType } from "./host-functions.ts";
import type { SourceBatch } from "./source-batch.ts";

const HOST = join(import.meta.dirname, "wasmtime_host.py");

/** What became of a run. */
export interface WasmtimeRun {
  readonly written: readonly (readonly [topic: string | null, payload: string])[];
  readonly log: readonly (readonly [descriptor: number, text: string])[];
  readonly startFuel: number;
  readonly recordFuel: readonly number[];
  readonly pages: number;
  readonly error: string | null;
}

/** A Python process that runs one guest after the other. */
export class Wasmtime {
  readonly #process: WasmtimeProcess;

  private constructor(process: WasmtimeProcess) {
    this.#process = process;
  }

  /** Starts the process. */
  static async start(): Promise<Wasmtime> {
    return new Wasmtime(await WasmtimeProcess.start(HOST));
  }

  /** Ends the process. */
  stop(): void {
    this.#process.stop();
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
    return (await this.#process.answer(request)) as WasmtimeRun;
  }
}
