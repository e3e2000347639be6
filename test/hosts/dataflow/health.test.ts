import assert from "node:assert/strict";
import { test } from "node:test";
import { createHealth, type Health } from "../../../hosts/dataflow/health.ts";

function healthy(): Health {
  const health = createHealth();
  health.setReadiness("ACCEPTING_TRAFFIC");
  health.setComponent("binders", "UP");
  return health;
}

test("an app that has just started is alive and not ready", () => {
  const health = createHealth();
  assert.equal(health.livenessStatus(), "UP");
  assert.equal(health.readinessStatus(), "OUT_OF_SERVICE");
  assert.equal(health.status(), "OUT_OF_SERVICE");
});

test("all is UP when every component is", () => {
  assert.equal(healthy().status(), "UP");
});

test("the aggregate is the worst of DOWN, OUT_OF_SERVICE, UP, UNKNOWN", () => {
  const health = healthy();
  health.setComponent("other", "UNKNOWN");
  assert.equal(health.status(), "UP");
  health.setComponent("other", "OUT_OF_SERVICE");
  assert.equal(health.status(), "OUT_OF_SERVICE");
  health.setComponent("binders", "DOWN");
  assert.equal(health.status(), "DOWN");
});

test("brokers that are away change neither liveness nor readiness", () => {
  const health = healthy();
  health.setComponent("binders", "DOWN");
  assert.equal(health.livenessStatus(), "UP");
  assert.equal(health.readinessStatus(), "UP");
});

test("a broken process is DOWN", () => {
  const health = healthy();
  health.setLiveness("BROKEN");
  assert.equal(health.livenessStatus(), "DOWN");
  assert.equal(health.status(), "DOWN");
  health.setLiveness("CORRECT");
  assert.equal(health.status(), "UP");
});

test("an app that refuses traffic is OUT_OF_SERVICE", () => {
  const health = healthy();
  health.setReadiness("REFUSING_TRAFFIC");
  assert.equal(health.readinessStatus(), "OUT_OF_SERVICE");
  assert.equal(health.status(), "OUT_OF_SERVICE");
});
