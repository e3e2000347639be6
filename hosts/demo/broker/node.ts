import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { open, readFile } from "node:fs/promises";
import { lastLines } from "./program.ts";
import type { NodePlace } from "./properties.ts";
import { registeredBrokers } from "./ready.ts";
import { guardChild } from "./watchdog.ts";

const READY_POLL_MS = 50;
const READY_ANSWER_TIMEOUT_MS = 2000;
const KILLED_TIMEOUT_MS = 10_000;

/** Why nodes did not start. `PORT_TAKEN` is worth another try with other ports. */
export type StartFault = "PORT_TAKEN" | "ENDED" | "NOT_READY";

/** A node of the cluster, and its process while it has one. */
export interface BrokerNode extends NodePlace {
  readonly propertiesFile: string;
  readonly logFile: string;
  /** The program and its arguments. */
  readonly command: readonly [string, ...string[]];
  child: ChildProcess | null;
}

/** Starts the node's process; `untilReady` awaits the rest. The process does not keep ours alive. */
export const launch = async (node: BrokerNode, folder: string): Promise<void> => {
  const log = await open(node.logFile, "a");
  try {
    const [file, ...args] = node.command;
    // Its own process group: Ctrl-C at a terminal must not take the broker away from a program that still drains.
    const child = spawn(file, args, { cwd: folder, detached: true, stdio: ["ignore", log.fd, log.fd] });
    guardChild(child);
    await once(child, "spawn");
    child.unref();
    node.child = child;
  } finally {
    await log.close();
  }
};

/** Whether the node has a process that has not ended. */
export const isRunning = (node: BrokerNode): boolean =>
  node.child !== null && node.child.exitCode === null && node.child.signalCode === null;

/** Ends the node's process and awaits its end: with SIGTERM, and with SIGKILL after the grace time. Without grace time it is killed at once. */
export const end = async (node: BrokerNode, graceMs: number): Promise<void> => {
  const { child } = node;
  if (child === null) return;
  if (graceMs > 0 && isRunning(node)) {
    child.kill("SIGTERM");
    // A node that is paused takes no other signal than these two.
    child.kill("SIGCONT");
    await hasEndedIn(child, graceMs);
  }
  if (isRunning(node)) {
    child.kill("SIGKILL");
    await hasEndedIn(child, KILLED_TIMEOUT_MS);
  }
  node.child = null;
};

/**
 * Awaits that each of the nodes answers and knows all of them as registered and unfenced.
 *
 * *Errors*: `StartError` when a process ends or the time is over, with the last lines of the log; the signal's reason.
 */
export const untilReady = async (nodes: readonly BrokerNode[], timeoutMs: number, signal: AbortSignal | undefined): Promise<void> => {
  const deadline = performance.now() + timeoutMs;
  const waiting = new Set(nodes);
  while (waiting.size > 0) {
    signal?.throwIfAborted();
    for (const node of nodes) if (!isRunning(node)) throw await startError(node, endOfProcess(node));
    const [late] = waiting;
    if (late !== undefined && performance.now() > deadline) throw await startError(late, "is not ready");
    await Promise.all(
      [...waiting].map(async (node) => {
        const ids = await registeredBrokers(node.brokerPort, READY_ANSWER_TIMEOUT_MS);
        if (ids !== null && nodes.every(({ id }) => ids.includes(id))) waiting.delete(node);
      }),
    );
    if (waiting.size > 0) await pause(READY_POLL_MS);
  }
};

/** A cluster could not be started, with the last lines of the log of the node that is to blame. */
export class StartError extends Error {
  readonly code: StartFault;

  constructor(code: StartFault, message: string) {
    super(message);
    this.name = "StartError";
    this.code = code;
  }
}

const startError = async (node: BrokerNode, what: string): Promise<StartError> => {
  const log = await readFile(node.logFile, "utf8");
  const code = /Address already in use/.test(log) ? "PORT_TAKEN" : isRunning(node) ? "NOT_READY" : "ENDED";
  return new StartError(code, `Kafka node ${node.id} ${what}. The end of its log:\n${lastLines(log)}`);
};

const endOfProcess = ({ child }: BrokerNode): string => {
  const how = child?.signalCode ?? `exit code ${child?.exitCode ?? "unknown"}`;
  return `ended with ${how} while starting`;
};

const hasEndedIn = async (child: ChildProcess, timeoutMs: number): Promise<boolean> => {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(), timeoutMs);
  try {
    await once(child, "exit", { signal: deadline.signal });
    return true;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
};

const pause = async (timeMs: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, timeMs));
