/** The app over a broker in memory, as tests start it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { startApp, type App } from "../../../hosts/dataflow/app.ts";
import { USUAL_READING, type Binder } from "../../../hosts/dataflow/binder.ts";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { createHealth, type Health } from "../../../hosts/dataflow/health.ts";
import { createMetrics, type Metrics } from "../../../hosts/dataflow/metrics.ts";
import { MemoryBroker } from "../../../hosts/dataflow/memory-binder.ts";
import { coreModule } from "../../core-module.ts";
import { config } from "./config-checks.ts";
import { turn } from "./fake-binder.ts";
import { valuesOf } from "./fetched.ts";
import { createMemoryLog, type MemoryLog } from "./memory-log.ts";

/** Far more than anything here takes: a test that waits in vain is to fail, not to hang. */
const WAIT_MAX_MS = 5000;

/** A running app, and where it tells how it is. */
export interface Started {
  readonly app: App;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: MemoryLog;
}

/** Starts the app, which is stopped when the test ends, however it ends. */
export function start(
  context: TestContext,
  binder: Binder,
  args: readonly string[] = [],
  metrics: Metrics = createMetrics({ tags: {}, now: Date.now }),
): Started {
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  const log = createMemoryLog();
  const told = ["--router.commit-interval=1ms", ...args];
  const app = startApp({ config: config(told), binder, core: coreModule(), health, metrics, log, clock: systemClock });
  context.after(async () => app.stop().catch(() => {}));
  return { app, health, metrics, log };
}

/** A broker in memory whose input has these batches in each of its partitions. */
export async function brokerWith(partitions: number, ...batches: readonly Uint8Array[]): Promise<MemoryBroker> {
  const broker = new MemoryBroker();
  const binder = broker.binder(systemClock);
  await binder.provision([{ name: "input", partitions }]);
  const producer = await binder.openProducer();
  for (let partition = 0; partition < partitions; partition++) {
    for (const bytes of batches) await producer.produce("input", partition, bytes);
  }
  await producer.close();
  return broker;
}

/** Resolves when the app's group has committed the whole input. */
export async function untilCommitted(broker: MemoryBroker): Promise<void> {
  await until("the input is committed", () =>
    broker.endOffsets("input").every((end, partition) => broker.committedOffset("timestamp-router", "input", partition) === end),
  );
}

/** Resolves when something holds; everything else has its turns in between. Rejects when that takes too long. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const deadline = performance.now() + WAIT_MAX_MS;
  while (!holds()) {
    assert.ok(performance.now() < deadline, `not in time: ${what}`);
    await turn();
  }
}

/** All values of a topic's partition, in order. */
export async function readAll(broker: MemoryBroker, topic: string, partition: number): Promise<readonly (string | null)[]> {
  const seen: (string | null)[] = [];
  const end = broker.endOffsets(topic).reduce((sum, offset) => sum + offset, 0n);
  const read = Promise.withResolvers<void>();
  let count = 0n;
  const consumer = await broker
    .binder(systemClock)
    .openConsumer({ ...USUAL_READING, topics: [topic], group: null, startOffset: "earliest" }, async (fetched) => {
      const values = fetched.batches.flatMap(({ bytes }) => valuesOf(bytes));
      if (fetched.partition === partition) seen.push(...values);
      count += BigInt(values.length);
      if (count === end) read.resolve();
      return Promise.resolve();
    });
  if (end > 0n) await read.promise;
  await consumer.close();
  return seen;
}
