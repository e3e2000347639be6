/** The command as a child process, as a shell runs it. */
import { spawn } from "node:child_process";
import type { ChildProcess, StdioOptions } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buffer, text } from "node:stream/consumers";
import type { TestContext } from "node:test";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../hosts/stdio/main.ts", import.meta.url));
/** What takes longer hangs. */
const TIMEOUT_MS = 60_000;

export interface Ended {
  /** Null when a signal ended it. */
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: Buffer;
  readonly stderr: string;
}

/** Starts the command. */
export function start(words: readonly string[], stdio: StdioOptions = "pipe"): ChildProcess {
  return spawn(process.execPath, [MAIN, ...words], { stdio, timeout: TIMEOUT_MS, killSignal: "SIGKILL" });
}

/** Runs the command on an input to its end. */
export async function run(words: readonly string[], input: Uint8Array | string = ""): Promise<Ended> {
  const child = start(words);
  const { stdin, stdout, stderr } = child;
  if (stdin === null || stdout === null || stderr === null) throw new Error("the standard streams are no pipes");
  // A command that does not want its input closes it, which is no fault of the test's.
  stdin.on("error", () => {});
  stdin.end(input);
  const [out, err] = await Promise.all([buffer(stdout), text(stderr), once(child, "close")]);
  return { status: child.exitCode, signal: child.signalCode, stdout: out, stderr: err };
}

/** Returns a folder that the test takes away at its end. */
export function folder(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "timestamp-router-stdio-"));
  context.after(() => {
    rmSync(path, { recursive: true, force: true });
  });
  return path;
}
