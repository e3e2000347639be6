import { canonicalName, withoutKeyBrackets } from "../property-name.ts";

/** A property as its source spells it. */
export interface PropertyEntry {
  readonly name: string;
  readonly value: string;
  /** Where in the source it stands, in Boot's words. */
  readonly origin?: string;
}

/** One place that properties come from. */
export interface PropertySource {
  /** What the source is called in an error message. */
  readonly name: string;
  /** What Boot calls a source of the kind. */
  readonly bootName: string;
  /** Everything that the source has, one entry for each spelling of a name. */
  readonly entries: readonly PropertyEntry[];
  /** Returns the value of a property by its canonical (kebab case) name, whatever spelling the source used. */
  get(name: string): string | undefined;
  /** Returns what follows `prefix.` in the names that the source has: the keys of a map such as `router.prefix.<output>`. */
  keysUnder(prefix: string): readonly string[];
}

/** A value and where it came from. */
export interface FoundProperty {
  readonly value: string;
  readonly source: string;
}

/** Returns a source whose names are property names. When two of them are spellings of one name, the later one counts. */
export function namedSource(names: Pick<PropertySource, "name" | "bootName">, entries: readonly PropertyEntry[]): PropertySource {
  const valueByName = new Map(entries.map(({ name, value }) => [canonicalName(name), value]));
  return {
    ...names,
    entries,
    get(name) {
      if (entries.length === 0) return undefined;
      const canonical = canonicalName(name);
      return valueByName.get(canonical) ?? listOf((index) => valueByName.get(`${canonical}[${index}]`));
    },
    keysUnder(prefix) {
      const wanted = `${canonicalName(prefix)}.`;
      const elementCount = prefix.split(".").length;
      return entries
        .filter(({ name }) => canonicalName(name).startsWith(wanted))
        .map(({ name }) => withoutKeyBrackets(name).split(".").slice(elementCount).join("."));
    },
  };
}

/** Returns a list that was given element by element, as the comma list that it stands for. */
export function listOf(element: (index: number) => string | undefined): string | undefined {
  const elements: string[] = [];
  for (let index = 0; ; index++) {
    const value = element(index);
    if (value === undefined) break;
    elements.push(value);
  }
  return elements.length === 0 ? undefined : elements.join(",");
}

/** Data Flow's stream language hands an empty value (`--key=""`) on as these four characters. */
const DSL_EMPTY = String.raw`\"\"`;

/** Returns the value of the first source that has the property, its placeholders as they are. */
export function findProperty(sources: readonly PropertySource[], name: string): FoundProperty | undefined {
  for (const source of sources) {
    const value = source.get(name);
    if (value !== undefined) return { value: value === DSL_EMPTY ? "" : value, source: source.name };
  }
  return undefined;
}
