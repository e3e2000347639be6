/** The routing contract, held by the inline transform under both ways to run it, and what it makes of the rules that it refuses. */
import assert from "node:assert/strict";
import test from "node:test";
import { batchOf } from "../batches.ts";
import type { Case } from "../case-text.ts";
import { readCases } from "../case-text.ts";
import { runConformance } from "../conformance.ts";
import { runOnce } from "./drivers.ts";
import { Guest } from "./guest.ts";
import { readPayload } from "./payload.ts";
import { deploymentOf } from "./router-deployment.ts";
import { ROUTER_BUILDS, routerModule } from "./router-module.ts";
import { sourceBatchOf } from "./source-batch.ts";
import { runLongLived, runOneShot, targetOf } from "./targets.ts";

const cases = readCases().filter(({ input }) => "values" in input);

runConformance(
  cases,
  ROUTER_BUILDS.flatMap((build) => [targetOf(build, "one-shot", runOneShot), targetOf(build, "long-lived", runLongLived)]),
);

/** Whether rule text is a list of variables that the broker takes; of variables there is no order, so that none comes too early. */
function isDeployable({ rule, expected }: Case): boolean {
  const keys = rule.split("\n").flatMap((line) => /^([^=]+)=/.exec(line)?.[1] ?? []);
  const isUnique = keys.length === new Set(keys).size;
  const isOfLines = keys.length > 0 && !/^[^=\n]+$/m.test(rule) && !/=$/m.test(rule) && !rule.includes("\t");
  // The broker refuses a ninth topic by itself.
  const hasTopics = !/^outputs=(?:[^,\n]*,){8}/m.test(rule);
  return isUnique && isOfLines && hasTopics && !expected.some((line) => line.startsWith("fault: ROUTER_RULE_ORDER"));
}

const faults = cases.filter((one) => one.expected.some((line) => line.startsWith("fault: ")) && isDeployable(one));

for (const { name, rule } of faults) {
  for (const build of ROUTER_BUILDS) {
    test(`${name} | ${build} says which variable in the one line that it logs before it ends`, () => {
      const guest = new Guest(routerModule(build), deploymentOf(rule));
      assert.throws(() => runOnce(guest, [], () => true), { name: "RuntimeError", message: "unreachable" });
      assert.equal(guest.log.events.length, 1);
      const message = guest.log.events[0]?.message ?? "";
      const [, variable = ""] = /^router: (ROUTER_\w+): .+\n$/.exec(message) ?? [];
      assert.ok(variable in guest.deployment.environment, message);
    });
  }
}

test("variables have no order: a prefix may stand before the outputs", async () => {
  const written = await runOneShot("redpanda", deploymentOf("prefix.b=>\noutputs=a,b"), [sourceBatchOf(batchOf(["5"]))]);
  assert.deepEqual(
    written.map(([topic, payload]) => [topic, Buffer.from(readPayload(payload)?.value ?? []).toString()]),
    [["topic-1", ">5"]],
  );
});
