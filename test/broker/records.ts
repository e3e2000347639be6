/** What Java's client writes for the app to read, and what it reads of what the app wrote. */
import assert from "node:assert/strict";
import { runProgramOfOurs } from "./programs.ts";

/** Options of `Records.java`, where they are explained. */
export interface RecordOptions {
  readonly records: number;
  readonly partitions: number;
  readonly seed?: number;
  readonly codec?: "none" | "gzip" | "snappy" | "lz4" | "zstd";
  readonly batchBytes?: number;
  readonly tombstoneEvery?: number;
  readonly unroutableEvery?: number;
  readonly plain?: boolean;
  readonly valueBytes?: number;
  readonly transaction?: number;
}

/** What `Verify.java` counts, where it is explained. */
export interface Verdict {
  readonly input: number;
  readonly routed: number;
  readonly deadLetters: number;
  readonly missing: number;
  readonly unexpected: number;
  readonly disordered: number;
  readonly duplicated: number;
  readonly tombstones: number;
  readonly unroutable: number;
}

/** The topics of one run of the app. */
export interface StreamTopics {
  readonly input: string;
  readonly even: string;
  readonly odd: string;
  /** Where unroutable records go, if they go to a topic. */
  readonly deadLetters?: string;
}

/** Fills a topic. Returns how many records were sent, and how many of those were aborted. */
export async function writeRecords(bootstrap: string, topic: string, options: RecordOptions): Promise<{ sent: number; aborted: number }> {
  const args = Object.entries({ bootstrap, topic, ...options }).map(([name, value]) => `${name}=${value}`);
  return JSON.parse((await runOurs("Records", args)).stdout) as { sent: number; aborted: number };
}

/** Compares the outputs, and the dead letters if there are to be any, with the input. Samples of what is wrong go to this process's standard error. */
export async function verify(bootstrap: string, { input, even, odd, deadLetters }: StreamTopics): Promise<Verdict> {
  const { stdout, stderr } = await runOurs("Verify", [bootstrap, input, even, odd, ...(deadLetters === undefined ? [] : [deadLetters])]);
  const samples = stderr.split("\n").filter((line) => /^(?:missing|out of order|unexpected)\b/u.test(line));
  for (const sample of samples) console.error(sample.slice(0, 500));
  return JSON.parse(stdout) as Verdict;
}

/** The verdict on a run in which every record came out exactly once, and in order. */
export function faultless(input: number, notRouted: Partial<Pick<Verdict, "deadLetters" | "tombstones" | "unroutable">> = {}): Verdict {
  const { deadLetters = 0, tombstones = 0, unroutable = 0 } = notRouted;
  const routed = input - deadLetters - tombstones - unroutable;
  return { input, routed, deadLetters, missing: 0, unexpected: 0, disordered: 0, duplicated: 0, tombstones, unroutable };
}

async function runOurs(className: "Records" | "Verify", args: readonly string[]): Promise<{ stdout: string; stderr: string }> {
  const end = await runProgramOfOurs(className, args);
  assert.equal(end.exitCode, 0, end.stdout + end.stderr);
  return end;
}
