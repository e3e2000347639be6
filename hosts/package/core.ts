/** The entry `timestamp-router/core`: routers of a core that the caller brings. */
import { Router } from "../embed.ts";
import { RouterError } from "../router-error.ts";
import type { Rule } from "../rule.ts";
import { placeInRule, ruleTextOf } from "../rule.ts";

export { ABI_VERSION as abiVersion } from "../embed.ts";
export type { Router } from "../embed.ts";
export type {
  Decision,
  OutputBatch,
  PackedValues,
  ProducerStamp,
  Reason,
  Refusal,
  RefusedRecord,
  RoutedBatch,
  RoutedValues,
} from "../routed.ts";
export { RouterError } from "../router-error.ts";
export type { Value } from "../value.ts";
export type { Rule, RuleProperties } from "../rule.ts";
export { hasSimd } from "../simd.ts";

/**
 * Returns a router with an instance of its own. Throws `RouterError` when the rule has a fault, or what is given is no core, or one of
 * another ABI version.
 *
 * @param core the bytes of `core.wasm` or, where `hasSimd`, of `core.simd.wasm`; or what was compiled of them, which any number of routers and
 *   workers can share
 * @param rule properties or rule text; none for the default rule
 */
export function createRouter(core: WebAssembly.Module | BufferSource, rule: Rule = ""): Router {
  const module = core instanceof WebAssembly.Module ? core : compiled(core);
  if (typeof rule === "string") return new Router(module, rule);
  const text = ruleTextOf(rule);
  try {
    return new Router(module, text);
  } catch (error) {
    if (!(error instanceof RouterError) || error.ruleOffset === null) throw error;
    throw error.inProperty(placeInRule(text, error.ruleOffset).property);
  }
}

function compiled(bytes: BufferSource): WebAssembly.Module {
  try {
    return new WebAssembly.Module(bytes);
  } catch (error) {
    // A page's policy may forbid to compile what is sound.
    if (!(error instanceof WebAssembly.CompileError) || WebAssembly.validate(bytes)) throw error;
    throw new RouterError("AbiVersion", null, null, error);
  }
}
