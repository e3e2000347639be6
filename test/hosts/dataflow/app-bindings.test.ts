/** An operator pauses, resumes, stops and starts the input of a running app. */
import assert from "node:assert/strict";
import { test, type TestContext } from "node:test";
import { systemClock } from "../../../hosts/dataflow/clock.ts";
import { AppError } from "../../../hosts/dataflow/errors.ts";
import { FakeBinder, turn } from "./fake-binder.ts";
import { fetchedBatch, fetchedOf, plainBytes } from "./fetched.ts";
import { brokerWith, readAll, start, untilCommitted } from "./started-app.ts";

/** A test that waits in vain is to fail, not to hang. */
const TEST_MS_MAX = 10_000;
const STOPPED_AT_START = "--spring.cloud.stream.bindings.input.consumer.auto-startup=false";
const STATES = ["paused", "running", "stopped"] as const;

/** A binder that acknowledges what is on its way when the test ends, however it ends: the app would wait for it. */
function binderOf(context: TestContext): FakeBinder {
  const binder = new FakeBinder();
  context.after(() => binder.producers[0]?.acknowledgeAll());
  return binder;
}

test("a paused input keeps its consumer, and a resumed one goes on with it", async (context) => {
  const binder = new FakeBinder();
  const { app, log } = start(context, binder);
  await log.line(/Routing/u);
  await app.control("input", "PAUSED");
  assert.deepEqual([binder.consumers[0]?.isPaused, app.bindings()[0]?.state], [true, "paused"]);
  await app.control("input", "RESUMED");
  assert.deepEqual([binder.consumers[0]?.isPaused, app.bindings()[0]?.state], [false, "running"]);
  assert.equal(binder.consumers.length, 1);
});

test("a paused input is paused after a broker's failure, from the first fetch on", async (context) => {
  const binder = new FakeBinder();
  const { app, log } = start(context, binder);
  await log.line(/Routing/u);
  await app.control("input", "PAUSED");
  binder.consumers[0]?.fail(new Error("fenced"));
  await binder.until(() => binder.consumers.length === 2);
  assert.equal(binder.consumers[1]?.options.isPaused, true);
  await turn();
  await app.control("input", "RESUMED");
  assert.equal(binder.consumers[1]?.isPaused, false);
});

test("a pause that comes while a session opens counts for it, and so does the end of one", async (context) => {
  for (const [before, meanwhile, isPaused] of [
    [null, "PAUSED", true],
    ["PAUSED", "RESUMED", false],
  ] as const) {
    const binder = new FakeBinder();
    const opened = Promise.withResolvers<void>();
    const open = binder.openConsumer.bind(binder);
    binder.openConsumer = async (...consumer) => {
      binder.happened("consumer opening");
      await opened.promise;
      return open(...consumer);
    };
    const { app, log } = start(context, binder);
    if (before !== null) await app.control("input", before);
    await binder.until(() => binder.events.includes("consumer opening"));
    await app.control("input", meanwhile);
    opened.resolve();
    await log.line(/Routing/u);
    assert.equal(binder.consumers[0]?.isPaused, isPaused);
  }
});

test("a stop commits what is on its way, leaves the group and stays so; a start opens a new session", async (context) => {
  const binder = binderOf(context);
  const { app, health, log } = start(context, binder);
  await log.line(/Routing/u);
  await binder.consumers[0]?.deliver(fetchedOf([fetchedBatch(plainBytes(0n, ["1"]))], { topic: "input" }));
  let isStopped = false;
  const stopped = app.control("input", "STOPPED").then(() => (isStopped = true));
  await turn();
  assert.equal(isStopped, false);
  binder.producers[0]?.acknowledgeAll();
  await stopped;
  assert.deepEqual(binder.consumers[0]?.commits, [[{ topic: "input", partition: 0, offset: 1n }]]);
  assert.deepEqual(binder.events.slice(-3), ["consumer closing", "consumer closed", "producer closed"]);
  assert.equal(app.bindings()[0]?.state, "stopped");
  assert.equal(health.status(), "UP");
  await app.control("input", "STARTED");
  await binder.until(() => binder.consumers.length === 2);
  await turn();
  assert.deepEqual([app.bindings()[0]?.state, health.status()], ["running", "UP"]);
});

test("records that come while the input is paused or stopped are routed later, each once and in order", async (context) => {
  const broker = await brokerWith(1, plainBytes(0n, ["2"]));
  const { app } = start(context, broker.binder(systemClock));
  await untilCommitted(broker);
  let offset = 1n;
  for (const [off, on] of [
    ["PAUSED", "RESUMED"],
    ["STOPPED", "STARTED"],
  ] as const) {
    await app.control("input", off);
    broker.append("input", 0, plainBytes(offset, [`${offset}0`]));
    for (let time = 0; time < 20; time++) await turn();
    assert.equal(broker.committedOffset("timestamp-router", "input", 0), offset);
    await app.control("input", on);
    await untilCommitted(broker);
    offset++;
  }
  await app.stop();
  const even = ["2", "10", "20"].map((text) => `Even timestamp: ${text}`);
  assert.deepEqual(await readAll(broker, "even", 0), even);
});

