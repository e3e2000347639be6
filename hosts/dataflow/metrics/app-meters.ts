/** All meters of the container app but the router's own, which the app registers itself. */
import type { EventLevel } from "../log-layouts.ts";
import { createMetrics, type Metrics, type Tags } from "../metrics.ts";
import { createKafkaMeters, type KafkaMeters } from "./kafka-meters.ts";
import { registerLogMeters } from "./log-meters.ts";
import { registerProcessMeters } from "./process-meters.ts";

export interface AppMeters {
  readonly metrics: Metrics;
  /** To be told of each event that is logged. */
  readonly onLogEvent: (level: EventLevel) => void;
  readonly kafka: KafkaMeters;
}

function now(): number {
  return performance.now();
}

/** Returns the meters, which all have these tags; `clientId` is what Kafka's clients call themselves. */
export function createAppMeters(tags: Tags, clientId: string): AppMeters {
  const metrics = createMetrics({ tags, now });
  registerProcessMeters(metrics);
  return { metrics, onLogEvent: registerLogMeters(metrics), kafka: createKafkaMeters(metrics, clientId, now) };
}
