import assert from "node:assert/strict";
import { test } from "node:test";
import { USUAL_READING } from "../../../hosts/dataflow/binder.ts";
import { createConsumer } from "../../../hosts/dataflow/kafka/group-consumer.ts";
import type { Consumer, Kafka } from "../../../hosts/dataflow/kafka/kafkajs.ts";
import { config } from "./config-checks.ts";

test("kafkajs's consumer is told what the configuration says of the group and of fetches", () => {
  const told: Record<string, unknown> = {};
  const kafka = {
    consumer: (options: object): Consumer => {
      Object.assign(told, options);
      return {} as Consumer;
    },
  };
  const { client } = config(
    [
      "session.timeout.ms=31000",
      "heartbeat.interval.ms=4000",
      "max.poll.interval.ms=90000",
      "metadata.max.age.ms=5000",
      "fetch.max.wait.ms=100",
      "fetch.min.bytes=2",
      "fetch.max.bytes=2000000",
      "max.partition.fetch.bytes=500000",
    ].map((property) => `--spring.cloud.stream.kafka.binder.configuration.${property}`),
  );
  createConsumer(kafka as unknown as Kafka, client, { ...USUAL_READING, group: "g", topics: ["in"], startOffset: "earliest" });
  const { retry: _, ...rest } = told;
  assert.deepEqual(rest, {
    groupId: "g",
    sessionTimeout: 31_000,
    heartbeatInterval: 4000,
    rebalanceTimeout: 90_000,
    metadataMaxAge: 5000,
    maxWaitTimeInMs: 100,
    minBytes: 2,
    maxBytes: 2_000_000,
    maxBytesPerPartition: 500_000,
    allowAutoTopicCreation: false,
    readUncommitted: false,
  });
});
