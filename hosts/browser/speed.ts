/** Times the core beside plain JavaScript on this machine. */
import { Router } from "../embed.ts";
import type { PackedValues } from "../routed.ts";
import { formatTime } from "./format-time.ts";
import { roomFor, routeByBytes, routeBySteps, STEP_BYTES } from "./plain-javascript.ts";
import { DEFAULTS } from "./rule-defaults.ts";

const VALUES = 100_000;
const ROUNDS = 15;
/** Long beside what a browser's clock can tell apart. */
const SAMPLE_MS = 25;

/** What came of one way to do the work: values a second, of the median round and of each. */
export interface Speed {
  readonly name: string;
  readonly median: number;
  readonly rounds: readonly number[];
}

/** Measures; `onRound` hears how far it is. Throws when they do not all make the same bytes. */
export async function measureSpeed(module: WebAssembly.Module, onRound: (done: number, all: number) => void): Promise<readonly Speed[]> {
  const values = timestamps();
  const router = new Router(module);
  const room = roomFor(values);
  const ways = [
    { name: "The core", run: () => router.routePackedValues(values).outputs },
    { name: "JavaScript, byte by byte", run: () => routeByBytes(values, room) },
    { name: "JavaScript, eight bytes a step", run: () => routeBySteps(values, room) },
  ];
  const ours = ways[0]?.run() ?? [];
  for (const { name, run } of ways) if (!areSame(ours, run())) throw new Error(`${name} does not make the same bytes as the core`);
  const perRun = ways.map(({ run }) => runsOf(run));
  const samples: number[][] = ways.map(() => []);
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < ways.length; turn++) {
      const index = (turn + round) % ways.length;
      samples[index]?.push((VALUES * 1000) / timed(ways[index]?.run, perRun[index] ?? 1));
    }
    onRound(round + 1, ROUNDS);
    // The page stays alive in between.
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return ways.map(({ name }, index) => ({ name, median: medianOf(samples[index] ?? []), rounds: samples[index] ?? [] }));
}

/** A second each, from a time that is the same in every run, so that the bytes are. */
function timestamps(): PackedValues {
  const start = Date.UTC(2026, 10, 21);
  const format = DEFAULTS["router.timestamp.format"];
  const text = Array.from({ length: VALUES }, (_, index) => formatTime(format, new Date(start + index * 1000)));
  const encoded = new TextEncoder().encode(text.join(""));
  const bytes = new Uint8Array(encoded.length + STEP_BYTES).subarray(0, encoded.length);
  bytes.set(encoded);
  return { bytes, ends: Uint32Array.from(text, (value, index) => (index + 1) * value.length) };
}

/** Warms up; returns how many runs make a sample. */
function runsOf(run: () => unknown): number {
  let runs = 1;
  let ms = timed(run, runs);
  for (let left = 10; left > 0 || ms * runs < SAMPLE_MS; left--) {
    if (ms * runs < SAMPLE_MS) runs *= 2;
    ms = timed(run, runs);
  }
  return Math.max(1, Math.round(SAMPLE_MS / ms));
}

/** Returns the milliseconds that one run takes. */
function timed(run: (() => unknown) | undefined, runs: number): number {
  const startMs = performance.now();
  for (let left = runs; left > 0; left--) run?.();
  return (performance.now() - startMs) / runs;
}

function areSame(ours: readonly PackedValues[], theirs: readonly PackedValues[]): boolean {
  return ours.every(({ bytes, ends }, index) => areEqual(bytes, theirs[index]?.bytes) && areEqual(ends, theirs[index]?.ends));
}

function areEqual(left: Uint8Array | Uint32Array, right: Uint8Array | Uint32Array | undefined): boolean {
  return left.length === right?.length && left.every((item, index) => item === right[index]);
}

function medianOf(numbers: readonly number[]): number {
  return numbers.toSorted((left, right) => left - right)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}
