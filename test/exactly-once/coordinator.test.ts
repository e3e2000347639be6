/** The broker in memory, held to the rules that `coordinator.e2e.ts` holds a real one to. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { COORDINATOR_RULES } from "./coordinator-rules.ts";
import { Steps } from "./coordinator.ts";
import { memoryCoordinator } from "./memory-coordinator.ts";

for (const { name, steps: take, answers } of COORDINATOR_RULES) {
  test(name, async () => {
    const steps = new Steps(await memoryCoordinator());
    await take(steps);
    assert.deepEqual(steps.answers, answers);
  });
}
