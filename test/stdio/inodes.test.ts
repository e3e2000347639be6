/** Files whose inodes need all of 64 bits, as those of some network and union file systems do. */
import assert from "node:assert/strict";
import fs, { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { BigIntStats, StatOptions, Stats } from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";

type Answer = (error: Error | null, stats: Stats | BigIntStats) => void;

const original = { stat: fs.stat, fstat: fs.fstat };
/** Each file's own inode, whose place here is how far the one that is told is beyond 2^62. */
const inodes: bigint[] = [];

/** Returns `stat` or `fstat` as such a file system has it; without the option, it rounds to 53 bits as Node.js does. */
function large(name: "stat" | "fstat") {
  const find = original[name] as (file: string | number, options: StatOptions, answer: Answer) => void;
  return (file: string | number, ...rest: [Answer] | [StatOptions, Answer]): void => {
    const [options, answer] = rest.length === 1 ? [{}, rest[0]] : rest;
    find(file, options, (error, stats) => {
      const own = BigInt(stats.ino);
      if (!inodes.includes(own)) inodes.push(own);
      const told = (1n << 62n) + BigInt(inodes.indexOf(own));
      answer(error, Object.assign(stats, { ino: typeof stats.ino === "bigint" ? told : Number(told) }));
    });
  };
}

Object.assign(fs, { stat: large("stat"), fstat: large("fstat") });
syncBuiltinESMExports();
const { findInput, openOutputs } = await import("../../hosts/stdio/streams.ts");

const folder = mkdtempSync(join(tmpdir(), "timestamp-router-inodes-"));
after(() => {
  Object.assign(fs, original);
  syncBuiltinESMExports();
  rmSync(folder, { recursive: true });
});

test("files whose inodes differ in the last bit are different files, and a file is the same by any name", async () => {
  const [input, even, odd] = ["input", "even", "odd"].map((name) => join(folder, name)) as [string, string, string];
  writeFileSync(input, "1\n");
  const inputs = [await findInput(input)];
  assert.equal(inputs[0]?.size, 2);
  const outputs = await openOutputs([even, odd], inputs);
  for (const output of outputs) await output?.close();
  await assert.rejects(openOutputs([even, join(folder, ".", "even")], inputs), /is the same file as/);
  await assert.rejects(openOutputs([input], inputs), /is the same file as/);
});
