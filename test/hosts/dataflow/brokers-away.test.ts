/** Brokers that are away for long, in a time that passes as fast as it can, seen by the platform's probes. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { startApp } from "../../../hosts/dataflow/app.ts";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import { createHealth } from "../../../hosts/dataflow/health.ts";
import { createMetrics } from "../../../hosts/dataflow/metrics.ts";
import { coreModule } from "../../core-module.ts";
import { Random } from "../../simulation/random.ts";
import { Life, Scheduler } from "../../simulation/scheduler.ts";
import { ask, read, start } from "./actuator-client.ts";
import { config } from "./config-checks.ts";
import { FakeBinder } from "./fake-binder.ts";
import { createMemoryLog } from "./memory-log.ts";

const MINUTE_MS = 60_000;

test("brokers that are away for ten minutes never make a probe fail, and the health tells of them", async () => {
  const scheduler = new Scheduler(new Random(1));
  const { clock } = new Life(scheduler);
  const binder = new FakeBinder();
  let isAway = false;
  const provision = binder.provision.bind(binder);
  binder.provision = async (topics) => {
    if (isAway) throw new AppError("BROKER_UNAVAILABLE", true, "no answer");
    return provision(topics);
  };
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  const metrics = createMetrics({ tags: {}, now: () => 0 });
  const app = startApp({ config: config(), binder, core: coreModule(), health, metrics, log: createMemoryLog(), clock });
  const actuator = await start(health);
  const pass = async (ms: number): Promise<void> => void (await scheduler.run(scheduler.nowMs + ms, () => false));
  const status = async (): Promise<unknown> => ((await read(actuator, "/actuator/health")) as { status: unknown }).status;

  await pass(MINUTE_MS);
  assert.equal(await status(), "UP");
  isAway = true;
  binder.consumers[0]?.fail(new AppError("BROKER_UNAVAILABLE", true, "gone"));
  for (let minute = 1; minute <= 10; minute++) {
    await pass(MINUTE_MS);
    assert.equal(await status(), "DOWN");
    for (const probe of ["liveness", "readiness"]) assert.equal((await ask(actuator, `GET /actuator/health/${probe}`)).status, 200, probe);
  }
  isAway = false;
  await pass(MINUTE_MS);
  assert.equal(await status(), "UP");
  const stopped = app.stop();
  await pass(MINUTE_MS);
  assert.equal(await stopped, true);
});
