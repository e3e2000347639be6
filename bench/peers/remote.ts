/**
 * Candidates in other processes: another engine, or another language. They take turns with the others and take their own CPU time. The first line
 * that they read is the job, `{"module", "job", "batchRecords", "batches"}`; then `run <batch>`, answered by the outputs in base64, and
 * `time <runs>`, answered by nanoseconds, in lines of JSON.
 */
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Candidate } from "../measure.ts";

/** What a remote candidate is told. */
export interface RemoteJob {
  /** The path of the core, for what runs one. */
  readonly module: string;
  /** `values`: a batch is its values end to end, all of the same length; `batch`: it is a RecordBatch. */
  readonly job: "values" | "batch";
  readonly batchRecords: number;
  readonly batches: readonly Uint8Array[];
}

class Remote {
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor(command: readonly [string, ...string[]], env: NodeJS.ProcessEnv) {
    const [file, ...args] = command;
    this.#process = spawn(file, args, { env, stdio: ["pipe", "pipe", "inherit"] });
    if (this.#process.stdout === null) throw new Error(`${file} has no output`);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  tell(line: string): void {
    this.#process.stdin?.write(`${line}\n`);
  }

  async ask<Answer>(line: string): Promise<Answer> {
    this.tell(line);
    const { value, done } = await this.#answers.next();
    if (done === true) throw new Error(`a remote candidate has ended at "${line.slice(0, 40)}"`);
    return JSON.parse(value) as Answer;
  }

  end(): void {
    this.#process.stdin?.end();
  }
}

/** Returns a candidate that `command` runs. */
export function remoteCandidate(name: string, command: readonly [string, ...string[]], env: NodeJS.ProcessEnv, job: RemoteJob): Candidate {
  const remote = new Remote(command, env);
  remote.tell(JSON.stringify({ ...job, batches: job.batches.map((batch) => Buffer.from(batch).toString("base64")) }));
  let outputs: readonly Uint8Array[] = [];
  return {
    name,
    clock: "process",
    async run(batch) {
      outputs = (await remote.ask<readonly string[]>(`run ${batch}`)).map((text) => Buffer.from(text, "base64"));
    },
    outputs: () => outputs,
    time: (runs) => remote.ask<number>(`time ${runs}`),
    close: () => remote.end(),
  };
}
