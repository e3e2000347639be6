/** How the router starts, what it refuses to start on, what it logs, and how much memory it gets by with. */
import assert from "node:assert/strict";
import test from "node:test";
import { batchOf } from "../batches.ts";
import { validateModule } from "./deployment.ts";
import { runOnce } from "./drivers.ts";
import { MEMORY_BYTES_MAX } from "./engine-checks.ts";
import { Guest } from "./guest.ts";
import { deploymentOf } from "./router-deployment.ts";
import { routerModule } from "./router-module.ts";
import { EVEN, LETTERS, ODD, route, routeBatches } from "./routing.ts";
import type { SourceBatch } from "./source-batch.ts";
import { sourceBatchOf } from "./source-batch.ts";

/** Returns what is logged by a router that refuses to start on a deployment. */
function refusal(environment: Readonly<Record<string, string>>, outputTopics: readonly string[] = [EVEN, ODD]): string {
  const guest = new Guest(routerModule(), { ...deploymentOf("", environment), outputTopics });
  assert.throws(() => runOnce(guest, [], () => true), { name: "RuntimeError", message: "unreachable" });
  assert.equal(guest.log.events.length, 1);
  return guest.log.events[0]?.message ?? "";
}

for (const [build, most] of [
  ["redpanda", 4096],
  ["redpanda-timestamp", 10_752],
] as const) {
  test(`${build}.wasm has at most ${most} bytes`, (context) => {
    context.diagnostic(`${routerModule(build).length} bytes`);
    assert.ok(routerModule(build).length <= most, `${routerModule(build).length} bytes`);
  });

  test(`${build}.wasm declares no maximum of memory, and imports four functions of the ABI and three of WASI`, () => {
    const { imports, exports, memories, tables } = validateModule(routerModule(build));
    const names = imports.map(({ module, name }) => `${module}.${name}`).toSorted();
    const ofAbi = ["check_abi_version_2", "read_batch_header", "read_next_record", "write_record_with_options"];
    const ofWasi = ["environ_get", "environ_sizes_get", "fd_write"];
    assert.deepEqual(names, [
      ...ofAbi.map((name) => `redpanda_transform.${name}`),
      ...ofWasi.map((name) => `wasi_snapshot_preview1.${name}`),
    ]);
    assert.deepEqual(exports.map(({ name }) => name).toSorted(), ["_start", "memory"]);
    assert.deepEqual(
      memories.map(({ maximum }) => maximum),
      [null],
    );
    assert.equal(tables.length, 0);
  });
}

test("the order of the environment means nothing", () => {
  const deployment = deploymentOf("outputs=a,b\nprefix.a=1\nprefix.b=2\nunroutable=b");
  const environment = Object.fromEntries(Object.entries(deployment.environment).toReversed());
  for (const one of [deployment, { ...deployment, environment }]) {
    assert.deepEqual(routeBatches(new Guest(routerModule(), one), [sourceBatchOf(batchOf(["4", "5", "x"]))]).lines, [
      `${EVEN}: null "14"`,
      `${ODD}: null "25"`,
      `${ODD}: null "2x"`,
    ]);
  }
});

/** Returns a batch of records that all end in no digit. */
function unroutableBatch(baseOffset: bigint, count: number): SourceBatch {
  return sourceBatchOf(batchOf(Array<string>(count).fill("4x"), { baseOffset }));
}

test("without a topic for them, of the unroutable records the first is logged and then every 10,000th, with its offset and reason", () => {
  for (const rule of ["unroutable=log", ""]) {
    const guest = new Guest(routerModule(), { ...deploymentOf(rule), outputTopics: [EVEN, ODD] });
    const { lines, log } = routeBatches(guest, [unroutableBatch(7n, 5000), unroutableBatch(5007n, 5000), unroutableBatch(10_007n, 10_000)]);
    assert.deepEqual(lines, []);
    const expected = [
      [1, 7],
      [10_000, 10_006],
      [20_000, 20_006],
    ];
    assert.equal(log.length, expected.length);
    for (const [index, [count = 0, offset = 0]] of expected.entries()) {
      assert.match(log[index]?.message ?? "", new RegExp(`^router: ${count} unroutable.* offset ${offset}: not-a-digit at byte 1\n$`));
    }
  }
});

