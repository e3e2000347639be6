import { ACTUATOR_PROPERTIES } from "./schema-actuator.ts";
import { BINDING_PROPERTIES } from "./schema-binding.ts";
import { KAFKA_CLIENT_PROPERTIES } from "./schema-kafka-client.ts";
import { KAFKA_SECURITY_PROPERTIES } from "./schema-kafka-security.ts";
import { KAFKA_PROPERTIES } from "./schema-kafka.ts";
import { MANAGEMENT_PROPERTIES } from "./schema-management.ts";
import { METRICS_PROPERTIES } from "./schema-metrics.ts";
import { ROUTER_PROPERTIES } from "./schema-router.ts";

/** Every property that the app reads, in the order of the table. */
export const PROPERTIES = {
  ...BINDING_PROPERTIES,
  ...KAFKA_PROPERTIES,
  ...KAFKA_CLIENT_PROPERTIES,
  ...KAFKA_SECURITY_PROPERTIES,
  ...MANAGEMENT_PROPERTIES,
  ...ACTUATOR_PROPERTIES,
  ...METRICS_PROPERTIES,
  ...ROUTER_PROPERTIES,
} as const;
