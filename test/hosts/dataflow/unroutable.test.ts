import assert from "node:assert/strict";
import { test } from "node:test";
import { createUnroutableReport } from "../../../hosts/dataflow/unroutable.ts";
import { createMemoryLog } from "./memory-log.ts";

const record = (offset: bigint) => ({ topic: "in", partition: 3, offset, reason: "not-a-digit", byteOffset: 16 }) as const;

test("a record that is logged is named by topic, partition and offset, with the reason and where it shows", () => {
  const log = createMemoryLog();
  createUnroutableReport("log", null, log).note(record(42n));
  assert.deepEqual(log.lines, ["WARN router.unroutable: Left out in-3 offset 42: not-a-digit at byte 16"]);
});

test("ten records a second have lines of their own, and the rest is summed up when the second is over", () => {
  const log = createMemoryLog();
  const report = createUnroutableReport("log", null, log);
  for (let offset = 0n; offset < 26n; offset++) report.note(record(offset));
  assert.equal(log.lines.length, 10);
  report.secondPassed();
  assert.equal(log.lines[10], "WARN router.unroutable: Left out 16 more records");
  for (let offset = 26n; offset < 37n; offset++) report.note(record(offset));
  report.secondPassed();
  assert.equal(log.lines[11], "WARN router.unroutable: Left out in-3 offset 26: not-a-digit at byte 16");
  assert.equal(log.lines.length, 22);
  assert.equal(log.lines[21], "WARN router.unroutable: Left out 1 more record");
});

test("a second without a record too many has no summary", () => {
  const log = createMemoryLog();
  const report = createUnroutableReport("log", null, log);
  for (let offset = 0n; offset < 10n; offset++) report.note(record(offset));
  report.secondPassed();
  report.secondPassed();
  assert.equal(log.lines.length, 10);
});

test("a record that is dropped leaves no line", () => {
  const log = createMemoryLog();
  const report = createUnroutableReport("drop", null, log);
  report.note(record(42n));
  report.secondPassed();
  assert.deepEqual(log.lines, []);
});

test("dead letters have one line a second, with their number, where they went, and the last one", () => {
  const log = createMemoryLog();
  const report = createUnroutableReport("dlq", "error.in.g", log);
  report.secondPassed();
  for (let offset = 0n; offset < 12_345n; offset++) report.note(record(offset));
  assert.deepEqual(log.lines, []);
  report.secondPassed();
  report.secondPassed();
  report.note(record(20_000n));
  report.secondPassed();
  assert.deepEqual(log.lines, [
    "WARN router.unroutable: 12345 records became dead letters for error.in.g in the last second, the last one in-3 offset 12344: not-a-digit at byte 16",
    "WARN router.unroutable: 1 record became dead letters for error.in.g in the last second, the last one in-3 offset 20000: not-a-digit at byte 16",
  ]);
});

test("with the policy to stop, the first record is an error that names it and the property", () => {
  const log = createMemoryLog();
  assert.throws(() => createUnroutableReport("stop", null, log).note(record(42n)), {
    name: "AppError",
    code: "RECORD_UNROUTABLE",
    retriable: false,
    message:
      "the record at in-3 offset 42 is unroutable (not-a-digit at byte 16), and router.unroutable=stop says to stop; choose another policy, for one start at least; the group's offset is no way past it, for records before it may not have been written yet",
  });
});