test("an app whose input does not start by itself opens nothing and is not DOWN, until it is told to start", async (context) => {
  const binder = new FakeBinder();
  const { app, health } = start(context, binder, [STOPPED_AT_START]);
  await turn();
  assert.deepEqual([binder.events, health.status(), app.bindings()[0]?.state], [[], "UP", "stopped"]);
  await app.control("input", "STARTED");
  await binder.until(() => binder.consumers.length === 1);
});

test("a stop of the app ends one whose input is stopped", { timeout: TEST_MS_MAX }, async (context) => {
  const { app } = start(context, new FakeBinder(), [STOPPED_AT_START]);
  await turn();
  assert.equal(await app.stop(), true);
  await app.ended;
});

test("a stop ends the wait for brokers that are away, and is no failure", { timeout: TEST_MS_MAX }, async (context) => {
  const binder = new FakeBinder();
  for (let time = 0; time < 10; time++) binder.connectErrors.push(new AppError("BROKER_UNAVAILABLE", true, "no answer"));
  const { app, health, log } = start(context, binder);
  await log.line(/trying again in 1 s/u);
  await app.control("input", "STOPPED");
  await turn();
  assert.equal(health.components()["binders"]?.status, "UNKNOWN");
});

test("a stop that can't drain is answered after the time for it", { timeout: TEST_MS_MAX }, async (context) => {
  const binder = binderOf(context);
  const { app, log } = start(context, binder, ["--router.shutdown-timeout=20ms"]);
  await log.line(/Routing/u);
  await binder.consumers[0]?.deliver(fetchedOf([fetchedBatch(plainBytes(0n, ["1"]))], { topic: "input" }));
  assert.equal(await app.control("input", "STOPPED"), true);
  assert.deepEqual(binder.consumers[0]?.commits, []);
  binder.producers[0]?.acknowledgeAll();
});

test("a start that overtakes a stop ends the wait for it, and follows it", { timeout: TEST_MS_MAX }, async (context) => {
  const binder = binderOf(context);
  const { app, log } = start(context, binder, ["--router.shutdown-timeout=1h"]);
  await log.line(/Routing/u);
  await binder.consumers[0]?.deliver(fetchedOf([fetchedBatch(plainBytes(0n, ["1"]))], { topic: "input" }));
  const stopped = app.control("input", "STOPPED");
  await app.control("input", "STARTED");
  await stopped;
  assert.equal(binder.consumers.length, 1);
  binder.producers[0]?.acknowledgeAll();
  await binder.until(() => binder.consumers.length === 2);
  assert.deepEqual(binder.consumers[0]?.commits, [[{ topic: "input", partition: 0, offset: 1n }]]);
});

test("commands change the state as they say, and what is stopped can only be started", async (context) => {
  const binder = new FakeBinder();
  const { app, log } = start(context, binder);
  await log.line(/Routing/u);
  const seen: string[] = [];
  for (const command of ["RESUMED", "STARTED", "PAUSED", "STARTED", "STOPPED", "PAUSED", "RESUMED", "STOPPED", "STARTED"] as const) {
    await app.control("input", command);
    seen.push(app.bindings()[0]?.state ?? "");
  }
  assert.deepEqual(seen, ["running", "running", "paused", "paused", "stopped", "stopped", "stopped", "stopped", "running"]);
  assert.deepEqual([...new Set(seen)].toSorted(), STATES);
});

test("an output goes with the input: it can't be stopped or paused; a binding that there is not is nobody's concern", async (context) => {
  const { app } = start(context, new FakeBinder());
  for (const command of ["STOPPED", "PAUSED"] as const) assert.equal(await app.control("even", command), false);
  for (const command of ["STARTED", "RESUMED"] as const) assert.equal(await app.control("even", command), true);
  assert.equal(await app.control("nothing", "STOPPED"), true);
  assert.equal(app.bindings()[0]?.state, "running");
});

test("the binder's health tells the topics and whether they are read", async (context) => {
  const args = ["--spring.cloud.stream.bindings.input.destination=a,b", "--spring.cloud.stream.bindings.input.group=g"];
  const { app, health } = start(context, new FakeBinder(), args);
  const container = { isRunning: true, isStoppedAbnormally: false, isPaused: false, listenerId: null, groupId: "g" };
  const details = (): unknown => health.components()["binders"]?.components?.["kafka"]?.details;
  const topicsInUse = ["a", "b", "even", "odd"];
  assert.deepEqual(details(), { topicsInUse, listenerContainers: [container, container] });
  await app.control("input", "PAUSED");
  const paused = { ...container, isPaused: true };
  assert.deepEqual(details(), { topicsInUse, listenerContainers: [paused, paused] });
  await app.control("input", "STOPPED");
  const stopped = { ...container, isRunning: false };
  assert.deepEqual(details(), { topicsInUse, listenerContainers: [stopped, stopped] });
});
