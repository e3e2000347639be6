import { ConfigError } from "../config-error.ts";
import { namedSource, type PropertyEntry, type PropertySource } from "./property-source.ts";

// Deeper than any property name; a bound, because the text comes from outside and every level is a call.
const DEPTH_MAX = 32;

/** Name of the variable, and of the source. */
export const APPLICATION_JSON = "SPRING_APPLICATION_JSON";

/** Returns the source with the JSON object of properties that the environment, or the command line, has for it; without any it is empty. */
export function applicationJsonSource(higher: PropertySource, environment: PropertySource): PropertySource {
  // Boot asks each source for both spellings, so the JSON may itself be an argument; an empty one counts as none.
  const name = "spring.application.json";
  const json = [higher.get(name), higher.get(APPLICATION_JSON), environment.get(name)].find(
    (text) => text !== undefined && text.trim() !== "",
  );
  return namedSource(
    { name: APPLICATION_JSON, bootName: name },
    json === undefined ? [] : flatten(APPLICATION_JSON, parseObject(APPLICATION_JSON, json)),
  );
}

/** Returns the object in a variable's text. Errors never show the text, which may hold secrets. */
export function parseObject(variable: string, json: string): object {
  const root = parse(variable, json);
  if (typeof root === "object" && root !== null && !Array.isArray(root)) return root;
  throw new ConfigError(`${variable} holds ${kindOf(root)}; allowed: one JSON object, such as {"server.port":"8080"}`);
}

/**
 * Returns the properties in an object under their full names: nested objects joined with `.`, list elements as `[i]`. They stay flat, since
 * one name may be a leaf and the parent of others (Data Flow sends such pairs). Null means that a property is not set.
 */
export function flatten(variable: string, root: object, prefix = ""): readonly PropertyEntry[] {
  const entries: PropertyEntry[] = [];
  for (const [key, value] of Object.entries(root)) collect({ variable, depth: 1, entries }, prefix + key, value);
  return entries;
}

interface Collecting {
  readonly variable: string;
  readonly depth: number;
  readonly entries: PropertyEntry[];
}

function parse(variable: string, json: string): unknown {
  try {
    return JSON.parse(json);
  } catch (error) {
    // V8's message quotes the text; only the position in it is taken over.
    const position = error instanceof Error ? /position \d+/u.exec(error.message)?.[0] : undefined;
    const place = position === undefined ? "" : ` (at ${position})`;
    throw new ConfigError(`${variable} is not valid JSON${place}; allowed: one JSON object, such as {"server.port":"8080"}`);
  }
}

function collect({ variable, depth, entries }: Collecting, name: string, value: unknown): void {
  if (value === null || value === undefined) return;
  if (typeof value !== "object") {
    entries.push({ name, value: typeof value === "string" ? value : JSON.stringify(value) });
    return;
  }
  if (depth === DEPTH_MAX) {
    throw new ConfigError(`${variable} is nested more than ${DEPTH_MAX} levels deep; write the names flat, joined with dots`);
  }
  const below = { variable, depth: depth + 1, entries };
  if (!Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) collect(below, `${name}.${key}`, child);
  } else if (value.length === 0) {
    entries.push({ name, value: "" });
  } else {
    for (const [index, child] of value.entries()) collect(below, `${name}[${index}]`, child);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return "null";
  return Array.isArray(value) ? "a list" : `a ${typeof value}`;
}
