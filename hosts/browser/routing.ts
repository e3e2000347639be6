/** A rule that the core has taken, or where in it the fault is. */
import { Router } from "../embed.ts";
import { RouterError } from "../router-error.ts";
import type { RuleProperties } from "../rule.ts";
import { placeInRule, ruleTextOf } from "../rule.ts";

/** A rule at work. */
export interface Routing {
  readonly module: WebAssembly.Module;
  readonly rule: RuleProperties;
  readonly router: Router;
}

/** A fault of a rule, in the words of the one who set it. */
export interface RuleFault {
  readonly property: string;
  readonly message: string;
}

/** Returns the rule at work, or its fault. */
export function openRouting(module: WebAssembly.Module, rule: RuleProperties): Routing | RuleFault {
  let text = "";
  try {
    text = ruleTextOf(rule);
    return { module, rule, router: new Router(module, text) };
  } catch (error) {
    if (!(error instanceof RouterError)) throw error;
    const message = error.message.replace(/ \((?:at byte \d+ of the rule|in [^)]+)\)$/u, "");
    if (error.ruleOffset === null) return { property: error.property ?? "router.rule", message };
    const { property, column } = placeInRule(text, error.ruleOffset);
    return { property, message: column === 0 ? message : `character ${column}: ${message}` };
  }
}
