/** The app that has threads route: what it makes of them, whatever they do. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError } from "../../../../hosts/dataflow/errors.ts";
import { FakeBinder, turn } from "../fake-binder.ts";
import { until } from "../started-app.ts";
import { snapshotOf, startThreads } from "./started-threads.ts";

const CONCURRENCY = "spring.cloud.stream.bindings.input.consumer.concurrency";
/** A thread that never answers is given up soon. */
const SHORT = "--router.shutdown-timeout=50ms";

async function turns(): Promise<void> {
  for (let count = 0; count < 20; count++) await turn();
}

test("the topics are there before the threads start, each with a name, a client id and the same anonymous group", async (context) => {
  const { binder, started, log } = startThreads(context, { args: ["--spring.cloud.stream.bindings.input.group="] });
  (await started(1))[0]?.opens();
  const workers = await started(2);
  assert.deepEqual([...binder.topics.keys()], ["input", "even", "odd"]);
  assert.deepEqual(
    workers.map(({ data }) => [data.name, data.config.client.id]),
    [
      ["router-0", "timestamp-router-0"],
      ["router-1", "timestamp-router-1"],
    ],
  );
  assert.match(workers[0]?.data.anonymousGroup ?? "", /^anonymous\.[0-9a-f-]{36}$/u);
  assert.equal(workers[1]?.data.anonymousGroup, workers[0]?.data.anonymousGroup);
  assert.deepEqual(log.lines, ["INFO router.app: Routing by 2 threads"]);
});

test("more threads than partitions are not started, and one line names the property and both numbers", async (context) => {
  const { started, log } = startThreads(context, { partitions: 3, concurrency: 8 });
  await started(3);
  await turns();
  assert.equal((await started(3)).length, 3);
  assert.deepEqual(
    log.lines.filter((line) => line.startsWith("WARN")),
    [`WARN router.app: ${CONCURRENCY} is 8, and the input has 3 partitions for this instance: starting 3 threads`],
  );
});

test("brokers that are away are waited for; without the right to a topic the app ends", async (context) => {
  const binder = new FakeBinder();
  binder.connectErrors.push(new AppError("BROKER_UNAVAILABLE", true, "no answer"));
  const { health, log, started } = startThreads(context, { binder });
  await log.line(/WARN router\.app: no answer; trying again in 0\.5 s/u);
  assert.equal(health.components()["binders"]?.status, "DOWN");
  assert.equal(health.components()["binders"]?.components?.["kafka"]?.details?.["error"], "no answer");
  await started(2);
  const refused = new FakeBinder();
  refused.connectErrors.push(new AppError("TOPIC_REFUSED", false, "grant Describe"));
  await assert.rejects(startThreads(context, { binder: refused }).app.ended, { code: "TOPIC_REFUSED" });
});

test("the health is UP when all threads are, and says which one is not, and why", async (context) => {
  const { health, started } = startThreads(context);
  const workers = await started(2);
  const binders = () => health.components()["binders"];
  const error = () => binders()?.components?.["kafka"]?.details?.["error"];
  assert.deepEqual([binders()?.status, error()], ["DOWN", "router-0: not connected; router-1: not connected"]);
  workers[0]?.opens();
  assert.deepEqual([binders()?.status, error()], ["DOWN", "router-1: not connected"]);
  workers[1]?.opens();
  assert.deepEqual([binders()?.status, error()], ["UP", undefined]);
  workers[0]?.says({ kind: "health", status: "DOWN", problem: "no answer from a broker" });
  assert.deepEqual([binders()?.status, error()], ["DOWN", "router-0: no answer from a broker"]);
});

test("a command for the input reaches all threads, and is done when all have done it", async (context) => {
  const { app, started } = startThreads(context);
  const workers = await started(2);
  let isDone = false;
  const done = app.control("input", "PAUSED").then(() => (isDone = true));
  assert.deepEqual(
    workers.map(({ commands }) => commands),
    [["PAUSED"], ["PAUSED"]],
  );
  workers[0]?.obeys();
  await turns();
  assert.equal(isDone, false);
  workers[1]?.obeys();
  await done;
  assert.equal(app.bindings()[0]?.state, "paused");
  assert.equal(await app.control("even", "PAUSED"), false);
  assert.equal(await app.control("even", "STARTED"), true);
});

