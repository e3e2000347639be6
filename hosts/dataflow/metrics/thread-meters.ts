/**
 * Meters of one thread: each has a heap, a garbage collection and an event loop of its own. Those that are called `jvm` have what is the same
 * thing in Node.js; the heap is V8's.
 */
import { PerformanceObserver, constants, performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { MeterFamily, Metrics, Tags } from "../metrics.ts";
import { ratio } from "./ratio.ts";

/** The most memory that may be used, of all kinds. */
export const MEMORY_MAX: MeterFamily = {
  name: "jvm.memory.max",
  description: "Most memory that may be used; -1 where there is no bound",
  baseUnit: "bytes",
};
/** Buffers, and the core's memory. */
export const EXTERNAL: Tags = { area: "nonheap", id: "external" };
const HEAP: Tags = { area: "heap", id: "v8" };

/** Registers them. They read what they say when they are asked, and otherwise cost nothing. */
export function registerThreadMeters(metrics: Metrics): void {
  registerMemory(metrics);
  registerPauses(metrics);
  const ofEventLoop = ratio(() => {
    const { active, idle } = performance.eventLoopUtilization();
    return { part: active, whole: active + idle };
  });
  metrics.gauge(
    // One that is always busy is not made up for by others that are idle.
    { name: "nodejs.eventloop.utilization", description: "Share of the time that the event loop was not idle", across: "max" },
    {},
    ofEventLoop,
  );
}

function registerMemory(metrics: Metrics): void {
  const used = { name: "jvm.memory.used", description: "Memory that is in use", baseUnit: "bytes" };
  const committed = { name: "jvm.memory.committed", description: "Memory that is there to be used", baseUnit: "bytes" };
  metrics.gauge(used, HEAP, () => process.memoryUsage().heapUsed);
  metrics.gauge(committed, HEAP, () => process.memoryUsage().heapTotal);
  metrics.gauge(MEMORY_MAX, HEAP, () => getHeapStatistics().heap_size_limit);
  metrics.gauge(used, EXTERNAL, () => process.memoryUsage().external);
  metrics.gauge(committed, EXTERNAL, () => process.memoryUsage().external);
}

/** Pauses of V8's garbage collection: minor ones are those of the young generation. */
function registerPauses(metrics: Metrics): void {
  const family = { name: "jvm.gc.pause", description: "Time that garbage collection has held the process up" };
  const minor = metrics.timer(family, { action: "end of minor GC", cause: "V8", gc: "scavenger" });
  const major = metrics.timer(family, { action: "end of major GC", cause: "V8", gc: "mark-compact" });
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const { kind } = (entry as PerformanceEntry & { readonly detail: { readonly kind: number } }).detail;
      (kind === constants.NODE_PERFORMANCE_GC_MINOR ? minor : major).record(entry.duration / 1000);
    }
  });
  observer.observe({ entryTypes: ["gc"] });
}