test("unroutable records that are to be dropped, and tombstones, leave no trace", () => {
  assert.deepEqual(route(["x", "", null, "4"], "unroutable=drop"), { lines: [`${EVEN}: null "Even timestamp: 4"`], log: [] });
});

test("a deployment that can't work is refused at the start, in one line that says what to set", () => {
  assert.match(refusal({}, [EVEN]), /topic/);
  assert.match(refusal({}, [EVEN, ODD, LETTERS, "fourth"]), /topic/);
  assert.match(refusal({ ROUTER_UNROUTABLE: "dlq" }), /dlq/);
  assert.match(refusal({ ROUTER_UNROUTABLE: "stop" }), /^router: ROUTER_UNROUTABLE: set /);
  assert.match(refusal({ ROUTER_UNROUTABLE: "skip" }), /^router: ROUTER_UNROUTABLE: set /);
  assert.match(refusal({ ROUTER_RULE: "first-digit" }), /^router: ROUTER_RULE: set last-digit/);
  assert.equal(
    refusal({ ROUTER_RULE: "timestamp", ROUTER_TIMESTAMP_FIELD: "hour", ROUTER_OUTPUTS: "a,b,c" }),
    "router: ROUTER_RULE: set last-digit, or timestamp in redpanda-timestamp.wasm\n",
  );
  assert.match(refusal({ ROUTER_OUTPUTS: "a,b,c" }, ["a", "b", "c"]), /^router: ROUTER_OUTPUTS: set two names/);
  assert.match(refusal({ ROUTER_PREFIX_EVENING: "x" }), /^router: ROUTER_PREFIX_EVENING: /);
  assert.match(refusal({ ROUTER_RULES: "last-digit" }), /^router: ROUTER_RULES: /);
});

test("unroutable records that have an output are not worth a line", () => {
  assert.deepEqual(route(["x"], "outputs=a,b\nunroutable=b"), { lines: [`${ODD}: null "x"`], log: [] });
});

test("variables of others are left alone", () => {
  assert.deepEqual(route(["4"], "", { PATH: "/bin", ROUTE: "x", OUTPUT_TOPIC_1: "y" }).lines, [`${EVEN}: null "Even timestamp: 4"`]);
});

test("a record of nearly 2 MiB passes through the 2 MiB of memory, in one buffer", () => {
  const value = `${"v".repeat(MEMORY_BYTES_MAX - 70_000)}4`;
  assert.deepEqual(route(["5", value, "7"]).lines, [
    `${ODD}: null "Odd timestamp:5"`,
    `${EVEN}: null "Even timestamp: ${value}"`,
    `${ODD}: null "Odd timestamp:7"`,
  ]);
});

test("a record that memory has no room for is said to be, with the property that gives more", () => {
  const guest = new Guest(routerModule(), deploymentOf(""));
  const batch = sourceBatchOf(batchOf(["v".repeat(MEMORY_BYTES_MAX) + "4"]));
  assert.throws(() => runOnce(guest, [batch], () => true), { name: "RuntimeError" });
  assert.match(guest.log.events[0]?.message ?? "", /^router: .*data_transforms_per_function_memory_limit/);
});

test("topics with names of 249 bytes and an environment as large as the broker allows are taken", () => {
  const topics = ["a", "b", "c"].map((letter) => letter.repeat(249));
  const fillers = Object.fromEntries(Array.from({ length: 128 }, (_, index) => [`FILLER_${index}`, "f".repeat(2048)]));
  const guest = new Guest(routerModule(), { ...deploymentOf(""), outputTopics: topics, environment: fillers });
  const [a, b, c] = topics;
  assert.deepEqual(routeBatches(guest, [sourceBatchOf(batchOf(["4", "5", "x"]))]).lines, [
    `${a}: null "Even timestamp: 4"`,
    `${b}: null "Odd timestamp:5"`,
    `${c}: null "x" "x-exception-message"="not-a-digit at byte 0"`,
  ]);
});

test("a write that the broker refuses ends the router, with a line in the log", () => {
  const guest = new Guest(routerModule(), deploymentOf(""));
  assert.throws(() => runOnce(guest, [sourceBatchOf(batchOf(["4"]))], () => false), { name: "RuntimeError", message: "unreachable" });
  assert.match(guest.log.events[0]?.message ?? "", /^router: .*broker/);
});
