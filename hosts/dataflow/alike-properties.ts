/** Properties that reading, writing and dead letters must be told alike: in Java each has a client of its own, here one is for all. */
import { propertyFault, type Properties, type SetProperty } from "./properties.ts";
import { forOutput } from "./property.ts";
import type { AlikeProperty } from "./schema-kafka-security.ts";

/** A value, and the property that it came from, for error messages. */
export interface Told<Value> {
  readonly value: Value;
  readonly property: string;
}

/** Reads a property that all roles must be told alike; null where the default holds. */
export type ReadAlike = <Value>(property: AlikeProperty<Value>) => SetProperty<Value> | null;

/** Returns a reader that knows the outputs by their names and throws `ConfigError`, naming both, where two roles are told different things. */
export function readerOfAlike(properties: Properties, outputs: readonly string[]): ReadAlike {
  return (property) => {
    const [first, ...others] = byRole(property, outputs).map(({ who, names }) => ({
      who,
      set: properties.readIfSet({ ...property, names }),
    }));
    for (const other of others) {
      if (first === undefined || first.set?.found.value === other.set?.found.value) continue;
      const [set, unlike] = first.set === null ? [other, first] : [first, other];
      const what =
        unlike.set === null ? `is not set for the ${unlike.who}` : `is not what ${unlike.set.name} (from ${unlike.set.found.source}) is`;
      const cure = `allowed: one value for all, as by ${property.name}, since the app has one client`;
      throw propertyFault(set.set?.name ?? property.name, set.set?.found, `${what}; ${cure}`);
    }
    return first?.set ?? null;
  };
}

function byRole<Value>(
  { namesByRole, ...property }: AlikeProperty<Value>,
  outputs: readonly string[],
): readonly { readonly who: string; readonly names: readonly string[] }[] {
  const { consumer, producer, "dead letters": deadLetters } = namesByRole;
  return [
    { who: "consumer", names: consumer },
    ...outputs.map((output) => ({ who: `output ${output}`, names: forOutput({ ...property, names: producer }, output).names ?? [] })),
    { who: "dead letters", names: deadLetters },
  ];
}

/** Returns all names that a property may be set by, for whatever role. */
export function namesOfAlike(property: AlikeProperty<unknown>, outputs: readonly string[]): readonly string[] {
  return [...new Set(byRole(property, outputs).flatMap(({ names }) => names))];
}

/** Returns a value with the name of its property. */
export function told<Value>({ value, name }: SetProperty<Value>): Told<Value> {
  return { value, property: name };
}

/** Returns likewise what may not be set. */
export function toldIfSet<Value>(set: SetProperty<Value> | null): Told<Value> | null {
  return set === null ? null : told(set);
}
