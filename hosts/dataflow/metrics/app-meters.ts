/** The meters of the process; the router's own and those of Kafka's clients are registered by whoever has them. */
import type { EventLevel } from "../log-layouts.ts";
import { createMetrics, type Metrics, type MetricsOptions, type Tags } from "../metrics.ts";
import { registerLogMeters } from "./log-meters.ts";
import { registerProcessMeters } from "./process-meters.ts";

export interface AppMeters {
  readonly metrics: Metrics;
  /** To be told of each event that is logged. */
  readonly onLogEvent: (level: EventLevel) => void;
}

/** Returns the meters, which all have these tags and are shown together with those of other threads. */
export function createAppMeters(tags: Tags, ofThreads: NonNullable<MetricsOptions["ofThreads"]>): AppMeters {
  const metrics = createMetrics({ tags, now: () => performance.now(), ofThreads });
  registerProcessMeters(metrics);
  return { metrics, onLogEvent: registerLogMeters(metrics) };
}
