/** A rule as an object of properties, and the text that the core takes. */
import { RouterError } from "../router-error.ts";

/**
 * The rule's properties, under the names that the container app has them. Values are as in a properties file: in a prefix, `\\`, `\n`, `\t` and
 * `\xHH` are escapes. A list of outputs is the same as its names with commas between them.
 */
export interface RuleProperties {
  readonly "router.rule"?: string;
  readonly "router.outputs"?: readonly string[] | string;
  readonly "router.unroutable"?: string;
  readonly [prefix: `router.prefix.${string}`]: string;
}

/** Properties, or rule text: one `key=value` a line, keys without `router.`. */
export type Rule = RuleProperties | string;

/** One property as a line of rule text. */
export interface RuleLine {
  readonly property: string;
  readonly text: string;
}

/** Returns a line for each property that is set; prefixes come last, because to the core the outputs have to be known before. */
export function linesOfRule(rule: RuleProperties): readonly RuleLine[] {
  const set = Object.entries<unknown>({ ...rule }).filter(([, value]) => value !== undefined);
  const prefixes = set.filter(([property]) => property.startsWith("router.prefix."));
  const others = set.filter(([property]) => !property.startsWith("router.prefix."));
  return [...others, ...prefixes].map(([property, value]) => ({ property, text: lineOf(property, value) }));
}

/** Returns the line that a byte of the text belongs to; a line end belongs to the line before it. */
export function lineAt(lines: readonly RuleLine[], byteOffset: number): RuleLine | undefined {
  const bytes = new TextEncoder().encode(textOf(lines)).subarray(0, byteOffset);
  return lines[bytes.filter((byte) => byte === LINE_END).length];
}

/** Returns the rule text of lines. */
export function textOf(lines: readonly RuleLine[]): string {
  return lines.map(({ text }) => text).join("\n");
}

const LINE_END = 0x0a;

/** Returns `key=value`. What would end the key or the line early is refused here: to the core it would be another key or another line. */
function lineOf(property: string, value: unknown): string {
  const key = /^router\.([^=\n]+)$/.exec(property)?.[1];
  if (key === undefined) throw new RouterError("RuleUnknownKey", null, property);
  const text: unknown = key === "outputs" && Array.isArray(value) ? value.join(",") : value;
  if (typeof text !== "string" || text.includes("\n")) throw new RouterError("RuleSyntax", null, property);
  return `${key}=${text}`;
}