test("a command is not waited for of a thread that has died", async (context) => {
  const { app, started } = startThreads(context, { args: [SHORT] });
  const [first, second] = await started(2);
  const done = app.control("input", "STOPPED");
  first?.obeys();
  second?.emit("error", new Error("broken"));
  await done;
});

test("a command is not waited for of a thread that has ended, before or meanwhile", async (context) => {
  const { app, started } = startThreads(context, { args: [SHORT] });
  const [first, second] = await started(2);
  first?.ends();
  const done = app.control("input", "PAUSED");
  second?.ends();
  await done;
});

test("an input that is to wait has no threads until it is started, and begins paused when it was paused before", async (context) => {
  const { app, binder, health, started, workers } = startThreads(context, {
    args: ["--spring.cloud.stream.bindings.input.consumer.auto-startup=false"],
  });
  await until("nobody has to know of the brokers", () => health.components()["binders"]?.status === "UNKNOWN");
  assert.deepEqual([workers.length, binder.wanted.length], [0, 0]);
  await app.control("input", "STARTED");
  await app.control("input", "PAUSED");
  const [first] = await started(2);
  assert.deepEqual(first?.commands, ["PAUSED"]);
});

test("where others would begin at a later end of the log, the first thread is a member before them", async (context) => {
  const { started } = startThreads(context, { args: ["--spring.cloud.stream.kafka.bindings.input.consumer.start-offset=latest"] });
  const [first] = await started(1);
  await turns();
  assert.equal((await started(1)).length, 1);
  first?.opens();
  await started(2);
});

test("with reset positions the first thread is a member before any other, unless partitions go by the instance's index", async (context) => {
  const resets = "--spring.cloud.stream.kafka.bindings.input.consumer.reset-offsets=true";
  const { started } = startThreads(context, { args: [resets] });
  const [first] = await started(1);
  await turns();
  assert.equal((await started(1)).length, 1);
  first?.opens();
  assert.deepEqual(
    (await started(2)).map(({ data }) => data.config.input.resetOffsets),
    [true, false],
  );
  const byIndex = "--spring.cloud.stream.kafka.bindings.input.consumer.auto-rebalance-enabled=false";
  await startThreads(context, { args: [resets, byIndex] }).started(2);
});

test("a level that changes reaches all threads, those that start later too, and their loggers are known", async (context) => {
  const { levels, started } = startThreads(context);
  levels.set("router.app", "DEBUG");
  levels.set("ROOT", "WARN");
  const [first, second] = await started(2);
  assert.deepEqual([first?.data.rootLevel, first?.data.levelByLogger], ["WARN", { "router.app": "DEBUG" }]);
  levels.set("router.app", null);
  for (const worker of [first, second]) assert.deepEqual(worker?.told, [{ kind: "level", logger: "router.app", level: null }]);
  assert.ok(!levels.names().includes("router.session"));
  first?.says({ kind: "snapshot", snapshot: snapshotOf(0) });
  assert.ok(levels.names().includes("router.session"));
  assert.equal(levels.effective("router.session"), "WARN");
});

test("what threads log is written as it comes, and what they have counted is added up", async (context) => {
  const { app, started, written } = startThreads(context);
  const [first, second] = await started(2);
  assert.deepEqual(app.counts(), { routed: [0, 0], tombstones: 0, unroutable: 0, deadLetters: 0, jumps: 0 });
  second?.says({ kind: "line", line: "one\n" });
  first?.says({ kind: "line", line: "two\n" });
  assert.deepEqual(written, ["one\n", "two\n"]);
  first?.says({ kind: "snapshot", snapshot: snapshotOf(10) });
  first?.says({ kind: "snapshot", snapshot: snapshotOf(20) });
  second?.says({ kind: "snapshot", snapshot: snapshotOf(5) });
  assert.deepEqual(app.counts(), { routed: [25, 0], tombstones: 2, unroutable: 4, deadLetters: 6, jumps: 8 });
});

