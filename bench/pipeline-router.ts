/** A router under measurement: a process of its own on a core of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { guardChild } from "../hosts/demo/broker/watchdog.ts";

/** The core that routers run on; the broker and what measures have the other one. */
export const ROUTER_CORE = 1;
export const BROKER_CORE = 0;

const STOP_TIMEOUT_MS = 12_000;
const TOLD_LINES = 20;

export type Delivery = "at least once" | "exactly once";

/** The topics of one run, and the group that reads for the router. */
export interface Stream {
  readonly bootstrap: string;
  readonly input: string;
  readonly even: string;
  readonly odd: string;
  readonly group: string;
}

/** A program that routes, and how it is started. */
export interface Router {
  readonly name: string;
  readonly delivery: Delivery;
  /** What it is made of, with versions. */
  readonly version: string;
  /** How it is set, in a few words. */
  readonly settings: string;
  /** Whether it gets a part of the records, so that a run doesn't last minutes. */
  readonly isSlow?: true;
  /** Whether it may put records into other partitions than they came from. Its order is not compared then. */
  readonly repartitions?: true;
  command(stream: Stream): readonly [string, ...string[]];
}

/** One that runs. */
export interface RunningRouter {
  readonly pid: number;
  /** Throws, with its last lines, when it has ended. */
  check(): void;
  /** Ends it, with SIGTERM first. */
  stop(): Promise<void>;
}

/** Starts a router on its core. */
export function startRouter(router: Router, stream: Stream): RunningRouter {
  const child = spawn("taskset", ["-c", String(ROUTER_CORE), ...router.command(stream)], { stdio: ["ignore", "pipe", "pipe"] });
  guardChild(child);
  const ended = once(child, "exit");
  ended.catch(() => {});
  const lines: string[] = [];
  for (const output of [child.stdout, child.stderr]) {
    output.on("data", (text: Buffer) => {
      lines.push(...text.toString().trim().split("\n"));
      lines.splice(0, Math.max(0, lines.length - TOLD_LINES));
    });
  }
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null;
  return {
    pid: child.pid ?? 0,
    check: () => {
      if (hasEnded()) throw new Error(`${router.name} ended with ${child.exitCode ?? child.signalCode}:\n${lines.join("\n")}`);
    },
    stop: async () => {
      if (hasEnded()) return;
      child.kill("SIGTERM");
      const late = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}

/** Linux counts CPU time in ticks of 10 ms. */
const TICK_NS = 1e7;

/** Returns the nanoseconds of CPU that a process has had, with all of its threads. */
export function cpuNs(pid: number): number {
  // `pid (name) state ppid ...`: the name may have spaces; user and system time are the 14th and 15th field.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1)?.split(" ") ?? [];
  return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
}

/** Returns the most memory that a process has had resident, in MB. */
export function peakMemoryMb(pid: number): number {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  return (Number(kibibytes) * 1024) / 1e6;
}
