import assert from "node:assert/strict";
import { test } from "node:test";
import { config, fault } from "./config-checks.ts";

const BINDER = "--spring.cloud.stream.kafka.binder";
const PREFIX = `${BINDER}.transaction.transaction-id-prefix`;
const TIMEOUT = `${BINDER}.transaction.producer.configuration.transaction.timeout.ms`;

const timeout = (...args: readonly string[]): unknown => config([`${PREFIX}=x`, ...args]).transactions?.timeoutMs;

test("a transaction id prefix asks for delivery exactly once, with a commit each 100 ms and transactions of at most 15 s", () => {
  const { transactions, commitIntervalMs } = config([`${PREFIX}=router-`]);
  assert.deepEqual({ transactions, commitIntervalMs }, { transactions: { idPrefix: "router-", timeoutMs: 15_000 }, commitIntervalMs: 100 });
});

test("without one, or with an empty one, delivery is at least once, with a commit each second", () => {
  for (const args of [[], [`${PREFIX}=`], [`${TIMEOUT}=1000`]]) {
    const { transactions, commitIntervalMs } = config(args);
    assert.deepEqual({ transactions, commitIntervalMs }, { transactions: null, commitIntervalMs: 1000 });
  }
});

test("the timeout may be said for transactions, for producers and for all clients, in this order", () => {
  const clients = `${BINDER}.configuration.transaction.timeout.ms=3000`;
  const producers = `${BINDER}.producer-properties.transaction.timeout.ms=4000`;
  assert.equal(timeout(clients), 3000);
  assert.equal(timeout(clients, producers), 4000);
  assert.equal(timeout(clients, producers, `${TIMEOUT}=5000`), 5000);
});

test("a commit interval that a transaction can't be open for is refused", () => {
  assert.match(
    fault([`${PREFIX}=x`, `${TIMEOUT}=5000`, "--router.commit-interval=5s"]),
    /^router\.commit-interval \(from command line\): 5000 ms .*; allowed: less than transaction\.timeout\.ms, which is 5000$/u,
  );
  assert.equal(config([`${PREFIX}=x`, `${TIMEOUT}=5000`, "--router.commit-interval=4999ms"]).commitIntervalMs, 4999);
  assert.equal(config(["--router.commit-interval=1h"]).commitIntervalMs, 3_600_000);
});

test("transactions without an idempotent producer are refused", () => {
  assert.match(
    fault([`${PREFIX}=x`, `${BINDER}.configuration.enable.idempotence=false`]),
    /^spring\.cloud\.stream\.kafka\.binder\.transaction\.transaction-id-prefix \(from command line\): .*idempotent.*; allowed: ./u,
  );
});