test("a stop stops all threads and lasts until all have ended, whose last counts are the app's", async (context) => {
  const { app, started } = startThreads(context);
  const [first, second] = await started(2);
  let isStopped = false;
  const stopped = app.stop().then((isDrained) => {
    isStopped = true;
    return isDrained;
  });
  assert.deepEqual([first?.isStopped, second?.isStopped], [true, true]);
  first?.ends(true, snapshotOf(7));
  await turns();
  assert.equal(isStopped, false);
  second?.ends(true, snapshotOf(8));
  assert.equal(await stopped, true);
  assert.equal(app.counts().routed[0], 15);
  assert.deepEqual([first?.isTerminated, second?.isTerminated], [true, true]);
  await app.ended;
});

test("a stop says that not all was committed when a thread could not do it in time, or did not answer in time", async (context) => {
  const late = startThreads(context);
  const [first, second] = await late.started(2);
  const stopped = late.app.stop();
  first?.ends(true);
  second?.ends(false);
  assert.equal(await stopped, false);
  const silent = startThreads(context, { args: [SHORT] });
  const [heard] = await silent.started(2);
  const given = silent.app.stop();
  heard?.ends(true);
  assert.equal(await given, false);
});

test("a stop while the brokers are away ends the app, and no thread is started", async (context) => {
  const binder = new FakeBinder();
  binder.connectErrors.push(new AppError("BROKER_UNAVAILABLE", true, "no answer"));
  const { app, log, workers } = startThreads(context, { binder });
  await log.line(/trying again/u);
  assert.equal(await app.stop(), true);
  assert.equal(workers.length, 0);
});

test("a stop that gives up while brokers are silent has nothing to warn of, since no thread has taken anything", async (context) => {
  const binder = Object.assign(new FakeBinder(), { provision: async () => Promise.withResolvers<never>().promise });
  const { app } = startThreads(context, { binder, args: [SHORT] });
  assert.equal(await app.stop(), true);
});

test("when a thread can't go on, the others finish what they have, and the app ends with its error", async (context) => {
  const { app, health, log, started } = startThreads(context);
  const [first, second] = await started(2);
  for (const worker of [first, second]) worker?.opens();
  second?.fails("no right to write");
  await log.line(/WARN router\.app: One thread can't go on, so the others finish what they have: no right to write/u);
  assert.equal(health.components()["binders"]?.components?.["kafka"]?.details?.["error"], "router-1: no right to write");
  assert.equal(first?.isStopped, true);
  let hasEnded = false;
  void app.ended.catch(() => (hasEnded = true));
  await turns();
  assert.equal(hasEnded, false);
  first?.ends();
  await assert.rejects(app.ended, { name: "AppError", message: "no right to write" });
});

test("a thread that dies ends the app, which says which one it was", async (context) => {
  for (const [dies, message] of [
    ["error", "router-1 died: broken"],
    ["exit", "router-1 ended without a word, with exit code 3"],
  ] as const) {
    const { app, started, health } = startThreads(context);
    const [first, second] = await started(2);
    second?.emit(dies, dies === "error" ? new Error("broken") : 3);
    assert.equal(health.components()["binders"]?.status, "DOWN");
    await until("the other one is stopped", () => first?.isStopped === true);
    first?.ends();
    await assert.rejects(app.ended, { code: "THREAD_DIED", retriable: false, message });
  }
});

test("an app whose thread can't go on does not wait for a thread that does not answer", async (context) => {
  const { app, started } = startThreads(context, { args: [SHORT] });
  const [first] = await started(2);
  first?.fails("no right to write");
  await assert.rejects(app.ended, { message: "no right to write" });
});
