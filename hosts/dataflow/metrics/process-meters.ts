/**
 * Meters of the process and of the machine, under the names that Boot's dashboards ask for. Those that are called `jvm` there have what is the
 * same thing in Node.js: the heap is V8's, and a thread is a thread of the operating system. There is nothing like a loaded class.
 */
import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { PerformanceObserver, constants, performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Metrics } from "../metrics.ts";

/** Ratios are those of at least this long: two who scrape at the same time must not spoil them for each other. */
const RATIO_MS_MIN = 1000;

/** Registers them. They read what they say when they are asked, and otherwise cost nothing. */
export function registerProcessMeters(metrics: Metrics): void {
  registerCpu(metrics);
  registerFiles(metrics);
  registerMemory(metrics);
  registerPauses(metrics);
  metrics.gauge({ name: "process.uptime", description: "Time since the process began", baseUnit: "seconds" }, {}, () => process.uptime());
  metrics.gauge({ name: "process.start.time", description: "When the process began, since 1970", baseUnit: "seconds" }, {}, () =>
    Math.round(performance.timeOrigin / 1000),
  );
}

function registerCpu(metrics: Metrics): void {
  const ofProcess = ratio(() => {
    const { user, system } = process.cpuUsage();
    return { part: (user + system) / 1000, whole: performance.now() * availableParallelism() };
  });
  const ofSystem = ratio(() => {
    const times = cpus().map(({ times: { user, nice, sys, idle, irq } }) => ({ busy: user + nice + sys + irq, idle }));
    const busy = times.reduce((sum, time) => sum + time.busy, 0);
    return { part: busy, whole: busy + times.reduce((sum, time) => sum + time.idle, 0) };
  });
  const ofEventLoop = ratio(() => {
    const { active, idle } = performance.eventLoopUtilization();
    return { part: active, whole: active + idle };
  });
  metrics.gauge({ name: "process.cpu.usage", description: "Share of all processors that the process has used of late" }, {}, ofProcess);
  metrics.readCounter({ name: "process.cpu.time", description: "Processor time that the process has used", baseUnit: "ns" }, {}, () => {
    const { user, system } = process.cpuUsage();
    return (user + system) * 1000;
  });
  metrics.gauge({ name: "system.cpu.usage", description: "Share of all processors that was used of late" }, {}, ofSystem);
  metrics.gauge({ name: "system.cpu.count", description: "Processors that the process may use" }, {}, () => availableParallelism());
  metrics.gauge({ name: "system.load.average.1m", description: "Tasks that ran or waited for a processor, mean of a minute" }, {}, () =>
    // Elsewhere than on Unix it is always 0.
    process.platform === "win32" ? Number.NaN : (loadavg()[0] ?? Number.NaN),
  );
  metrics.gauge(
    { name: "nodejs.eventloop.utilization", description: "Share of the time that the event loop was not idle" },
    {},
    ofEventLoop,
  );
}

/** Returns a function that says how much of the whole the part was since it was asked before. */
function ratio(read: () => { readonly part: number; readonly whole: number }): () => number {
  let before = { part: 0, whole: 0 };
  let beforeMs = Number.NEGATIVE_INFINITY;
  let last = 0;
  return () => {
    const nowMs = performance.now();
    if (nowMs - beforeMs < RATIO_MS_MIN) return last;
    const { part, whole } = read();
    last = Math.min(1, Math.max(0, (part - before.part) / (whole - before.whole)));
    before = { part, whole };
    beforeMs = nowMs;
    return last;
  };
}

/** Linux has these under `/proc`; elsewhere they are not known. */
function registerFiles(metrics: Metrics): void {
  metrics.gauge({ name: "process.files.open", description: "Open file descriptors", baseUnit: "files" }, {}, () =>
    known(() => readdirSync("/proc/self/fd").length),
  );
  metrics.gauge({ name: "process.files.max", description: "Most file descriptors that may be open", baseUnit: "files" }, {}, () =>
    known(() => Number(/^Max open files +(\d+)/mu.exec(readFileSync("/proc/self/limits", "utf8"))?.[1])),
  );
  metrics.gauge({ name: "jvm.threads.live", description: "Threads of the process", baseUnit: "threads" }, {}, () =>
    known(() => readdirSync("/proc/self/task").length),
  );
}

function known(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}

function registerMemory(metrics: Metrics): void {
  const heap = { area: "heap", id: "v8" };
  const external = { area: "nonheap", id: "external" };
  const used = { name: "jvm.memory.used", description: "Memory that is in use", baseUnit: "bytes" };
  const committed = { name: "jvm.memory.committed", description: "Memory that is there to be used", baseUnit: "bytes" };
  const max = { name: "jvm.memory.max", description: "Most memory that may be used; -1 where there is no bound", baseUnit: "bytes" };
  metrics.gauge(used, heap, () => process.memoryUsage().heapUsed);
  metrics.gauge(committed, heap, () => process.memoryUsage().heapTotal);
  metrics.gauge(max, heap, () => getHeapStatistics().heap_size_limit);
  // Buffers, and the core's memory.
  metrics.gauge(used, external, () => process.memoryUsage().external);
  metrics.gauge(committed, external, () => process.memoryUsage().external);
  metrics.gauge(max, external, () => -1);
  metrics.gauge({ name: "process.memory.rss", description: "Resident memory of the process", baseUnit: "bytes" }, {}, () =>
    process.memoryUsage.rss(),
  );
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
