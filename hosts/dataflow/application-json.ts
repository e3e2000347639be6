import { ConfigError } from "./config-error.ts";

// Deeper than any property name; a bound, because the text comes from outside and every level is a call.
const DEPTH_MAX = 32;

/**
 * Returns the properties in the text of SPRING_APPLICATION_JSON under their full names: nested objects joined with `.`, list elements as
 * `[i]`. They stay flat, since one name may be a leaf and the parent of others (Data Flow sends such pairs). Null means that a property is
 * not set. Errors never show the text, which may hold secrets.
 */
export function flattenApplicationJson(json: string): readonly (readonly [name: string, value: string])[] {
  const root = parse(json);
  if (typeof root !== "object" || root === null || Array.isArray(root)) {
    throw new ConfigError(`SPRING_APPLICATION_JSON holds ${kindOf(root)}; allowed: one JSON object, such as {"server.port":"8080"}`);
  }
  const properties: (readonly [string, string])[] = [];
  for (const [key, value] of Object.entries(root)) collect(key, value, 1, properties);
  return properties;
}

function parse(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    // V8's message quotes the text; only the position in it is taken over.
    const position = error instanceof Error ? /position \d+/u.exec(error.message)?.[0] : undefined;
    const place = position === undefined ? "" : ` (at ${position})`;
    throw new ConfigError(`SPRING_APPLICATION_JSON is not valid JSON${place}; allowed: one JSON object, such as {"server.port":"8080"}`);
  }
}

function collect(name: string, value: unknown, depth: number, properties: (readonly [string, string])[]): void {
  if (value === null || value === undefined) return;
  if (typeof value !== "object") {
    properties.push([name, typeof value === "string" ? value : JSON.stringify(value)]);
    return;
  }
  if (depth === DEPTH_MAX) {
    throw new ConfigError(`SPRING_APPLICATION_JSON is nested more than ${DEPTH_MAX} levels deep; write the names flat, joined with dots`);
  }
  if (!Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) collect(`${name}.${key}`, child, depth + 1, properties);
  } else if (value.length === 0) {
    properties.push([name, ""]);
  } else {
    for (const [index, child] of value.entries()) collect(`${name}[${index}]`, child, depth + 1, properties);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
