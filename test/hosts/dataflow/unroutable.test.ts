import assert from "node:assert/strict";
import { test } from "node:test";
import { createUnroutableHandler } from "../../../hosts/dataflow/unroutable.ts";
import { createMemoryLog } from "./memory-log.ts";

const record = (offset: bigint) => ({ topic: "in", partition: 3, offset, reason: "not-a-digit" }) as const;

test("a record that is logged is named by topic, partition and offset, with the reason", () => {
  const log = createMemoryLog();
  createUnroutableHandler("log", log, () => 0)(record(42n));
  assert.deepEqual(log.lines, ["WARN router.unroutable: Left out in-3 offset 42: not-a-digit"]);
});

test("ten records a second have lines of their own, and the rest is summed up in the next second", () => {
  const log = createMemoryLog();
  let nowMs = 5000;
  const handle = createUnroutableHandler("log", log, () => nowMs);
  for (let offset = 0n; offset < 25n; offset++) handle(record(offset));
  assert.equal(log.lines.length, 10);
  nowMs = 5999;
  handle(record(25n));
  assert.equal(log.lines.length, 10);
  nowMs = 6000;
  for (let offset = 26n; offset < 40n; offset++) handle(record(offset));
  assert.equal(log.lines[10], "WARN router.unroutable: 16 more records were unroutable");
  assert.equal(log.lines[11], "WARN router.unroutable: Left out in-3 offset 26: not-a-digit");
  assert.equal(log.lines.length, 21);
});

test("a second without a record too many has no summary", () => {
  const log = createMemoryLog();
  let nowMs = 0;
  const handle = createUnroutableHandler("log", log, () => nowMs);
  for (let offset = 0n; offset < 10n; offset++) handle(record(offset));
  nowMs = 1000;
  handle(record(10n));
  assert.equal(log.lines.filter((line) => line.includes("more records")).length, 0);
  assert.equal(log.lines.length, 11);
});

test("a record that is dropped leaves no line", () => {
  const log = createMemoryLog();
  createUnroutableHandler("drop", log, () => 0)(record(42n));
  assert.deepEqual(log.lines, []);
});

test("with the policy to stop, the first record is an error that names it and the property", () => {
  const log = createMemoryLog();
  assert.throws(() => createUnroutableHandler("stop", log, () => 0)(record(42n)), {
    name: "AppError",
    code: "RECORD_UNROUTABLE",
    retriable: false,
    message: "the record at in-3 offset 42 is unroutable (not-a-digit), and router.unroutable=stop says to stop",
  });
});
