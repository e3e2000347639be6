import { dataSize, duration, line } from "./property-kinds.ts";
import { commonClientNames, consumerClientNames } from "./property-layers.ts";

const binder = "spring.cloud.stream.kafka.binder.configuration";

/** What Kafka's own clients are told, by Kafka's own names. */
export const KAFKA_CLIENT_PROPERTIES = {
  clientId: line({
    name: `${binder}.client.id`,
    names: commonClientNames("client.id", "client-id"),
    default: null,
    defaultMeaning: "`spring.application.name`",
    description: "What the app calls itself in its requests to brokers.",
  }),
  requestTimeout: duration(
    {
      name: `${binder}.request.timeout.ms`,
      names: commonClientNames("request.timeout.ms"),
      default: "10s",
      description: "Longest wait for an answer; writing waits for 30 s at least.",
    },
    { min: 1000, max: 600_000 },
  ),
  metadataMaxAge: duration(
    {
      name: `${binder}.metadata.max.age.ms`,
      names: commonClientNames("metadata.max.age.ms"),
      default: "10s",
      description: "Time within which partitions that were added are found.",
    },
    { min: 100, max: 3_600_000 },
  ),
  sessionTimeout: duration(
    {
      name: `${binder}.session.timeout.ms`,
      names: consumerClientNames("session.timeout.ms"),
      default: "15s",
      description: "A member of the group that is not heard of for this long loses its partitions; the broker has its own bounds.",
    },
    { min: 1000, max: 1_800_000 },
  ),
  heartbeatInterval: duration(
    {
      name: `${binder}.heartbeat.interval.ms`,
      names: consumerClientNames("heartbeat.interval.ms", "heartbeat-interval"),
      default: "3s",
      description: "Time between two signs of life; with `fetch.max.wait.ms` less than `session.timeout.ms`.",
    },
    { min: 100, max: 30_000 },
  ),
  rebalanceTimeout: duration(
    {
      name: `${binder}.max.poll.interval.ms`,
      names: consumerClientNames("max.poll.interval.ms", "max-poll-interval"),
      default: "1m",
      description: "Longest time that the group waits for a member to join again when partitions are shared out.",
    },
    { min: 1000, max: 1_800_000 },
  ),
  fetchWait: duration(
    {
      name: `${binder}.fetch.max.wait.ms`,
      names: consumerClientNames("fetch.max.wait.ms", "fetch-max-wait"),
      default: "500ms",
      description: "Longest time that a broker waits for `fetch.min.bytes`; a stop waits for it, too.",
    },
    { min: 1, max: 30_000 },
  ),
  fetchBytesMin: dataSize(
    {
      name: `${binder}.fetch.min.bytes`,
      names: consumerClientNames("fetch.min.bytes", "fetch-min-size"),
      default: "1",
      description: "What a broker waits for before it answers a fetch.",
    },
    { min: 1, max: 1_073_741_824 },
  ),
  fetchBytesMax: dataSize(
    {
      name: `${binder}.fetch.max.bytes`,
      names: consumerClientNames("fetch.max.bytes"),
      default: "32MB",
      description: "Largest answer to a fetch; a single batch may be larger.",
    },
    { min: 1024, max: 1_073_741_824 },
  ),
  partitionBytesMax: dataSize(
    {
      name: `${binder}.max.partition.fetch.bytes`,
      names: consumerClientNames("max.partition.fetch.bytes"),
      default: "1MB",
      description: "Largest part of it for one partition; a single batch may be larger.",
    },
    { min: 1024, max: 1_073_741_824 },
  ),
} as const;
