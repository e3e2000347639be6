/** A copy of the sources, where mutants are made, built and tested. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, cpSync, globSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { BINARIES, type Binary } from "./binaries.ts";

/** The top of the repository. */
export const TOP = join(import.meta.dirname, "..", "..");
/** What mutants may change and tests need; the rest of the repository stays out of their reach. */
const COPIED = ["Dockerfile", "LICENSE", "asconfig.json", "package.json", "tsconfig.json", "core", "docs", "hosts", "test"];
/** What was built without any mutant. */
const SOUND_BUILD = "sound-build";
const REPORTER = join(import.meta.dirname, "first-failure.ts");

/** How a test file ended. */
export interface TestRun {
  readonly end: "passed" | "failed" | "hung";
  readonly ms: number;
}

export class SourceCopy {
  readonly #folder = mkdtempSync(join(tmpdir(), "mutants-"));
  readonly #builder: Worker;
  /** The process of the test file that runs. */
  #running: ChildProcess | null = null;

  constructor() {
    for (const name of COPIED) {
      cpSync(join(TOP, name), join(this.#folder, name), { recursive: true, filter: (path) => !/[\\/]node_modules$/.test(path) });
    }
    symlinkSync(join(TOP, "node_modules"), join(this.#folder, "node_modules"));
    mkdirSync(join(this.#folder, "tmp"));
    this.#builder = new Worker(join(import.meta.dirname, "builder.ts"), { workerData: this.#folder });
  }

  /** Builds everything, before there is any mutant. */
  async buildAll(): Promise<void> {
    for (const binary of BINARIES) {
      const fault = await this.#build(binary);
      if (fault !== null) throw new Error(`${binary.sources[0]} does not compile:\n${fault}`);
    }
    cpSync(join(this.#folder, "build"), join(this.#folder, SOUND_BUILD), { recursive: true });
  }

  /** Returns the files that a glob stands for. */
  filesOf(glob: string): readonly string[] {
    return globSync(glob, { cwd: this.#folder }).toSorted();
  }

  /** Puts a file's text in place of another, with the binary that is made of it, while `use` runs; returns null when it does not compile. */
  async with<Result>(file: string, text: string, binary: Binary | undefined, use: () => Promise<Result>): Promise<Result | null> {
    const path = join(this.#folder, file);
    const sound = readFileSync(path);
    writeFileSync(path, text);
    try {
      if (binary !== undefined && (await this.#build(binary)) !== null) return null;
      return await use();
    } finally {
      writeFileSync(path, sound);
      if (binary !== undefined) cpSync(join(this.#folder, SOUND_BUILD), join(this.#folder, "build"), { recursive: true });
    }
  }

  /** Runs a test file up to its first failure, with one of the core's builds. What it leaves behind, processes and temporary files, does not outlive it and the copy. */
  async test(file: string, msMax: number, core = "core.wasm"): Promise<TestRun> {
    const start = performance.now();
    const output = openSync(this.#outputPath, "w");
    const child = spawn(process.execPath, ["--test-reporter", REPORTER, file], {
      cwd: this.#folder,
      env: this.#environmentWith(core),
      // A group of its own, with all that it starts.
      detached: true,
      stdio: ["ignore", output, output],
    });
    this.#running = child;
    closeSync(output);
    let end: TestRun["end"] = "failed";
    const deadline = setTimeout(() => {
      end = "hung";
      child.kill("SIGKILL");
    }, msMax);
    const [status] = (await once(child, "exit")) as [number | null];
    clearTimeout(deadline);
    this.#running = null;
    killGroup(child);
    return { end: status === 0 ? "passed" : end, ms: performance.now() - start };
  }

  /** What the last test file wrote. */
  output(): string {
    return readFileSync(this.#outputPath, "utf8");
  }

  [Symbol.dispose](): void {
    void this.#builder.terminate();
    if (this.#running !== null) killGroup(this.#running);
    rmSync(this.#folder, { recursive: true, force: true });
  }

  get #outputPath(): string {
    return join(this.#folder, "output.txt");
  }

  #environmentWith(core: string): NodeJS.ProcessEnv {
    return {
      ...process.env,
      CORE_WASM: join(this.#folder, "build", core),
      REDPANDA_WASM: join(this.#folder, "build", "redpanda.wasm"),
      REDPANDA_TIMESTAMP_WASM: join(this.#folder, "build", "redpanda-timestamp.wasm"),
      // The properties take the same way each time, so that a mutant that lives today was not just lucky.
      SEED: "1",
      TMPDIR: join(this.#folder, "tmp"),
    };
  }

  /** Returns what the compiler says against it, or null. */
  async #build(binary: Binary): Promise<string | null> {
    this.#builder.postMessage(BINARIES.indexOf(binary), []);
    const [fault] = (await once(this.#builder, "message")) as [string | null];
    return fault;
  }
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, "SIGKILL");
  } catch {
    // All of it has ended.
  }
}
