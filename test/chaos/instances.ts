/** The routers of a chaos run: processes that come and go, and come back when they end by themselves. */
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startApp, type AppExit, type RunningApp } from "../broker/app.ts";

/** What a platform waits before it starts a process anew. */
const RESTART_MS = 1000;
/** What the app promises. */
const STOP_PROMISE_MS = 10_000;
const LAST_LINES = 8;

/** All routers of a run share one group. */
export interface Instances extends AsyncDisposable {
  /** Of those that run. */
  readonly names: readonly string[];
  /** What no router should do: end by itself, or not as it was asked to. */
  readonly surprises: readonly string[];
  /** Starts one more; returns its name. */
  start(): string;
  /** Awaits that a router has joined its group. */
  untilRouting(name: string): Promise<void>;
  /** Ends it with SIGTERM. */
  stop(name: string): Promise<void>;
  /** Ends it with SIGKILL. */
  kill(name: string): Promise<void>;
  /** Freezes it with SIGSTOP. */
  pause(name: string): void;
  /** Lets it go on with SIGCONT. */
  resume(name: string): void;
  stopAll(): Promise<void>;
  /** How many lines of all logs match so far. */
  countLines(pattern: RegExp): number;
  /** Writes the log of each router that there was into a folder of its own; returns the folder's path. */
  keepLogs(): Promise<string>;
}

/** Which program the routers are, and what they are told. */
export interface InstanceOptions {
  /** Null for the app. */
  readonly main: string | null;
  readonly properties: Readonly<Record<string, string | number>>;
  readonly onSurprise: (sentence: string) => void;
}

/** Returns the routers: none yet. */
export function createInstances(options: InstanceOptions): Instances {
  return new RunningInstances(options);
}

class RunningInstances implements Instances {
  readonly surprises: string[] = [];
  readonly #options: InstanceOptions;
  readonly #running = new Map<string, RunningApp>();
  readonly #all = new Map<string, RunningApp>();
  readonly #ends: (() => Promise<void>)[] = [];
  #isOver = false;

  constructor(options: InstanceOptions) {
    this.#options = options;
  }

  get names(): readonly string[] {
    return [...this.#running.keys()];
  }

  start(): string {
    const { main, properties } = this.#options;
    const name = `router-${this.#all.size + 1}`;
    const owner = { after: (end: () => Promise<void>) => this.#ends.push(end) };
    const app = startApp(owner, { properties, ...(main === null ? {} : { main }) });
    this.#running.set(name, app);
    this.#all.set(name, app);
    void this.#watch(name, app);
    return name;
  }

  async untilRouting(name: string): Promise<void> {
    await this.#running.get(name)?.line(/Routing /u);
  }

  async stop(name: string): Promise<void> {
    const app = this.#take(name);
    let exit: AppExit;
    try {
      exit = await app.stop();
    } catch (error) {
      this.#surprise(`${name} did not stop: ${String(error)}`);
      await app.kill();
      return;
    }
    const { exitCode, tookMs } = exit;
    if (exitCode !== 0) this.#surprise(`${name} answered SIGTERM with exit code ${exitCode}`);
    if (tookMs > STOP_PROMISE_MS) this.#surprise(`${name} took ${Math.round(tookMs)} ms to stop`);
  }

  async kill(name: string): Promise<void> {
    await this.#take(name).kill();
  }

  pause(name: string): void {
    this.#running.get(name)?.signal("SIGSTOP");
  }

  resume(name: string): void {
    this.#running.get(name)?.signal("SIGCONT");
  }

  async stopAll(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.names.map(async (name) => this.stop(name)));
  }

  countLines(pattern: RegExp): number {
    return [...this.#all.values()].reduce((count, { lines }) => count + lines.filter((line) => pattern.test(line)).length, 0);
  }

  async keepLogs(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), "timestamp-router-chaos-"));
    for (const [name, { lines, errorLines }] of this.#all) {
      await writeFile(join(folder, `${name}.log`), [...lines, ...errorLines, ""].join("\n"));
    }
    return folder;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#isOver = true;
    this.#running.clear();
    await Promise.all(this.#ends.map(async (end) => end()));
  }

  /** From now on its end is no surprise. */
  #take(name: string): RunningApp {
    const app = this.#running.get(name);
    if (app === undefined) throw new Error(`${name} does not run`);
    this.#running.delete(name);
    return app;
  }

  async #watch(name: string, { closed, lines, errorLines }: RunningApp): Promise<void> {
    await closed;
    if (!this.#running.delete(name)) return;
    const last = [...lines, ...errorLines].slice(-LAST_LINES);
    this.#surprise([`${name} ended by itself; its last lines:`, ...last].join("\n    "));
    setTimeout(() => {
      if (!this.#isOver) this.start();
    }, RESTART_MS);
  }

  #surprise(sentence: string): void {
    this.surprises.push(sentence);
    this.#options.onSurprise(sentence);
  }
}
