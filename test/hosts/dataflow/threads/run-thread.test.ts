/** Threads that route, for real: workers with a broker in memory each. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { Worker } from "node:worker_threads";
import type { App } from "../../../../hosts/dataflow/app.ts";
import { systemClock } from "../../../../hosts/dataflow/clock.ts";
import { createHealth, type Health } from "../../../../hosts/dataflow/health.ts";
import { createLogLevels } from "../../../../hosts/dataflow/log-levels.ts";
import { createMetrics, type Metrics } from "../../../../hosts/dataflow/metrics.ts";
import { startThreadedApp } from "../../../../hosts/dataflow/threads/threaded-app.ts";
import { Threads } from "../../../../hosts/dataflow/threads/threads.ts";
import { until } from "../../../broker/topics.ts";
import { coreModule } from "../../../core-module.ts";
import { config } from "../config-checks.ts";
import { FakeBinder } from "../fake-binder.ts";
import { createMemoryLog } from "../memory-log.ts";
import { samplesOf, select } from "../metrics/scrape.ts";
import type { Ending, MemoryThreadData } from "./memory-thread.ts";

const THREAD = new URL("memory-thread.ts", import.meta.url);
/** Little enough to be soon exhausted, and enough to start. */
const HEAP_MB = 32;
const RECORDS_OF_TWO_THREADS = 12;

interface Running {
  readonly app: App;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly lines: readonly string[];
  /** Sum of a counter's samples over all tags. */
  readonly count: (name: string) => number;
}

/** Starts the app with two threads; the second one ends in some way when it is told something. */
function start(context: TestContext, ending: Ending = "as it is told"): Running {
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  const threads = new Threads();
  const metrics = createMetrics({ tags: {}, now: Date.now, ofThreads: () => threads.meters() });
  const lines: string[] = [];
  const binder = new FakeBinder();
  binder.topics.set("input", 2);
  const unroutable = ending === "by an unroutable record" ? ["--router.unroutable=stop"] : [];
  const app = startThreadedApp({
    config: config(["--spring.cloud.stream.bindings.input.consumer.concurrency=2", "--router.commit-interval=1ms", ...unroutable]),
    binder,
    core: coreModule(),
    health,
    levels: threads.followed(createLogLevels("INFO")),
    log: createMemoryLog(),
    clock: systemClock,
    threads,
    openWorker: (data) => {
      const workerData: MemoryThreadData = { ...data, ending: data.name === "router-1" ? ending : "as it is told" };
      const worker = new Worker(THREAD, { workerData, resourceLimits: { maxOldGenerationSizeMb: HEAP_MB } });
      context.after(async () => worker.terminate());
      return worker;
    },
    write: (line) => lines.push(line),
  });
  const count = (name: string): number =>
    select(samplesOf(metrics.scrape(undefined, null).body), name).reduce((sum, { value }) => sum + value, 0);
  return { app, health, metrics, lines, count };
}

async function untilUp({ health }: Running): Promise<void> {
  await until("all threads are members of their group", async () => health.status() === "UP");
}

test("threads route what there is, tell it in the meters, the log and the health, and end when they are told to", async (context) => {
  const running = start(context);
  const { app, lines, count } = running;
  await untilUp(running);
  await until("the meters have all records", async () => count("router_records_total") === RECORDS_OF_TWO_THREADS);
  assert.equal(count("spring_integration_sources"), 1);
  assert.match(lines.join(""), /--- \[timestamp-router\] \[ +router-1\] router\.app +: Routing input to even and odd\n/u);
  assert.equal(await app.control("input", "STOPPED"), true);
  await until("the input is stopped", async () => running.health.components()["binders"]?.status === "UNKNOWN");
  await app.control("input", "STARTED");
  await untilUp(running);
  assert.equal(await app.stop(), true);
  assert.deepEqual(app.counts(), { routed: [8, 4], tombstones: 0, unroutable: 0, deadLetters: 0, jumps: 0 });
  await app.ended;
});

for (const [ending, error] of [
  ["by an error that nobody catches", /^router-1 died: broken$/u],
  ["by exhaustion of its memory", /^router-1 died: Worker terminated due to reaching memory limit/u],
] as const) {
  test(`a thread that ends ${ending} ends the app, which says so`, async (context) => {
    const running = start(context, ending);
    await untilUp(running);
    await until("the meters have all records", async () => running.count("router_records_total") === RECORDS_OF_TWO_THREADS);
    void running.app.control("input", "PAUSED");
    await assert.rejects(running.app.ended, { code: "THREAD_DIED", message: error });
    assert.equal(running.health.status(), "DOWN");
  });
}

test("a thread whose app can't go on ends the app with the same error", async (context) => {
  const { app } = start(context, "by an unroutable record");
  await assert.rejects(app.ended, (error: Error) => {
    assert.equal(error.name, "AppError");
    assert.match(error.message, /input-0/u);
    return true;
  });
});
