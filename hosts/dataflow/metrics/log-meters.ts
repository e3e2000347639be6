import type { EventLevel } from "../log-layouts.ts";
import type { Metrics } from "../metrics.ts";

const LEVELS: readonly EventLevel[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR"];

/** Registers Boot's meter of log events, and returns what is to be told of each one that is logged. */
export function registerLogMeters(metrics: Metrics): (level: EventLevel) => void {
  const family = { name: "logback.events", description: "Events that were logged", baseUnit: "events" };
  const counters = new Map(LEVELS.map((level) => [level, metrics.counter(family, { level: level.toLowerCase() })]));
  return (level) => counters.get(level)?.add(1);
}
