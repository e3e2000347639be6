/** The benchmark of the core is right about what it compares; how fast anything is, no test decides. */
import assert from "node:assert/strict";
import test from "node:test";
import { coreBuilds } from "../../bench/core-binary.ts";
import type { Gate } from "../../bench/gates.ts";
import { countGates, ratioGates } from "../../bench/gates.ts";
import { batchJob, crcJob, engineJob, valuesJob } from "../../bench/jobs.ts";
import type { Candidate, Job, Row } from "../../bench/measure.ts";
import { DisagreementError, measure } from "../../bench/measure.ts";
import { programsOf } from "../../bench/peers/programs.ts";
import { findTools } from "../../bench/peers/tools.ts";
import { renderResults } from "../../bench/results-page.ts";

/** One run a candidate. */
const ONCE = { rounds: 1, sampleNs: 1, allocatingSampleNs: 1, warmUpNs: 0 };
const tools = await findTools();
const field = { builds: coreBuilds(), programs: programsOf(tools), tools };

for (const [name, open] of [
  ["values", () => valuesJob(field, 17, 1000, true)],
  ["long values", () => valuesJob(field, 4096, 100, false)],
  ["RecordBatches", () => batchJob(field, true)],
  ["CRC-32C", () => crcJob(field, 1024)],
  ["other engines", () => engineJob(field, "batch")],
] as const) {
  test(`${name}: every candidate on this machine makes the bytes that the core makes`, async (context) => {
    for (const missing of tools.missing) context.diagnostic(missing);
    const rows = await measure(await open(), ONCE);
    assert.equal(new Set(rows.map(({ outputHash }) => outputHash).filter((hash) => hash !== "limit")).size, 1);
    assert.match(rows[0]?.candidate ?? "", /^core/);
  });
}

function candidate(name: string, byte: number, more: Partial<Candidate> = {}): Candidate {
  return { name, clock: "thread", run: () => undefined, outputs: () => [Uint8Array.of(byte)], ...more };
}

function jobOf(...candidates: readonly Candidate[]): Job {
  return { name: "job", unit: "call", unitsPerRun: 1, batchCount: 1, candidates };
}

test("a candidate that makes other bytes ends the run, and what was started is ended", async () => {
  let closed = 0;
  const close = (): void => void closed++;
  await assert.rejects(measure(jobOf(candidate("one", 1, { close }), candidate("two", 2, { close })), ONCE), DisagreementError);
  assert.equal(closed, 2);
});

test("a limit may make what it likes", async () => {
  const rows = await measure(jobOf(candidate("one", 1), candidate("limit", 2, { isLimit: true })), ONCE);
  assert.deepEqual(
    rows.map(({ outputHash }) => outputHash === "limit"),
    [false, true],
  );
});

test("a candidate that takes its own time is believed", async () => {
  const [, remote] = await measure(jobOf(candidate("one", 1), candidate("remote", 1, { time: async (runs) => 7 * runs })), ONCE);
  assert.equal(remote?.medianNs, 7);
});

function row(job: string, name: string, ratio: number): Row {
  const times = { medianNs: ratio, minimumNs: ratio, p90Ns: ratio, ratio };
  return { job, candidate: name, unit: "record", ...times, outputHash: "same" };
}

function find(gates: readonly Gate[], name: string): Gate | undefined {
  return gates.find((gate) => gate.name.startsWith(name));
}

test("a gate fails on a row that is missing, unless it is a peer's", () => {
  const gates = ratioGates([]);
  assert.equal(find(gates, "values against typed arrays")?.passed, false);
  assert.equal(find(gates, "values against native C"), undefined);
});

test("RecordBatches in place are held against the core in place", () => {
  const job = "RecordBatch, null keys x 1000";
  const gates = ratioGates([row(job, "core, in place", 0.5), row(job, "C, native, as the core", 0.4)]);
  assert.equal(find(gates, "RecordBatch against native C")?.measured, 0.8);
});

test("a module that has grown, and fuel that has, miss their gates", () => {
  const fuel = [{ file: "core.wasm", rule: "last-digit", value: 1e6, record: { inputCrc: 400, routing: 400, outputs: 400 } }];
  const missed = countGates({ "core.wasm": 1e6, "core.simd.wasm": 0 }, fuel).filter(({ passed }) => !passed);
  assert.deepEqual(
    missed.map(({ name }) => name),
    ["core.wasm bytes", "core.wasm: fuel of a value", "core.wasm: fuel of a record, both CRCs"],
  );
});

test("the results say who is faster, and what was not there", () => {
  const rows = [row("values, 17 B x 1000", "core", 1), row("values, 17 B x 1000", "C, native, as the core", 0.9)];
  const machine = { date: "2026-11-21", command: "node", commit: null, node: "v24", cpu: "cpu", cpuCount: 2, loadAverage: [0] };
  const environment = { ...machine, peers: ["clang"], missing: ["rustc is not installed: Rust is left out"] };
  const page = renderResults([{ environment, effort: ONCE, moduleBytes: {}, gates: [], rows }]);
  assert.match(page, /### Where others are faster\n\n.*\n.*\n\| values, 17 B x 1000 \| C, native, as the core \| 0\.900 \|\n\n/);
  assert.match(page, /Missing on that machine: rustc is not installed/);
});
