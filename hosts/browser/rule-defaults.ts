/** What the rule is where no property says otherwise, written here alone of all the page; a test holds it to the core. */
import type { RuleProperties } from "../rule.ts";

/** The properties that have a default. */
export const DEFAULTS = {
  "router.rule": "last-digit",
  "router.timestamp.format": "MM/dd/yy HH:mm:ss",
  "router.timestamp.field": "second",
  "router.timestamp.zone": "Z",
  "router.timestamp.divide": "1",
  "router.timestamp.source": "value",
  "router.outputs": "even,odd",
  "router.unroutable": "log",
} as const satisfies RuleProperties;

/** What the outputs of these names have before each value; others have nothing. A map, since an output may be called `constructor`. */
export const DEFAULT_PREFIXES: ReadonlyMap<string, string> = new Map([
  ["even", "Even timestamp: "],
  ["odd", "Odd timestamp:"],
]);

/** Returns what a rule has for a property, set or not. */
export function settingOf(rule: RuleProperties, property: keyof typeof DEFAULTS): string {
  return String(rule[property] ?? DEFAULTS[property]);
}
