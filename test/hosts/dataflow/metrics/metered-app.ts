/** The app over a broker in memory with all its meters, as Prometheus sees it. */
import type { TestContext } from "node:test";
import type { App } from "../../../../hosts/dataflow/app.ts";
import type { Binder } from "../../../../hosts/dataflow/binder.ts";
import type { Metrics } from "../../../../hosts/dataflow/metrics.ts";
import { createAppMeters } from "../../../../hosts/dataflow/metrics/app-meters.ts";
import { createKafkaMeters, type KafkaMeters } from "../../../../hosts/dataflow/metrics/kafka-meters.ts";
import { config } from "../config-checks.ts";
import { plainBytes } from "../fetched.ts";
import { start } from "../started-app.ts";

export interface Metered {
  readonly app: App;
  readonly metrics: Metrics;
  readonly scrape: () => string;
}

/** What Data Flow sets. */
const DEPLOYED = [
  "--spring.cloud.dataflow.stream.name=times",
  "--spring.cloud.dataflow.stream.app.label=router",
  "--spring.cloud.dataflow.stream.app.type=app",
  "--spring.cloud.application.guid=times.router-v1-0",
  "--spring.cloud.stream.bindings.input.group=timestamp-router",
];

/** Starts the app, which is stopped when the test ends. */
export function startMetered(context: TestContext, binder: Binder, args: readonly string[] = []): Metered {
  const told = [...DEPLOYED, ...args];
  const { metrics, onLogEvent } = createAppMeters(config(told).metricsTags, () => []);
  onLogEvent("INFO");
  useKafkaMeters(createKafkaMeters(metrics, "timestamp-router", () => performance.now()));
  const { app } = start(context, binder, told, metrics);
  return { app, metrics, scrape: () => metrics.scrape(undefined, null).body };
}

/** Tells the meters of Kafka's clients something: the broker in memory has no clients. */
function useKafkaMeters(meters: KafkaMeters): void {
  const delivered = meters.delivering();
  delivered({ bytes: 100, plainBytes: 100, records: 2, queuedMs: 0, latencyMs: 3, attempts: 1, outcome: "acknowledged" });
  meters.answered(500);
  meters.consumed([plainBytes(0n, ["1", "2"])]);
  meters.consuming(() => [{ topic: "input", partition: 0, position: 2n, endOffset: 5n }]);
}
