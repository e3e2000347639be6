/** The endpoint that tells where each property comes from, and hides its value unless it may be seen. */
import { runInNewContext } from "node:vm";
import type { DescribedSource } from "../environment.ts";
import { canonicalName, environmentNames } from "../property-name.ts";
import { MASK } from "../secrets.ts";
import { badRequest, NOT_FOUND, ok, reading, type Endpoint } from "./endpoint.ts";
import type { Show } from "./health.ts";

export interface EnvOptions {
  /** The one that wins first. Secrets are hidden in them already. */
  readonly sources: readonly DescribedSource[];
  readonly activeProfiles: readonly string[];
  /** Who sees values. */
  readonly showValues: Show;
}

/** A property of one source. */
interface Described {
  readonly value: string;
  readonly origin?: string;
}

/** Longest search for names with a pattern: there are patterns that take years, and records wait meanwhile. */
const SEARCH_MS_MAX = 100;

/** Returns the endpoint of the environment. */
export function envEndpoint(options: EnvOptions): Endpoint {
  const { sources, activeProfiles, showValues } = options;
  const shown = (property: Described, isAdmin: boolean): Described =>
    showValues === "always" || (showValues === "when-authorized" && isAdmin) ? property : { ...property, value: MASK };
  const profiles = { activeProfiles, defaultProfiles: ["default"] };
  return {
    id: "env",
    operations: [
      reading(null, ({ query, isAdmin }) => {
        const names = matching([...new Set(sources.flatMap(({ properties }) => [...properties.keys()]))], query.get("pattern"));
        if (names === null) return badRequest("pattern is no regular expression, or takes too long");
        const propertySources = sources.map(({ name: source, properties }) => {
          const chosen = [...properties].filter(([name]) => names.has(name));
          return { name: source, properties: Object.fromEntries(chosen.map(([name, found]) => [name, shown(found, isAdmin)])) };
        });
        return ok({ ...profiles, propertySources });
      }),
      reading("toMatch", ({ selector, isAdmin }) => {
        const found = sources.flatMap(({ name, properties }) => {
          const property = lookUp(properties, selector);
          return property === undefined ? [] : [{ source: name, ...shown(property, isAdmin) }];
        });
        const [winner] = found;
        if (winner === undefined) return NOT_FOUND;
        const propertySources = sources.map(({ name }) => {
          const { source: _source, ...property } = found.find(({ source }) => source === name) ?? { source: null };
          return _source === null ? { name } : { name, property };
        });
        return ok({ property: winner, ...profiles, propertySources });
      }),
    ],
  };
}

/** Returns the property that a name means, whichever of its spellings the source has. */
function lookUp(properties: DescribedSource["properties"], name: string): Described | undefined {
  const isSame = (other: string): boolean =>
    canonicalName(other) === canonicalName(name) || environmentNames(name).includes(other.toLowerCase());
  return properties.get(name) ?? [...properties].find(([other]) => isSame(other))?.[1];
}

/** Returns those of the names in which the pattern occurs, all without one; null when the pattern is none. */
function matching(names: readonly string[], pattern: string | null): ReadonlySet<string> | null {
  if (pattern === null) return new Set(names);
  try {
    const expression = new RegExp(pattern, "u");
    const search = "names.filter((name) => expression.test(name))";
    return new Set(runInNewContext(search, { names, expression }, { timeout: SEARCH_MS_MAX }) as readonly string[]);
  } catch {
    return null;
  }
}
