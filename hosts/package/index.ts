/** The entry `timestamp-router`: routers of the core that is in the package. */
import type { Router } from "../embed.ts";
import { CORE_BASE64 } from "./core-base64.js";
import { createRouter as createRouterOf } from "./core.ts";
import type { Rule } from "../rule.ts";

export { RouterError, abiVersion } from "./core.ts";
export type * from "./core.ts";

let compiled: WebAssembly.Module | undefined;

/**
 * Returns a router with an instance of its own, at once: the core is part of this module, and is compiled for the first router only. Throws
 * `RouterError` when the rule has a fault.
 *
 * @param rule properties or rule text; none for the default rule
 */
export function createRouter(rule?: Rule): Router {
  compiled ??= new WebAssembly.Module(Uint8Array.from(atob(CORE_BASE64), (character) => character.charCodeAt(0)));
  return createRouterOf(compiled, rule);
}
