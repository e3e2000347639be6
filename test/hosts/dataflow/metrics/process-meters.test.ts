/** The meters of the process, held against what the process knows of itself. */
import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { PerformanceObserver } from "node:perf_hooks";
import { test } from "node:test";
import { createMetrics } from "../../../../hosts/dataflow/metrics.ts";
import { registerProcessMeters } from "../../../../hosts/dataflow/metrics/process-meters.ts";
import { turn } from "../fake-binder.ts";
import { samplesOf, valueOf, type Matchers } from "./scrape.ts";

const metrics = createMetrics({ tags: {}, now: () => performance.now() });
registerProcessMeters(metrics);
// Before its first turn the event loop has been neither idle nor busy.
await turn();

function read(name: string, matchers: Matchers = {}): number {
  return valueOf(samplesOf(metrics.scrape(undefined, null).body), name, matchers);
}

test("shares of processors and of the event loop lie between 0 and 1, and the process has used some", () => {
  for (const name of ["process_cpu_usage", "system_cpu_usage", "nodejs_eventloop_utilization"]) {
    const share = read(name);
    assert.ok(share >= 0 && share <= 1, `${name} is ${share}`);
  }
  assert.ok(read("process_cpu_usage") > 0);
  assert.ok(read("process_cpu_time_ns_total") > 0);
  assert.ok(read("system_cpu_count") >= 1);
  assert.ok(read("system_load_average_1m") >= 0);
});

test("a share is the same for all who ask within a second", () => {
  const [first, second] = [read("process_cpu_usage"), read("process_cpu_usage")];
  assert.equal(first, second);
});

test("time is told in seconds", () => {
  const uptime = read("process_uptime_seconds");
  assert.ok(uptime > 0 && uptime <= process.uptime());
  assert.ok(Math.abs(read("process_start_time_seconds") + uptime - Date.now() / 1000) < 5);
});

test("the heap is V8's, and what lies outside of it is told apart", () => {
  const kept = Buffer.alloc(20 << 20);
  assert.ok(read("jvm_memory_used_bytes", { area: "nonheap", id: "external" }) >= kept.length);
  const used = read("jvm_memory_used_bytes", { area: "heap", id: "v8" });
  assert.ok(used > 0 && used <= read("jvm_memory_committed_bytes", { area: "heap" }));
  assert.ok(read("jvm_memory_max_bytes", { area: "heap" }) > used);
  assert.equal(read("jvm_memory_max_bytes", { area: "nonheap" }), -1);
  assert.ok(read("process_memory_rss_bytes") > used);
});

test("files and threads are those of the process", { skip: process.platform === "linux" ? false : "only Linux has /proc" }, () => {
  assert.equal(read("jvm_threads_live_threads"), readdirSync("/proc/self/task").length);
  assert.ok(read("process_files_open_files") > 2);
  assert.ok(read("process_files_max_files") >= read("process_files_open_files"));
});

test("each pause of garbage collection is told", async () => {
  const pauses = (): number => read("jvm_gc_pause_seconds_count", { action: "end of minor GC" });
  const before = pauses();
  const collected = Promise.withResolvers<void>();
  const observer = new PerformanceObserver(() => {
    collected.resolve();
  });
  observer.observe({ entryTypes: ["gc"] });
  // Garbage enough to fill the young generation more than once.
  for (let count = 0; count < 3_000_000; count++) Object.is({ count }, null);
  await collected.promise;
  observer.disconnect();
  // Observers hear of it in the order in which they began to observe.
  assert.ok(pauses() > before);
  assert.ok(read("jvm_gc_pause_seconds_sum", { action: "end of minor GC" }) > 0);
});
