/** What the router's variables come to where a topic more, or another name, could make a difference. */
import assert from "node:assert/strict";
import test from "node:test";
import { batchOf } from "../batches.ts";
import { Guest } from "./guest.ts";
import { deploymentOf } from "./router-deployment.ts";
import { routerModule } from "./router-module.ts";
import type { Outcome } from "./routing.ts";
import { EVEN, LETTERS, ODD, routeBatches } from "./routing.ts";
import { sourceBatchOf } from "./source-batch.ts";

const TOPICS = [EVEN, ODD, LETTERS];

function routed(rule: string, outputTopics: readonly string[], values: readonly string[]): Outcome {
  return routeBatches(new Guest(routerModule(), { ...deploymentOf(rule), outputTopics }), [sourceBatchOf(batchOf([...values]))]);
}

test("a topic for dead letters stays empty when unroutable records are to be dropped, logged, or go to an output", () => {
  const even = `${EVEN}: null "Even timestamp: 4"`;
  assert.deepEqual(routed("unroutable=drop", TOPICS, ["x", "4"]), { lines: [even], log: [] });
  const { lines, log } = routed("unroutable=log", TOPICS, ["x", "4"]);
  assert.deepEqual(lines, [even]);
  assert.equal(log.length, 1);
  assert.deepEqual(routed("unroutable=odd", TOPICS, ["x", "4"]), { lines: [`${ODD}: null "Odd timestamp:x"`, even], log: [] });
});

test("dead letters are logged as other unroutable records are", () => {
  const { log } = routed("", TOPICS, ["x", "", "y"]);
  assert.deepEqual(log, [{ severity: "warn", message: "router: 1 unroutable, last at offset 0: not-a-digit at byte 0\n" }]);
});

test("a name with a dot, a hyphen, an underscore and small letters has a prefix under a variable without", () => {
  const deployment = {
    ...deploymentOf(""),
    outputTopics: [EVEN, ODD],
    environment: { ROUTER_OUTPUTS: "a.B-c_1,Z", ROUTER_PREFIX_A_B_C_1: "first ", ROUTER_PREFIX_Z: "second " },
  };
  assert.deepEqual(routeBatches(new Guest(routerModule(), deployment), [sourceBatchOf(batchOf(["4", "5"]))]).lines, [
    `${EVEN}: null "first 4"`,
    `${ODD}: null "second 5"`,
  ]);
});

test("an empty value is unroutable, whatever is before it in memory, and however long its length is written", () => {
  const { header } = sourceBatchOf(batchOf(["4"]));
  for (const length of [[0x00], [0x80, 0x00], [0x80, 0x80, 0x80, 0x80, 0x80, 0x00]]) {
    const guest = new Guest(routerModule(), deploymentOf(""));
    // The key ends in a digit.
    const payload = Uint8Array.of(0x02, 0x34, ...length, 0x00);
    const { lines } = routeBatches(guest, [{ header, records: [{ timestamp: 0n, offset: 0n, payload }] }]);
    assert.deepEqual(lines, [`${LETTERS}: "4" "" "x-exception-message"="empty at byte 0"`]);
  }
});
