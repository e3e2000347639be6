/**
 * Meters of Kafka's own clients, by the names that the Java clients give them and Data Flow's board asks for. Rates and means are those of
 * about the last minute, as they are there. What only a Java client has is not here: it has a thread that waits for the network, and it looks
 * at each record.
 */
import type { PartitionProgress } from "../binder.ts";
import type { Metrics } from "../metrics.ts";
import { recordCountOf } from "../record-batch.ts";
import { createWindow, type Window } from "./window.ts";

/** One RecordBatch on its way to the broker, as the producer sent it. */
export interface Delivery {
  /** As it was written: compressed, if it was. */
  readonly bytes: number;
  readonly plainBytes: number;
  readonly records: number;
  /** How long it waited for the batches of its partition before it. */
  readonly queuedMs: number;
  readonly latencyMs: number;
  /** Requests that it took. */
  readonly attempts: number;
  /** One that is too large goes out again in parts. */
  readonly outcome: "acknowledged" | "too-large" | "failed";
}

/** Takes note of what a binder's clients do. */
export interface KafkaMeters {
  /** A batch is about to be sent; the function that is returned takes what became of it. */
  delivering(): (delivery: Delivery) => void;
  /** A broker has answered a fetch. */
  answered(latencyMs: number): void;
  /** A fetch of one partition brought these RecordBatches. */
  consumed(batches: readonly Uint8Array[]): void;
  /** There is a consumer from now on, until the function that is returned is called. */
  consuming(progress: () => readonly PartitionProgress[]): () => void;
}

/** As in the Java clients: `metrics.sample.window.ms` and `metrics.num.samples`, but finer, so that a number does not halve at once. */
const SPANS = 6;
const SPAN_MS = 10_000;

/** Registers them. */
export function createKafkaMeters(metrics: Metrics, clientId: string, now: () => number): KafkaMeters {
  const tags = { "client.id": clientId };
  const windowOf = (): Window => createWindow({ now, spans: SPANS, spanMs: SPAN_MS });
  const gauge = (name: string, description: string, read: () => number): void => metrics.gauge({ name, description }, tags, read);
  const producer = registerProducer(gauge, windowOf);
  const consumer = registerConsumer(gauge, windowOf);
  return { ...producer, ...consumer };
}

type Gauge = (name: string, description: string, read: () => number) => void;

function registerProducer(gauge: Gauge, windowOf: () => Window): Pick<KafkaMeters, "delivering"> {
  let inFlight = 0;
  const requests = windowOf();
  const responses = windowOf();
  const latency = windowOf();
  const queued = windowOf();
  const batchBytes = windowOf();
  const recordBytes = windowOf();
  const records = windowOf();
  const errors = windowOf();
  const retries = windowOf();
  const compression = windowOf();
  gauge("kafka.producer.record.send.rate", "Records sent a second", records.rate);
  gauge("kafka.producer.record.error.rate", "Records a second that could not be sent", errors.rate);
  gauge("kafka.producer.record.retry.rate", "Records a second that were sent again", retries.rate);
  gauge("kafka.producer.record.size.avg", "Mean size of records in bytes", recordBytes.mean);
  gauge("kafka.producer.record.queue.time.avg", "Mean time in ms that batches waited before they were sent", queued.mean);
  gauge("kafka.producer.request.rate", "Produce requests a second", requests.rate);
  gauge("kafka.producer.response.rate", "Produce responses a second", responses.rate);
  gauge("kafka.producer.request.latency.avg", "Mean time in ms until a batch was acknowledged", latency.mean);
  gauge("kafka.producer.request.latency.max", "Longest time in ms until a batch was acknowledged", latency.max);
  gauge("kafka.producer.batch.size.avg", "Mean size of batches in bytes", batchBytes.mean);
  gauge("kafka.producer.records.per.request.avg", "Mean number of records in a request", records.mean);
  gauge("kafka.producer.outgoing.byte.rate", "Bytes sent a second", batchBytes.rate);
  gauge("kafka.producer.compression.rate.avg", "Mean size of compressed batches as a share of their size before", compression.mean);
  gauge("kafka.producer.requests.in.flight", "Batches that wait for their acknowledgement", () => inFlight);
  return {
    delivering() {
      inFlight++;
      return (delivery) => {
        inFlight--;
        queued.add(delivery.queuedMs);
        requests.add(delivery.attempts);
        retries.add(Math.max(0, delivery.attempts - 1) * delivery.records);
        if (delivery.outcome === "failed") errors.add(delivery.records);
        if (delivery.outcome === "too-large") retries.add(delivery.records);
        if (delivery.outcome !== "acknowledged") return;
        responses.add(1);
        latency.add(delivery.latencyMs);
        records.add(delivery.records);
        batchBytes.add(delivery.bytes);
        recordBytes.add(delivery.plainBytes / delivery.records);
        compression.add(delivery.bytes / delivery.plainBytes);
      };
    },
  };
}

function registerConsumer(gauge: Gauge, windowOf: () => Window): Pick<KafkaMeters, "answered" | "consumed" | "consuming"> {
  let progress: (() => readonly PartitionProgress[]) | null = null;
  const latency = windowOf();
  const fetches = windowOf();
  const bytes = windowOf();
  const records = windowOf();
  const lags = (): number[] => (progress?.() ?? []).map(({ position, endOffset }) => Math.max(0, Number(endOffset - position)));
  gauge("kafka.consumer.fetch.manager.records.consumed.rate", "Records consumed a second", records.rate);
  gauge("kafka.consumer.fetch.manager.bytes.consumed.rate", "Bytes consumed a second", bytes.rate);
  gauge("kafka.consumer.fetch.manager.fetch.rate", "Fetch requests a second", fetches.rate);
  gauge(
    "kafka.consumer.fetch.manager.fetch.latency.avg",
    "Mean time in ms of a fetch request, the wait for records included",
    latency.mean,
  );
  gauge(
    "kafka.consumer.fetch.manager.fetch.latency.max",
    "Longest time in ms of a fetch request, the wait for records included",
    latency.max,
  );
  gauge("kafka.consumer.fetch.manager.records.lag.avg", "Mean number of records that a partition is read behind its end", () => {
    const known = lags();
    return known.reduce((sum, lag) => sum + lag, 0) / known.length;
  });
  gauge("kafka.consumer.fetch.manager.records.lag.max", "Largest number of records that a partition is read behind its end", () => {
    const known = lags();
    return known.length === 0 ? Number.NaN : Math.max(...known);
  });
  return {
    answered(latencyMs) {
      fetches.add(1);
      latency.add(latencyMs);
    },
    consumed(batches) {
      bytes.add(batches.reduce((sum, batch) => sum + batch.length, 0));
      records.add(batches.reduce((sum, batch) => sum + recordCountOf(batch), 0));
    },
    consuming(read) {
      progress = read;
      return () => {
        // One that takes long to close may have a successor by then.
        if (progress === read) progress = null;
      };
    },
  };
}
