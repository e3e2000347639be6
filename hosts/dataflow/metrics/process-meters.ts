/**
 * Meters of the process and of the machine, under the names that Boot's dashboards ask for, and of its main thread. What is called `jvm.threads`
 * there are threads of the operating system. There is nothing like a loaded class.
 */
import { readFileSync, readdirSync } from "node:fs";
import { availableParallelism, cpus, loadavg } from "node:os";
import { performance } from "node:perf_hooks";
import type { Metrics } from "../metrics.ts";
import { ratio } from "./ratio.ts";
import { EXTERNAL, MEMORY_MAX, registerThreadMeters } from "./thread-meters.ts";

/** Registers them. They read what they say when they are asked, and otherwise cost nothing. */
export function registerProcessMeters(metrics: Metrics): void {
  registerCpu(metrics);
  registerFiles(metrics);
  registerThreadMeters(metrics);
  metrics.gauge(MEMORY_MAX, EXTERNAL, () => -1);
  metrics.gauge({ name: "process.memory.rss", description: "Resident memory of the process", baseUnit: "bytes" }, {}, () =>
    process.memoryUsage.rss(),
  );
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
