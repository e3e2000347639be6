/** The producer that the app has on a real broker, over a simulated one. */
import type { BatchProducer } from "../../hosts/dataflow/binder.ts";
import type { Logger } from "../../hosts/dataflow/log.ts";
import { openKafkaProducer } from "../../hosts/dataflow/kafka/producer.ts";
import type { MemoryBroker } from "../../hosts/dataflow/memory-binder.ts";
import { createMetrics } from "../../hosts/dataflow/metrics.ts";
import { createKafkaMeters } from "../../hosts/dataflow/metrics/kafka-meters.ts";
import { Router } from "../../hosts/embed.ts";
import { coreModule } from "../core-module.ts";
import { Network, REQUEST_TIMEOUT_MS, type NetworkOptions } from "./network.ts";
import { createSimulatedKafka } from "./simulated-kafka.ts";

export interface SimulatedProducerOptions extends Omit<NetworkOptions, "client"> {
  readonly broker: MemoryBroker;
  /** How long a transaction may be open. */
  readonly transactionTimeoutMs: number;
}

const core = new Router(coreModule());
const meters = createKafkaMeters(createMetrics({ tags: {}, now: () => 0 }), "client", () => 0);

/** Opens a producer with transactions, whose requests go over a network that fails. */
export async function openProducerOverNetwork(options: SimulatedProducerOptions, transactionalId: string): Promise<BatchProducer> {
  const { scheduler, broker, transactionTimeoutMs: timeoutMs } = options;
  const network = new Network({ ...options, client: transactionalId });
  const note = (logger: string, message: string): void => {
    scheduler.note(`${transactionalId} ${logger}: ${message}`);
  };
  const log: Logger = { trace: note, debug: note, info: note, warn: note, error: note };
  const metadataMaxAgeMs = 10_000;
  return openKafkaProducer(createSimulatedKafka(network, broker), {
    idempotent: true,
    transactions: { transactionalId, timeoutMs, metadataMaxAgeMs, requestTimeoutMs: REQUEST_TIMEOUT_MS },
    metadataMaxAgeMs,
    crc32c: (bytes) => core.crc32c(bytes),
    log,
    meters,
  });
}
