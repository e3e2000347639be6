import { COMPILED_RULE_BYTES, loadRule, saveRule } from "../../../core/compiled-rule.ts";

// The routers of an instance. The core has one rule at a time, the running router's; those of the others are copies. To go from one router to
// another costs a copy of what its rule has: 800 bytes for two outputs by the last digit, 6 KB for all that a rule can have.
//
//     0 u32 isTaken
//     8 the compiled rule, `COMPILED_RULE_BYTES`

const RULE: usize = 8;
const ROUTER_BYTES: usize = RULE + COMPILED_RULE_BYTES;
/** Room for 64 routers; no byte of it is in the binary. */
const ROUTERS: usize = memory.data(64 * <i32>ROUTER_BYTES, 8);
const ROUTERS_END: usize = ROUTERS + 64 * ROUTER_BYTES;

/** The router whose rule the core has; 0 for none. */
let running: usize = 0;

/** Returns a router that nobody has, or 0. */
export function findFreeRouter(): usize {
  for (let router = ROUTERS; router < ROUTERS_END; router += ROUTER_BYTES) {
    if (load<u32>(router) === 0) return router;
  }
  return 0;
}

/** Gives a free router the rule that the core has just compiled. */
export function takeRouter(router: usize): void {
  store<u32>(router, 1);
  saveRule(router + RULE);
  running = router;
}

/** Makes a router free again. */
export function dropRouter(router: usize): void {
  store<u32>(router, 0);
}

/** Makes the core run a router's rule. */
export function runRouter(router: usize): void {
  if (router === running) return;
  loadRule(router + RULE);
  running = router;
}

/** Notes that the core's rule is no router's any more. */
export function forgetRunning(): void {
  running = 0;
}
