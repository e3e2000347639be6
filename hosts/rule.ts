/** A rule as properties, and the text that the core takes: one `key=value` a line, keys without `router.`. */
import { RouterError } from "./router-error.ts";

/**
 * The rule's properties, under the names that every host has for them; one that is undefined is not set. Values are as in a properties file: in a
 * prefix, `\\`, `\n`, `\t` and `\xHH` are escapes. A list, of outputs or of the table's ranges, is the same as its items with commas between
 * them, and a number the same as its digits. `router.table` and those with `timestamp` in their names are the timestamp rule's alone.
 */
export interface RuleProperties {
  readonly "router.rule"?: string | undefined;
  readonly "router.outputs"?: readonly string[] | string | undefined;
  readonly "router.unroutable"?: string | undefined;
  readonly "router.timestamp.format"?: string | undefined;
  readonly "router.timestamp.field"?: string | undefined;
  readonly "router.timestamp.zone"?: string | undefined;
  readonly "router.timestamp.divide"?: number | string | undefined;
  readonly "router.timestamp.source"?: string | undefined;
  readonly "router.table"?: readonly string[] | string | undefined;
  readonly [prefix: `router.prefix.${string}`]: string | undefined;
}

/** Properties, or rule text. */
export type Rule = RuleProperties | string;

/** A place in a rule, in the words of the person who set it. */
export interface RulePlace {
  /** The property, such as `router.prefix.even`. */
  readonly property: string;
  /** The character in the property's value, counted from 1; one past the last one when something is missing there; 0 for the name itself. */
  readonly column: number;
}

const LINE_END = 0x0a;
const EQUALS = 0x3d;

/** Returns the rule text of properties, a line for each that is set. Prefixes come last, because to the core the outputs have to be known before. */
export function ruleTextOf(rule: RuleProperties): string {
  const set = Object.entries<unknown>({ ...rule }).filter(([, value]) => value !== undefined);
  const prefixes = set.filter(([property]) => property.startsWith("router.prefix."));
  const others = set.filter(([property]) => !property.startsWith("router.prefix."));
  return [...others, ...prefixes].map(([property, value]) => lineOf(property, value)).join("\n");
}

/** Returns `key=value`. What would end the key or the line early is refused here: to the core it would be another key or another line. */
function lineOf(property: string, value: unknown): string {
  const key = /^router\.([^=\n]+)$/.exec(property)?.[1];
  if (key === undefined) throw new RouterError("RuleUnknownKey", null, property);
  const text = textOf(key, value);
  if (text === null || text.includes("\n")) throw new RouterError("RuleSyntax", null, property);
  return `${key}=${text}`;
}

/** Returns a value as text, or null when it is of no type that its key takes. */
function textOf(key: string, value: unknown): string | null {
  if (typeof value === "string") return value;
  if (Array.isArray(value) && (key === "outputs" || key === "table")) return value.join(",");
  return typeof value === "number" && key === "timestamp.divide" ? String(value) : null;
}

/** Returns the place of a byte of the rule text, as the core reports it for a fault. */
export function placeInRule(ruleText: string, byteOffset: number): RulePlace {
  const bytes = new TextEncoder().encode(ruleText);
  const at = Math.max(0, Math.min(byteOffset, bytes.length));
  // An offset on a line end belongs to the line before it: the fault is that the line stops there.
  const lineStart = at === 0 ? 0 : bytes.lastIndexOf(LINE_END, at - 1) + 1;
  const lineEnd = endedBy(LINE_END, bytes, at);
  const keyEnd = endedBy(EQUALS, bytes.subarray(0, lineEnd), lineStart);
  const key = new TextDecoder().decode(bytes.subarray(lineStart, keyEnd));
  const property = key === "" ? "router.rule" : `router.${key}`;
  if (at <= keyEnd) return { property, column: 0 };
  // Counted in characters: a byte that continues one, 10xxxxxx in UTF-8, begins none.
  const charactersBegun = bytes.subarray(keyEnd + 1, Math.min(at + 1, lineEnd)).filter((byte) => (byte & 0xc0) !== 0x80).length;
  return { property, column: at === lineEnd ? charactersBegun + 1 : charactersBegun };
}

/** Returns the index of the next `byte`, or the end. */
function endedBy(byte: number, bytes: Uint8Array, from: number): number {
  const index = bytes.indexOf(byte, from);
  return index === -1 ? bytes.length : index;
}
