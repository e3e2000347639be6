import { createResolver } from "./sources/placeholders.ts";
import { findProperty, type PropertyEntry, type PropertySource } from "./sources/property-source.ts";
import { ConfigError, withoutUserInfo } from "./config-error.ts";
import { isSecret, isSecretValue, MASK } from "./secrets.ts";

/** One source as the endpoint `env` shows it. */
export interface DescribedSource {
  /** What Boot calls it. */
  readonly name: string;
  readonly properties: ReadonlyMap<string, { readonly value: string; readonly origin?: string }>;
}

/**
 * Returns all that the sources have, the one that wins first, without those that have nothing. Placeholders are resolved where they can be, and
 * secrets are masked.
 */
export function describeEnvironment(sources: readonly PropertySource[]): readonly DescribedSource[] {
  return sources
    .filter(({ entries }) => entries.length > 0)
    .map((source) => ({
      name: source.bootName,
      properties: new Map(source.entries.map((entry) => [entry.name, describe(sources, source, entry)])),
    }));
}

function describe(sources: readonly PropertySource[], source: PropertySource, { name, value, origin }: PropertyEntry) {
  const shown = isSecret(name) ? MASK : shownValue(sources, { name, value, source: source.name });
  return { value: isSecretValue(shown) ? MASK : withoutUserInfo(shown), ...(origin === undefined ? {} : { origin }) };
}

function shownValue(sources: readonly PropertySource[], { name, ...found }: { name: string; value: string; source: string }): string {
  // One resolver for each value: another source may have another value under the same name.
  const resolve = createResolver((wanted) => findProperty(sources, wanted));
  try {
    const resolved = resolve(name, found);
    return resolved.isSecret ? MASK : resolved.value;
  } catch (error) {
    if (error instanceof ConfigError) return found.value;
    throw error;
  }
}
