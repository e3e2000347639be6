import assert from "node:assert/strict";
import { test } from "node:test";
import { AppError, isRetriable } from "../../../hosts/dataflow/errors.ts";

/** A TypeError as it is thrown at that place. */
function typeErrorAt(frame: string): TypeError {
  const error = new TypeError("Cannot read properties of undefined");
  error.stack = `TypeError: ${error.message}\n    at ${frame}\n    at process.processTicksAndRejections (node:internal/process/task_queues:104:5)`;
  return error;
}

test("an operating error says itself whether trying again may help", () => {
  assert.equal(isRetriable(new AppError("BROKER_UNAVAILABLE", true, "away")), true);
  assert.equal(isRetriable(new AppError("PRODUCE_REFUSED", false, "too large")), false);
});

test("what is not known to be final is worth another try", () => {
  assert.equal(isRetriable(new Error("closed")), true);
  assert.equal(isRetriable("closed"), true);
});

test("our own mistake is final, also below another error", () => {
  const own = typeErrorAt("Session.take (/app/hosts/dataflow/session.ts:1:1)");
  assert.equal(isRetriable(own), false);
  assert.equal(isRetriable(new Error("the handler has failed", { cause: own })), false);
});

test("a mistake within kafkajs is not ours: a new consumer may not make it", () => {
  const theirs = typeErrorAt("ConsumerGroup.fetch (/app/node_modules/kafkajs/src/consumer/consumerGroup.js:426:17)");
  assert.equal(isRetriable(theirs), true);
  assert.equal(isRetriable(new Error("crashed", { cause: theirs })), true);
});
