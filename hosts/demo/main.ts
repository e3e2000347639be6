/** `npm run demo`: reads the command line, runs, and ends the process. The only file that looks at argv and signals. */
import { describeError } from "../dataflow/errors.ts";
import { oneLine } from "../dataflow/one-line.ts";
import { parseCommandLine, USAGE, type DemoOptions } from "./options.ts";
import { runDemo } from "./run.ts";
import { createTerminal } from "./terminal.ts";

const EXIT_USAGE = 2;
const EXIT_FORCED = 130;
/** A package manager passes on the signal that the terminal has sent to all: what comes that soon is not a second wish. */
const SAME_SIGNAL_MS = 1000;

/** Runs what the command line asks for; returns the exit code. */
async function main(): Promise<number> {
  const commandLine = parseCommandLine(process.argv.slice(2));
  if (commandLine.kind === "help") {
    process.stdout.write(USAGE);
    return 0;
  }
  if (commandLine.kind === "fault") {
    process.stderr.write(`demo: ${oneLine(commandLine.fault)}\n${USAGE}`);
    return EXIT_USAGE;
  }
  return run(commandLine.options);
}

async function run(options: DemoOptions): Promise<number> {
  const stop = stopSignal();
  const terminal = createTerminal({
    write: (text) => process.stdout.write(text),
    columns: () => (process.stdout.isTTY ? process.stdout.columns : null),
    now: Date.now,
    pid: process.pid,
  });
  try {
    const { isRight, sentence } = await runDemo({ options, terminal, stop });
    terminal.note(sentence);
    return isRight ? 0 : 1;
  } catch (error) {
    terminal.flush();
    terminal.line("");
    const message = stop.aborted ? "ended before it had begun" : oneLine(describeError(error));
    process.stderr.write(`demo: ${message}\n`);
    return 1;
  }
}

/** Returns the signal that fires with the first SIGINT, SIGTERM or SIGHUP, and when nobody reads the output any more. */
function stopSignal(): AbortSignal {
  const stopping = new AbortController();
  let firstMs: number | null = null;
  const onSignal = (): void => {
    const nowMs = performance.now();
    firstMs ??= nowMs;
    stopping.abort();
    // Whoever asks again does not want to wait; what was started is ended by its watch.
    if (nowMs - firstMs > SAME_SIGNAL_MS) process.exit(EXIT_FORCED);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, onSignal);
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", () => {
      stopping.abort();
    });
  }
  return stopping.signal;
}

process.exitCode = await main();
// Whatever still waits on a socket has nothing left to save.
process.exit();
