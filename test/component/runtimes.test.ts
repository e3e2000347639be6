/** The component's JavaScript in other runtimes: it does there, with all cases, what it does here. */
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { routing } from "../../build/component/timestamp-router.js";
import { readCases } from "../case-text.ts";
import { findRuntime } from "../embedding/runtimes.ts";
import { answerOf } from "./job.ts";
import { jobOf } from "./targets.ts";

const run = promisify(execFile);
const SCRIPT = join(import.meta.dirname, "run-jobs.ts");
const folder = mkdtempSync(join(tmpdir(), "component-jobs-"));
after(() => rmSync(folder, { recursive: true, force: true }));

// With outputs that are too small for all records, a batch takes more calls.
const jobs = [1_000_000, 100].flatMap((batchBytesMax) =>
  readCases().map(({ rule, input }) => ("values" in input ? jobOf(rule, input.values) : jobOf(rule, [], input.batches, batchBytesMax))),
);
const path = join(folder, "jobs.json");
writeFileSync(path, JSON.stringify(jobs));
const answers = JSON.stringify(jobs.map((job) => answerOf(routing, job)));

// Older lines of Node.js do not run this project's sources; the test of the package has them.
for (const name of ["deno", "bun"] as const) {
  const { command, version, missing } = await findRuntime(name);
  test(`the component answers in ${name} ${version} what it answers here`, { skip: missing ?? false }, async () => {
    const [file, ...args] = command;
    const { stdout } = await run(file, [...args, SCRIPT, path], { maxBuffer: 100_000_000 });
    assert.equal(stdout, answers);
  });
}
