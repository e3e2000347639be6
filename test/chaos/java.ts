/** The Java programs of a chaos run, which answer each line that they are sent with a line of JSON. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { runJava, startJava, type JavaOptions } from "../../hosts/demo/broker/tools.ts";

const LAST_LINES = 10;

/** A Java process to talk with. */
export interface Talk extends AsyncDisposable {
  /** Sends a command and awaits its answer. Rejects when the program says that it failed, or ends. */
  ask<Answer>(command: string): Promise<Answer>;
}

/** Returns what to run: a class in the source file of its name, in this folder, with arguments `name=value`. */
function ours(className: string, args: readonly string[]): JavaOptions {
  return { source: sourceOf(className), besides: [sourceOf("NumberedRecord")], className, args };
}

function sourceOf(className: string): string {
  return fileURLToPath(new URL(`${className}.java`, import.meta.url));
}

/** Returns options as a Java program of ours takes them. */
export function asArguments(options: Readonly<Record<string, string | number | boolean>>): string[] {
  return Object.entries(options).map(([name, value]) => `${name}=${value}`);
}

/** Runs a class to its end; returns its answer, and the lines of its standard error. */
export async function run<Answer>(className: string, args: readonly string[], timeoutMs: number): Promise<[Answer, string[]]> {
  const { exitCode, stdout, stderr } = await runJava({ ...ours(className, args), timeoutMs });
  assert.equal(exitCode, 0, stdout + stderr);
  return [JSON.parse(stdout) as Answer, stderr.split("\n")];
}

/** Starts a class to talk with. */
export async function talkWith(className: string, args: readonly string[]): Promise<Talk> {
  const child = await startJava(ours(className, args));
  const complaints: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    complaints.push(line);
    if (complaints.length > LAST_LINES) complaints.shift();
  });
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  child.stdin.on("error", () => {});
  // One question at a time: the answers bear no names.
  let before: Promise<unknown> = Promise.resolve();
  const askNow = async (command: string): Promise<unknown> => {
    child.stdin.write(`${command}\n`);
    const answer = await answers.next();
    if (answer.done === true) throw new Error(`${className} ended at "${command}":\n${complaints.join("\n")}`);
    const parsed = JSON.parse(answer.value) as { readonly error?: string };
    if (parsed.error !== undefined) throw new Error(`${className} at "${command}": ${parsed.error}`);
    return parsed;
  };
  return {
    ask: async <Answer>(command: string) => {
      const asked = before.then(async () => askNow(command));
      before = asked.catch(() => {});
      return asked as Promise<Answer>;
    },
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}
