/** A session over fakes, as tests open it. */
import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { USUAL_READING } from "../../../hosts/dataflow/binder.ts";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import type { Targets } from "../../../hosts/dataflow/provision.ts";
import { createMetrics, type Metrics } from "../../../hosts/dataflow/metrics.ts";
import { createRouterMeters, type RouterMeters } from "../../../hosts/dataflow/metrics/router-meters.ts";
import { openSession, type Session, type SessionOptions } from "../../../hosts/dataflow/session.ts";
import { Router } from "../../../hosts/embed.ts";
import { coreModule } from "../../core-module.ts";
import { FakeBinder, type FakeConsumer, type FakeProducer } from "./fake-binder.ts";
import { fetchedBatch, fetchedOf, plainBytes } from "./fetched.ts";
import { createMemoryLog, type MemoryLog } from "./memory-log.ts";

/** Two outputs with different numbers of partitions. */
export const TARGETS: Targets = {
  outputs: [
    { destination: "even", partitions: 4, codec: "none", keepsHeaders: true },
    { destination: "odd", partitions: 3, codec: "none", keepsHeaders: true },
  ],
  deadLetters: null,
  batchBytesMax: 900_000,
};

/** A session, and the fakes that it works with. */
export interface Opened {
  readonly session: Session;
  readonly binder: FakeBinder;
  readonly producer: FakeProducer;
  readonly consumer: FakeConsumer;
  readonly log: MemoryLog;
}

/** The meters of a router that has no session to be asked. */
export function routerMeters(metrics: Metrics): RouterMeters {
  return createRouterMeters(metrics, {
    topics: ["in"],
    group: "group",
    outputs: ["even", "odd"],
    unroutable: "log",
    inFlightBytesMax: 1 << 20,
    session: () => null,
  });
}

/** What a session is opened with, but for some changes. */
export function options(binder: FakeBinder, log: MemoryLog, changes: Partial<SessionOptions> = {}): SessionOptions {
  return {
    binder,
    router: new Router(coreModule()),
    checker: new Router(coreModule()),
    input: { ...USUAL_READING, destinations: ["in"], group: "group", startOffset: "earliest" },
    targets: TARGETS,
    inFlightBytesMax: 1 << 20,
    commitIntervalMs: 1,
    meters: routerMeters(createMetrics({ tags: {}, now: Date.now })),
    onUnroutable: () => {},
    onJump: () => {},
    log,
    clock: systemClock,
    ...changes,
  };
}

/** Opens a session, which is let go when the test ends, however it ends. */
export async function open(context: TestContext, changes: Partial<SessionOptions> = {}, hasTransactions = false): Promise<Opened> {
  const binder = new FakeBinder();
  binder.hasTransactions = hasTransactions;
  const log = createMemoryLog();
  const session = await openSession(options(binder, log, changes));
  const [producer, consumer] = [binder.producers[0], binder.consumers[0]];
  assert.ok(producer !== undefined && consumer !== undefined);
  context.after(async () => {
    // A handler that waits for room would hold the session up.
    producer.acknowledgesAtOnce = true;
    producer.acknowledgeAll();
    await session.abandon();
  });
  return { session, binder, producer, consumer, log };
}

/** One fetch of a partition, with a batch of these values. */
export function values(baseOffset: bigint, texts: readonly (string | null)[], partition = 0): ReturnType<typeof fetchedOf> {
  return fetchedOf([fetchedBatch(plainBytes(baseOffset, texts))], { partition, fetchOffset: baseOffset });
}

/** A record so long that one batch of it fills the room of `TIGHT`. */
export const LONG = "v".repeat(2000);
/** A session with room for one batch on its way, and for one record in it. */
export const TIGHT = { inFlightBytesMax: 1024, targets: { ...TARGETS, batchBytesMax: 1024 } } as const;
