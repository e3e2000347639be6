import { ConfigError } from "./config-error.ts";
import { namesOf, type Property } from "./property.ts";
import { isSecret, isSecretValue, MASK } from "./secrets.ts";
import { createResolver, type ResolvedProperty } from "./sources/placeholders.ts";
import { findProperty, type FoundProperty, type PropertySource } from "./sources/property-source.ts";

/** A value that some source sets, and where it was found. */
export interface SetProperty<Value> {
  readonly value: Value;
  /** The one of its names that it was found by. */
  readonly name: string;
  readonly found: ResolvedProperty;
}

/** A key of a map such as `router.prefix.<output>`, and the source that has it. */
interface FoundKey {
  readonly key: string;
  readonly source: string;
}

/** The properties of all sources, as the readers of the configuration ask for them. `name` is given where a property's own has a `<…>` in it. */
export interface Properties {
  /** The value of a property, or its default. Throws `ConfigError` for a text that is not allowed. */
  read<Value>(property: Property<Value>, name?: string): Value;
  /** The value of a property and its source, or null where the default holds. Throws like `read`. */
  readIfSet<Value>(property: Property<Value>, name?: string): SetProperty<Value> | null;
  /** The text of a property, whatever is allowed, its placeholders resolved. Throws `ConfigError` for one that can't be. */
  find(name: string): ResolvedProperty | undefined;
  /** The source that sets a property to anything, or null; what that is, and whether it is allowed, does not matter. */
  sourceOf(name: string): string | null;
  /** The keys behind `prefix.`, of the source that wins first. */
  keysUnder(prefix: string): readonly FoundKey[];
}

/** Returns the properties of the sources, of which the first one wins. */
export function createProperties(sources: readonly PropertySource[]): Properties {
  const findRaw = (name: string): FoundProperty | undefined => findProperty(sources, name);
  const resolve = createResolver(findRaw);
  const properties: Properties = {
    read(property, name) {
      const set = properties.readIfSet(property, name);
      return set === null
        ? parse(property, name ?? property.name, { value: property.default ?? "", source: "default", isSecret: false })
        : set.value;
    },
    readIfSet(property, given) {
      for (const name of given === undefined ? namesOf(property) : [given]) {
        const found = properties.find(name);
        if (found === undefined || (found.value.trim() === "" && property.emptyIsDefault)) continue;
        return { value: parse(property, name, found), name, found };
      }
      return null;
    },
    find(name) {
      const found = findRaw(name);
      return found === undefined ? undefined : resolve(name, found);
    },
    sourceOf(name) {
      const found = findRaw(name);
      return found === undefined || found.value === "" ? null : found.source;
    },
    keysUnder: (prefix) => sources.flatMap((source) => source.keysUnder(prefix).map((key) => ({ key, source: source.name }))),
  };
  return properties;
}

function parse<Value>(property: Property<Value>, name: string, found: ResolvedProperty): Value {
  const reading = property.readText(found.value);
  if ("value" in reading) return reading.value;
  // The fault quotes the value, or a part of it.
  if (found.isSecret || isSecret(name) || isSecretValue(found.value))
    throw propertyFault(name, found, `${MASK} is not valid; allowed: ${property.allowed}`);
  throw propertyFault(name, found, reading.fault);
}

/** Returns the error that says what is wrong with a property; `found` is where it was set, if it was. */
export function propertyFault(name: string, found: Pick<FoundProperty, "source"> | undefined, problem: string): ConfigError {
  return new ConfigError(`${name} (from ${found?.source ?? "default"}): ${problem}`);
}
