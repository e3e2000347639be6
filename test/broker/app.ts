/** The whole app as a process of its own, as an operator would run it. */
import assert from "node:assert/strict";
import { spawn, type ChildProcessByStdio } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { guardChild } from "../../hosts/demo/broker/watchdog.ts";

const MAIN = fileURLToPath(new URL("../../hosts/dataflow/main.ts", import.meta.url));
const LINE_TIMEOUT_MS = 30_000;
/** The app promises to end within ten seconds of SIGTERM; a busy machine is given a little more before the test gives up on it. */
const STOP_TIMEOUT_MS = 15_000;

/** How the process ended. */
export interface AppExit {
  /** Null when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** From the call that asked for the end; from the start when it ended by itself. */
  readonly tookMs: number;
}

export interface RunningApp {
  /** All lines of standard output so far. */
  readonly lines: readonly string[];
  /** All lines of standard error so far. */
  readonly errorLines: readonly string[];
  /** The first line of standard output that matches, from the beginning on. Rejects when the app ends before, or after half a minute. */
  line(pattern: RegExp): Promise<string>;
  /** Fetches a path from the app's HTTP port. */
  get(path: string): Promise<{ readonly status: number; readonly body: Readonly<Record<string, unknown>> }>;
  /** Fetches a path that answers with text. */
  text(path: string): Promise<string>;
  /** Posts JSON to a path of the app's HTTP port; returns the status of the answer. */
  post(path: string, body: object): Promise<number>;
  /** Sends SIGTERM and awaits the end. */
  stop(): Promise<AppExit>;
  /** Sends SIGKILL and awaits the end. */
  kill(): Promise<AppExit>;
  /** Freezes it or lets it go on: its connections stay open meanwhile. */
  signal(name: "SIGSTOP" | "SIGCONT"): void;
  /** Awaits the end without asking for it. */
  ended(): Promise<AppExit>;
  /** Resolves with the end, whenever and however that comes. */
  readonly closed: Promise<unknown>;
}

/** A test, or whoever else starts apps: what it has been given is called at its end. */
export interface AppOwner {
  after(end: () => Promise<void>): void;
}

/** What the app is told. The environment has nothing else of ours in it. */
export interface AppSettings {
  readonly properties: Readonly<Record<string, string | number | boolean>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The command line to the letter, in place of the properties. */
  readonly args?: readonly string[];
  /** The program, if it is another one than the app. */
  readonly main?: string;
}

/** Starts the app on a free HTTP port. It is killed at the end of its owner, if it still runs then. */
export function startApp(owner: AppOwner, settings: AppSettings): RunningApp {
  const startedAt = performance.now();
  const child = spawnMain(settings);
  // "close" rather than "exit": by then all lines have been read.
  const closed = once(child, "close") as Promise<[number | null, NodeJS.Signals | null]>;
  closed.catch(() => {});
  const lines: string[] = [];
  const errorLines: string[] = [];
  const output = createInterface({ input: child.stdout });
  output.on("line", (line) => lines.push(line));
  createInterface({ input: child.stderr }).on("line", (line) => errorLines.push(line));

  const told = (): string => [...lines, ...errorLines].slice(-20).join("\n");
  const exitWithin = async (sinceMs: number, timeoutMs: number): Promise<AppExit> => {
    const late = timeout(timeoutMs);
    try {
      const exit = await Promise.race([closed, late.expired]);
      assert.ok(exit !== null, `the app did not end within ${timeoutMs / 1000} s; its last lines:\n${told()}`);
      const [exitCode, signal] = exit;
      return { exitCode, signal, tookMs: performance.now() - sinceMs };
    } finally {
      late.clear();
    }
  };
  const signalAndWait = async (signal: "SIGTERM" | "SIGKILL"): Promise<AppExit> => {
    const askedAt = performance.now();
    child.kill(signal);
    return exitWithin(askedAt, STOP_TIMEOUT_MS);
  };
  const line = async (pattern: RegExp): Promise<string> => {
    const late = timeout(LINE_TIMEOUT_MS);
    try {
      for (;;) {
        const found = lines.find((candidate) => pattern.test(candidate));
        if (found !== undefined) return found;
        const next = new Promise<string>((resolve) => {
          output.once("line", () => resolve("line"));
        });
        const what = await Promise.race([next, closed.then(() => "ended"), late.expired.then(() => "no such line in time")]);
        if (what !== "line" && !lines.some((candidate) => pattern.test(candidate))) {
          assert.fail(`awaiting ${String(pattern)}: ${what}; the app's last lines:\n${told()}`);
        }
      }
    } finally {
      late.clear();
    }
  };
  const origin = async (): Promise<string> => `http://127.0.0.1:${/port (\d+)$/u.exec(await line(/Actuator listens on port \d+$/u))?.[1]}`;
  owner.after(async () => {
    if (child.exitCode === null && child.signalCode === null) await signalAndWait("SIGKILL");
  });
  return {
    lines,
    errorLines,
    line,
    get: async (path) => {
      const response = await fetch((await origin()) + path);
      return { status: response.status, body: (await response.json()) as Readonly<Record<string, unknown>> };
    },
    text: async (path) => (await fetch((await origin()) + path)).text(),
    post: async (path, body) => postJson((await origin()) + path, body),
    stop: async () => signalAndWait("SIGTERM"),
    kill: async () => signalAndWait("SIGKILL"),
    signal: (name) => void child.kill(name),
    ended: async () => exitWithin(startedAt, LINE_TIMEOUT_MS),
    closed: closed.catch(() => {}),
  };
}

async function postJson(url: string, body: object): Promise<number> {
  const headers = { "Content-Type": "application/json" };
  return (await fetch(url, { method: "POST", headers, body: JSON.stringify(body) })).status;
}

function spawnMain({ properties, env = {}, args, main = MAIN }: AppSettings): ChildProcessByStdio<null, Readable, Readable> {
  const told = Object.entries({ "server.port": 0, "server.address": "127.0.0.1", ...properties }).map(
    ([name, value]) => `--${name}=${value}`,
  );
  const child = spawn(process.execPath, ["--disable-warning=TimeoutNegativeWarning", main, ...(args ?? told)], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  guardChild(child);
  return child;
}

/** Resolves to null after the time, and does not keep the process alive once cleared. */
function timeout(timeoutMs: number): { readonly expired: Promise<null>; clear(): void } {
  const { promise, resolve } = Promise.withResolvers<null>();
  const timer = setTimeout(() => resolve(null), timeoutMs);
  return { expired: promise, clear: () => clearTimeout(timer) };
}
