/** The meters of several threads, as one: whoever asks for them asks the app. */
import type { Across, FamilySnapshot, Measurement, ReadableFamily, ReadableMeter, Tags } from "../metrics.ts";

/** Returns what tells a meter from the others of its family. */
export function keyOfTags(tags: Tags): string {
  return Object.keys(tags)
    .toSorted()
    .map((tag) => `${tag}=${tags[tag]}`)
    .join(",");
}

/** Returns this thread's families with those of the others; of meters with the same name and the same tags one is left. */
export function joinFamilies(own: readonly ReadableFamily[], others: readonly (readonly FamilySnapshot[])[]): readonly ReadableFamily[] {
  if (others.length === 0) return own;
  const families = [...own, ...others.flat().map(readable)];
  return groupsOf(families, ({ name }) => name).map(joinFamily);
}

function readable({ meters, ...family }: FamilySnapshot): ReadableFamily {
  return { ...family, meters: meters.map(({ tags, measurements }) => ({ tags, measure: () => measurements })) };
}

/** Returns one family that several threads have. */
function joinFamily(families: Some<ReadableFamily>): ReadableFamily {
  const [first] = families;
  const meters = families.flatMap((family) => family.meters);
  const joined = groupsOf(meters, ({ tags }) => keyOfTags(tags)).map((same) => {
    const [{ tags }] = same;
    return { tags, measure: () => measureAll(same, first.across) };
  });
  return { ...first, meters: joined };
}

function measureAll(meters: readonly ReadableMeter[], across: Across): readonly Measurement[] {
  const measurements = meters.flatMap(({ measure }) => measure());
  return groupsOf(measurements, ({ statistic }) => statistic).map((same) => {
    const [{ statistic }] = same;
    return { statistic, value: valueOf(statistic, same, across) };
  });
}

/** One item at least. */
type Some<Item> = readonly [Item, ...Item[]];

/** Returns the items in groups that have the same key. */
function groupsOf<Item>(items: readonly Item[], keyOf: (item: Item) => string): readonly Some<Item>[] {
  return [...Map.groupBy(items, keyOf).values()].map((group) => group as [Item, ...Item[]]);
}

/** A thread that does not know a value has nothing to add to what the others know. */
function valueOf(statistic: Measurement["statistic"], measurements: readonly Measurement[], across: Across): number {
  const known = measurements.map(({ value }) => value).filter((value) => !Number.isNaN(value));
  if (known.length === 0) return Number.NaN;
  const isLargest = statistic === "MAX" || (statistic === "VALUE" && across === "max");
  return isLargest ? Math.max(...known) : known.reduce((sum, value) => sum + value, 0);
}
