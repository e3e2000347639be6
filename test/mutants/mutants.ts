/** All mutants. */
import { BROWSER_MUTANTS } from "./browser.ts";
import { COMPONENT_MUTANTS } from "./component.ts";
import { TIMESTAMP_MUTANTS } from "./core-timestamp.ts";
import { CORE_MUTANTS } from "./core.ts";
import { EMBEDDING_MUTANTS } from "./embedding.ts";
import { ACTUATOR_MUTANTS } from "./host-actuator.ts";
import { BINDING_MUTANTS } from "./host-bindings.ts";
import { COMMIT_MUTANTS } from "./host-commits.ts";
import { CONCURRENCY_MUTANTS } from "./host-concurrency.ts";
import { CONFIG_MUTANTS } from "./host-config.ts";
import { DEAD_LETTER_MUTANTS } from "./host-dead-letters.ts";
import { DEPLOY_MUTANTS } from "./host-deploy.ts";
import { EXACTLY_ONCE_MUTANTS } from "./host-exactly-once.ts";
import { KAFKA_POSITION_MUTANTS } from "./host-kafka-positions.ts";
import { KAFKA_READING_MUTANTS } from "./host-kafka-reading.ts";
import { MEMORY_MUTANTS } from "./host-memory.ts";
import { METRICS_MUTANTS } from "./host-metrics.ts";
import { SECURITY_MUTANTS } from "./host-security.ts";
import { SESSION_MUTANTS } from "./host-session.ts";
import { STDIO_MUTANTS } from "./host-stdio.ts";
import { HOST_MUTANTS } from "./host.ts";
import type { Mutant } from "./mutant.ts";
import { PACKAGE_MUTANTS } from "./package.ts";
import { REDPANDA_MUTANTS } from "./redpanda.ts";
import { TRANSACTION_MUTANTS } from "./host-transactions.ts";

export const MUTANTS: readonly Mutant[] = [
  ...CORE_MUTANTS,
  ...TIMESTAMP_MUTANTS,
  ...REDPANDA_MUTANTS,
  ...HOST_MUTANTS,
  ...SESSION_MUTANTS,
  ...ACTUATOR_MUTANTS,
  ...BINDING_MUTANTS,
  ...EXACTLY_ONCE_MUTANTS,
  ...KAFKA_POSITION_MUTANTS,
  ...KAFKA_READING_MUTANTS,
  ...CONFIG_MUTANTS,
  ...CONCURRENCY_MUTANTS,
  ...SECURITY_MUTANTS,
  ...DEPLOY_MUTANTS,
  ...DEAD_LETTER_MUTANTS,
  ...MEMORY_MUTANTS,
  ...METRICS_MUTANTS,
  ...PACKAGE_MUTANTS,
  ...COMPONENT_MUTANTS,
  ...EMBEDDING_MUTANTS,
  ...STDIO_MUTANTS,
  ...BROWSER_MUTANTS,
  ...TRANSACTION_MUTANTS,
  ...COMMIT_MUTANTS,
];
