#!/usr/bin/env node
/** The command: routes records from files or standard input. The only file that looks at argv, signals and standard error. */
import { readFileSync, writeSync } from "node:fs";
import { isatty } from "node:tty";
import { RouterError } from "../router-error.ts";
import { BlockRouter } from "./block-router.ts";
import { countsJson, countsText, noCounts, unroutableIn } from "./counts.ts";
import { CutOffError, StreamError, UnroutableError, UsageError } from "./errors.ts";
import { readOptions, type Options } from "./options.ts";
import { GUEST, MANIFEST } from "./program-files.ts";
import { createReport } from "./report.ts";
import { routeInputs, unlessStopped } from "./route-inputs.ts";
import { RETRY_MS, findInput, openOutputs } from "./streams.ts";
import { USAGE } from "./usage.ts";

/** Exit statuses; a signal ends the program as it ends any other. */
const ALL_ROUTED = 0;
const SOME_UNROUTABLE = 1;
const WRONG_USAGE = 2;
const FAILED = 3;

const STANDARD_OUTPUT = 1;
const STANDARD_ERROR = 2;

/** Whether something was not said that somebody may want to read, as when a disk is full. */
let hasLeftUnsaid = false;

/** How often a line is tried on a standard error that is full: no signal is heard in between. */
const TRIES_MAX = 1000;

function say(text: string): void {
  let rest = Buffer.from(text);
  for (let tries = 0; rest.length > 0; tries++) {
    try {
      rest = rest.subarray(writeSync(STANDARD_ERROR, rest));
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EAGAIN" || tries >= TRIES_MAX) {
        // When nobody is left to be told, nothing is lost.
        if (code !== "EPIPE" && code !== "EBADF") hasLeftUnsaid = true;
        return;
      }
      // Somebody has set it to non-blocking; whoever says something waits all the same.
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
}

/** Returns the paths of what the router's sinks are written to: one an output, or standard output for all, and the file of unroutable records. */
function sinkPaths(outputs: readonly string[], { outs, unroutable }: Options): readonly (string | null)[] {
  for (const output of outs.keys()) {
    if (!outputs.includes(output)) throw new UsageError(`--out ${output}=: there is no such output; there are ${outputs.join(", ")}`);
  }
  if (outs.size === 0 && unroutable === "-") {
    throw new UsageError("--unroutable - needs --out for each output: standard output has the routed records");
  }
  if (outs.size === 0) return [...outputs.map((_, index) => (index === 0 ? "-" : null)), unroutable];
  return [
    ...outputs.map((output) => {
      const path = outs.get(output);
      if (path === undefined) throw new UsageError(`--out is missing for ${output}; --out ${output}=/dev/null leaves its records out`);
      return path;
    }),
    unroutable,
  ];
}

/** Follows the options; returns the exit status. */
async function route(options: Options, stopped: AbortSignal): Promise<number> {
  const router = new BlockRouter(new WebAssembly.Module(readFileSync(GUEST)), options.rule);
  const paths = sinkPaths(router.outputs, options);
  const { policy, framing } = options;
  router.open({ framing, named: options.outs.size === 0, keepsUnroutable: policy === "dlq", stopsAtUnroutable: policy === "stop" });
  const inputs = await Promise.all(options.inputs.map(findInput));
  const outputs = await unlessStopped(stopped, openOutputs(paths, inputs));
  // The signal says how it ends.
  if (outputs === null) return ALL_ROUTED;
  // On a terminal that shows the records as well, progress would be in their midst.
  const showsProgress = isatty(STANDARD_ERROR) && !isatty(STANDARD_OUTPUT);
  const report = createReport({ write: say, showsProgress, now: Date.now });
  const startMs = performance.now();
  let counts = noCounts(router.outputs);
  try {
    await routeInputs({ router, inputs, outputs, policy, report, stopped }, (current) => {
      counts = current;
    });
    for (const output of outputs) await output?.close();
  } finally {
    report.end();
    const seconds = (performance.now() - startMs) / 1000;
    if (options.stats !== null) say((options.stats === "json" ? countsJson : countsText)(counts, seconds));
  }
  const unroutable = unroutableIn(counts);
  if (policy === "dlq" && unroutable > 0)
    report.note(`wrote ${unroutable} unroutable record${unroutable === 1 ? "" : "s"} to ${outputs.at(-1)?.name}`);
  if (hasLeftUnsaid) return FAILED;
  return unroutable === 0 ? ALL_ROUTED : SOME_UNROUTABLE;
}

/** Follows a command line; returns the exit status. */
async function main(words: readonly string[], stopped: AbortSignal): Promise<number> {
  try {
    const options = readOptions(words);
    if (options === "help" || options === "version") {
      const { name, version } = JSON.parse(readFileSync(MANIFEST, "utf8")) as { name: string; version: string };
      const [output] = await openOutputs(["-"], []);
      await output?.write(Buffer.from(options === "help" ? USAGE : `${name} ${version}\n`));
      return ALL_ROUTED;
    }
    return await route(options, stopped);
  } catch (error) {
    const isUsage = error instanceof UsageError || error instanceof RouterError;
    const isKnown = error instanceof StreamError || error instanceof CutOffError || error instanceof UnroutableError;
    // Anything else is our own mistake, and ends the process with its stack.
    if (!isUsage && !isKnown) throw error;
    say(`timestamp-router: ${error.message}\n${isUsage ? "timestamp-router --help has the options\n" : ""}`);
    return isUsage ? WRONG_USAGE : error instanceof UnroutableError ? SOME_UNROUTABLE : FAILED;
  }
}

function ignore(): void {}

/** Gives a signal back its default action: Node.js ignores SIGPIPE, so that writing to a closed pipe would be an error like any other. */
function restoreDefault(signal: NodeJS.Signals): void {
  process.on(signal, ignore);
  process.off(signal, ignore);
}

const stop = new AbortController();
let received: NodeJS.Signals | null = null;
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  // Once: what was routed is still written, but a second signal ends it at once.
  process.once(signal, () => {
    received = signal;
    stop.abort();
  });
}
restoreDefault("SIGPIPE");
const status = await main(process.argv.slice(2), stop.signal);
// A read that waits on a terminal or a pipe would hold up an exit, but not a signal, after which a shell also knows why it ended.
if (received !== null) process.kill(process.pid, received);
process.exitCode = status;
