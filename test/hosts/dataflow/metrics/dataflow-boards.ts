/**
 * What the dashboards of Data Flow 2.11 for Prometheus ask for: the series of each of their queries, with the labels that they choose, group by
 * or show. Their queries for Kafka Streams are not among them, as there is no such thing here.
 */
import type { Matchers } from "./scrape.ts";

export interface Asked {
  readonly panel: string;
  readonly series: string;
  readonly matchers: Matchers;
}

/** A label that only has to be there. */
const ANY = /./u;
const APP = { stream_name: ANY, application_name: ANY };
const INSTANCE = { ...APP, application_guid: ANY };
const CHANNEL = { type: "channel", name: /^(?!errorChannel$|nullChannel$)./u, result: "success", ...INSTANCE };

const APPLICATIONS: readonly Asked[] = [
  { panel: "# Apps", series: "process_cpu_usage", matchers: APP },
  { panel: "CPU", series: "process_cpu_usage", matchers: INSTANCE },
  { panel: "Memory", series: "jvm_memory_used_bytes", matchers: INSTANCE },
  { panel: "Threads", series: "jvm_threads_live_threads", matchers: INSTANCE },
  { panel: "Files", series: "process_files_open_files", matchers: INSTANCE },
  { panel: "Channel Throughput", series: "spring_integration_send_seconds_count", matchers: CHANNEL },
  { panel: "Channel Latency", series: "spring_integration_send_seconds_sum", matchers: CHANNEL },
  { panel: "Handler Throughput", series: "spring_integration_send_seconds_count", matchers: { ...CHANNEL, type: "handler", name: ANY } },
  {
    panel: "Message Source Rate",
    series: "spring_integration_receive_total",
    matchers: { type: "source", result: "success", name: ANY, ...INSTANCE },
  },
  { panel: "Channel Failures", series: "spring_integration_send_seconds_count", matchers: { ...CHANNEL, result: "failure" } },
  { panel: "Channels, Handlers, Sources Counts", series: "spring_integration_channels", matchers: INSTANCE },
  { panel: "Channels, Handlers, Sources Counts", series: "spring_integration_handlers", matchers: INSTANCE },
  { panel: "Channels, Handlers, Sources Counts", series: "spring_integration_sources", matchers: INSTANCE },
];

const STREAMS: readonly Asked[] = [
  { panel: "Total Stream Count", series: "spring_integration_send_seconds_count", matchers: { stream_name: ANY } },
  { panel: "Total App Count", series: "spring_integration_send_seconds_count", matchers: { application_guid: ANY } },
  { panel: "Number of Apps", series: "system_cpu_usage", matchers: { stream_name: ANY } },
  { panel: "Memory", series: "jvm_memory_used_bytes", matchers: { stream_name: ANY } },
  { panel: "Error Channel", series: "spring_integration_send_seconds_count", matchers: { type: "channel", name: "errorChannel" } },
  { panel: "Stream Latency", series: "spring_integration_send_seconds_sum", matchers: { result: "success", stream_name: ANY } },
  { panel: "Stream Latency", series: "spring_integration_send_seconds_sum", matchers: { result: "failure", stream_name: ANY } },
  { panel: "Stream Throughput", series: "spring_integration_send_seconds_count", matchers: { result: "failure", stream_name: ANY } },
  { panel: "Message Source Rate", series: "spring_integration_receive_total", matchers: { result: "success", stream_name: ANY } },
];

const PRODUCER: readonly string[] = [
  "record_error_rate",
  "record_retry_rate",
  "record_send_rate",
  "record_size_avg",
  "record_queue_time_avg",
  "request_rate",
  "response_rate",
  "request_latency_avg",
  "request_latency_max",
  "compression_rate_avg",
  "batch_size_avg",
  "records_per_request_avg",
  "outgoing_byte_rate",
  "requests_in_flight",
];

const CONSUMER: readonly string[] = [
  "records_lag_avg",
  "records_lag_max",
  "records_consumed_rate",
  "fetch_rate",
  "fetch_latency_avg",
  "fetch_latency_max",
  "bytes_consumed_rate",
];

const KAFKA: readonly Asked[] = [
  { panel: "Logging Events", series: "logback_events_total", matchers: { level: ANY, ...INSTANCE } },
  ...PRODUCER.map((end) => ({ panel: "Producer", series: `kafka_producer_${end}`, matchers: { client_id: ANY, ...INSTANCE } })),
  ...CONSUMER.map((end) => ({
    panel: "Consumer",
    series: `kafka_consumer_fetch_manager_${end}`,
    matchers: { client_id: ANY, ...INSTANCE },
  })),
];

/** All that the app answers. */
export const ASKED: readonly Asked[] = [...APPLICATIONS, ...STREAMS, ...KAFKA];

/** What it does not answer; docs/metrics.md says why. */
export const NOT_ANSWERED: readonly string[] = [
  "jvm_classes_loaded_classes",
  "tomcat_global_error_total",
  "kafka_producer_record_size_max",
  "kafka_producer_io_wait_time_ns_avg",
  "kafka_producer_io_wait_ratio",
  "kafka_producer_network_io_rate",
  "kafka_producer_waiting_threads",
  "kafka_stream_",
];
