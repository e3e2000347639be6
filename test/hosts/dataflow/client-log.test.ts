import assert from "node:assert/strict";
import { test } from "node:test";
import { createClientLog } from "../../../hosts/dataflow/kafka/client-log.ts";
import { createMemoryLog } from "./memory-log.ts";

test("a text that comes over and over is told every ten seconds, with how often it came; others are told at once", () => {
  const log = createMemoryLog();
  let nowMs = 0;
  const write = createClientLog(log, () => nowMs);
  for (nowMs = 0; nowMs < 20_000; nowMs += 100) write("warn", "Producer", "no leader");
  write("warn", "", "no leader");
  write("debug", "Producer", "no leader");
  assert.deepEqual(log.lines, [
    "WARN kafkajs.Producer: no leader",
    "WARN kafkajs.Producer: no leader (99 more times in between)",
    "WARN kafkajs.Client: no leader",
    "DEBUG kafkajs.Producer: no leader",
  ]);
});

test("texts that differ each time are all told, and not remembered for ever", () => {
  const log = createMemoryLog();
  const write = createClientLog(log, () => 0);
  for (let index = 0; index < 500; index++) write("warn", "Producer", `attempt ${index}`);
  assert.equal(log.lines.length, 500);
  write("warn", "Producer", "attempt 0");
  assert.equal(log.lines.length, 501);
});
