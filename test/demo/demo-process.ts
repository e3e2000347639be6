/** The demo as a child process, as somebody at a terminal runs it. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const MAIN = fileURLToPath(new URL("../../hosts/demo/main.ts", import.meta.url));
const TIMEOUT_MS = 120_000;

export interface DemoProcess {
  readonly args: readonly string[];
  /** Variables to set, or to take out when undefined. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Asked with the standard output so far; SIGINT is sent once it says yes. */
  readonly interruptWhen?: (stdout: string) => boolean;
}

export interface DemoResult {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Standard output in lines, without line ends. */
  readonly lines: readonly string[];
}

/** Runs the demo to its end. */
export async function runDemoProcess({ args, env = {}, interruptWhen = () => false }: DemoProcess): Promise<DemoResult> {
  const child = spawn(process.execPath, ["--disable-warning=TimeoutNegativeWarning", MAIN, ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...env },
    timeout: TIMEOUT_MS,
  });
  let stdout = "";
  let stderr = "";
  let isInterrupted = false;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (isInterrupted || !interruptWhen(stdout)) return;
    isInterrupted = true;
    child.kill("SIGINT");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [exitCode] = (await once(child, "close")) as [number | null];
  return { exitCode, stdout, stderr, lines: stdout.split("\n").slice(0, -1) };
}

/** Returns the whole of what a process wrote, for the message of a failed assertion. */
export function outputOf({ exitCode, stdout, stderr }: DemoResult): string {
  return `exit code ${exitCode}\n${stdout}\n${stderr}`;
}

/** The line of a log sink for a record of an even second. */
export const EVEN_LINE =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}INFO \d+ --- \[evenLogger\] \[container-0-C-1\] log-sink {33}: Even timestamp: \d\d\/\d\d\/\d\d \d\d:\d\d:\d[02468]$/u;

/** The line of a log sink for a record of an odd second. */
export const ODD_LINE =
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z {2}INFO \d+ --- \[oddLogger\] \[container-0-C-1\] log-sink {33}: Odd timestamp:\d\d\/\d\d\/\d\d \d\d:\d\d:\d[13579]$/u;

/** The last line of a run in which all was right. */
export const RIGHT_LINE = /^demo: (\d+) even and (\d+) odd records: each of the (\d+) sent arrived once, in order and where it belongs$/u;

/** Fails unless the demo ended well and both logs have a record. */
export function assertBothLogs(result: DemoResult): void {
  assert.equal(result.exitCode, 0, outputOf(result));
  assert.equal(result.stderr, "");
  for (const pattern of [EVEN_LINE, ODD_LINE]) {
    assert.ok(
      result.lines.some((line) => pattern.test(line)),
      result.stdout,
    );
  }
}
