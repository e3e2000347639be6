/** A broker that takes nothing for a while holds the app back, and costs it neither memory nor a record. */
import assert from "node:assert/strict";
import { useProxiedBroker } from "../exactly-once/use-proxied-broker.ts";
import { startApp, type RunningApp } from "./app.ts";
import { faultless, verify, writeRecords } from "./records.ts";
import { streamOf } from "./stream.ts";
import { until } from "./topics.ts";

const PARTITIONS = 4;
const RECORDS = 200_000;
/** The outputs have some forty times as many bytes. */
const IN_FLIGHT_BYTES = 200_000;
const BATCH_BYTES = 50_000;
/** Less than a batch for each of the outputs is added at a time, when there is room for anything. */
const IN_FLIGHT_BYTES_MAX = IN_FLIGHT_BYTES + 2 * BATCH_BYTES;
/** More than the app sends at once: one for each partition of an output. */
const HELD_REQUESTS = 3 * PARTITIONS;
const HEARTBEATS = 4;

const broker = await useProxiedBroker({ heapMb: 384 });

async function inFlightBytes(app: RunningApp): Promise<number> {
  const { body } = await app.get("/actuator/metrics/router.in.flight");
  const [measurement] = body["measurements"] as readonly { readonly value: number }[];
  assert.ok(measurement !== undefined, JSON.stringify(body));
  return measurement.value;
}

broker.test(
  "while no produce request is answered, no more than router.in-flight-bytes and a batch an output is on its way",
  async (context) => {
    const stream = streamOf(broker.bootstrap, "backlog");
    for (const topic of [stream.input, stream.even, stream.odd]) await broker.topics.create(topic, PARTITIONS);
    await writeRecords(broker.cluster.bootstrap, stream.input, { records: RECORDS, partitions: PARTITIONS, plain: true });
    const held = Array.from({ length: HELD_REQUESTS }, () => broker.proxy.hold({ api: "Produce" }));
    const app = startApp(context, {
      properties: {
        ...stream.properties,
        "router.in-flight-bytes": IN_FLIGHT_BYTES,
        "router.output-batch-bytes": BATCH_BYTES,
        "spring.cloud.stream.kafka.binder.configuration.heartbeat.interval.ms": 200,
        "management.endpoints.web.exposure.include": "metrics",
      },
    });
    await until("as much is on its way as may be", async () => (await inFlightBytes(app)) >= IN_FLIGHT_BYTES);
    // It lives and could go on reading: the broker answers all else.
    for (let count = 0; count < HEARTBEATS; count++) {
      await broker.proxy.seen({ api: "Heartbeat" });
      const bytes = await inFlightBytes(app);
      assert.ok(bytes >= IN_FLIGHT_BYTES && bytes <= IN_FLIGHT_BYTES_MAX, `${bytes} bytes in flight`);
    }
    await Promise.all(held.map(async (request) => request.deliver()));
    await broker.topics.untilCommitted(stream.group, stream.input);
    await app.stop();
    assert.deepEqual(await verify(broker.cluster.bootstrap, stream), faultless(RECORDS));
  },
);
