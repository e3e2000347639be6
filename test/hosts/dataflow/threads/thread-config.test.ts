/** How many threads there are, and what each is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { shareOut } from "../../../../hosts/dataflow/kafka/instance-assigner.ts";
import { configOfThread, threadCount } from "../../../../hosts/dataflow/threads/thread-config.ts";
import { config, fault, holds } from "../config-checks.ts";

const CONCURRENCY = "spring.cloud.stream.bindings.input.consumer.concurrency";
const BY_INDEX = ["--spring.cloud.stream.kafka.bindings.input.consumer.auto-rebalance-enabled=false"];

/** Whether each of three threads resets positions. */
function resets(args: readonly string[]): readonly boolean[] {
  const told = config(["--spring.cloud.stream.kafka.bindings.input.consumer.reset-offsets=true", ...args]);
  return [0, 1, 2].map((index) => configOfThread(told, index, 3).input.resetOffsets);
}

test("concurrency is a whole number from 1 on, and 1 unless it is said", () => {
  holds(
    CONCURRENCY,
    ({ input }) => input.concurrency,
    [
      ["1", 1],
      ["16", 16],
    ],
    ["0", "-1", "2.5", "many", "1001"],
  );
  assert.equal(config().input.concurrency, 1);
  assert.equal(config(["--spring.cloud.stream.default.consumer.concurrency=3"]).input.concurrency, 3);
  assert.match(fault([`--${CONCURRENCY}=0`]), /whole number/u);
});

test("there are as many threads as are wanted, but no more than partitions of all topics together, and one at least", () => {
  const partitions = new Map([
    ["a", 4],
    ["b", 2],
  ]);
  for (const [wanted, count] of [
    [2, 2],
    [6, 6],
    [7, 6],
    [100, 6],
  ] as const) {
    assert.equal(threadCount(wanted, partitions, null), count, String(wanted));
  }
  assert.equal(threadCount(2, new Map([["a", 0]]), null), 1);
});

test("where partitions go by the instance's index, there are no more threads than one topic has partitions for the instance", () => {
  const partitions = new Map([
    ["a", 7],
    ["b", 3],
  ]);
  // Of 0 to 6, those of the three instances are 0 3 6, 1 4 and 2 5.
  assert.deepEqual(
    [0, 1, 2].map((index) => threadCount(100, partitions, { index, count: 3 })),
    [3, 2, 2],
  );
  assert.equal(threadCount(100, new Map([["a", 1]]), { index: 2, count: 3 }), 1);
});

test("by index, each partition of an instance goes to one of its threads, and those of other instances to none", () => {
  for (const [instances, threads] of [
    [1, 2],
    [3, 2],
    [2, 5],
  ] as const) {
    const partitions = Array.from({ length: 23 }, (_, partition) => partition);
    for (let index = 0; index < instances; index++) {
      const told = config([
        ...BY_INDEX,
        `--spring.cloud.stream.instance-count=${instances}`,
        `--spring.cloud.stream.instance-index=${index}`,
      ]);
      const members = Array.from({ length: threads }, (_, thread) => {
        const { instance } = configOfThread(told, thread, threads).input;
        assert.ok(instance !== null);
        return { memberId: String(thread), instance };
      });
      const shares = shareOut(members, new Map([["a", partitions]])).map(({ assignment }) => assignment["a"] ?? []);
      assert.deepEqual(
        shares.flat().toSorted((left, right) => left - right),
        partitions.filter((partition) => partition % instances === index),
      );
      for (const share of shares) assert.ok(share.length >= Math.floor(Math.floor(23 / instances) / threads), String(share));
    }
  }
});

test("each thread has a client id of its own, and all together have in flight what the app may", () => {
  const told = config(["--router.in-flight-bytes=3000001"]);
  const threads = [0, 1, 2].map((index) => configOfThread(told, index, 3));
  assert.deepEqual(
    threads.map(({ client }) => client.id),
    ["timestamp-router-0", "timestamp-router-1", "timestamp-router-2"],
  );
  assert.deepEqual(
    threads.map(({ inFlightBytesMax }) => inFlightBytesMax),
    [1_000_001, 1_000_001, 1_000_001],
  );
});

test("a thread reads from its start on, for the app starts it when the input is to be read", () => {
  const told = config(["--spring.cloud.stream.bindings.input.consumer.auto-startup=false"]);
  assert.equal(configOfThread(told, 1, 2).input.autoStartup, true);
});

test("one thread alone resets positions that any may get; those that are the thread's own, each resets itself", () => {
  assert.deepEqual(resets([]), [true, false, false]);
  assert.deepEqual(resets(BY_INDEX), [true, true, true]);
});

test("the configuration gets to a thread as it is, secrets included", () => {
  const told = config([
    "--spring.cloud.stream.kafka.binder.configuration.security.protocol=SASL_PLAINTEXT",
    "--spring.cloud.stream.kafka.binder.configuration.sasl.mechanism=PLAIN",
    "--spring.cloud.stream.kafka.binder.jaas.login-module=org.apache.kafka.common.security.plain.PlainLoginModule",
    "--spring.cloud.stream.kafka.binder.jaas.options.username=router",
    "--spring.cloud.stream.kafka.binder.jaas.options.password=letmein",
    "--router.unroutable=dlq",
  ]);
  assert.match(JSON.stringify(told), /letmein/u);
  assert.deepEqual(structuredClone(told), told);
});
