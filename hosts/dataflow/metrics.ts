/**
 * The app's meters, under Micrometer's names and with its meaning: a family has a dotted name, a meter of it has tags. Whoever counts holds a
 * meter and adds to it, so that counting is an addition; everything else is done when somebody asks.
 */
import { joinFamilies, keyOfTags } from "./metrics/join.ts";
import { createWindow } from "./metrics/window.ts";
import { scrapeMeters, type Scrape } from "./metrics/prometheus.ts";

/** Tags of a meter, by key. */
export type Tags = Readonly<Record<string, string>>;

/** What a family of meters is. All its meters have the same tag keys. */
export interface MeterFamily {
  /** Lower case, with dots: `router.records`. */
  readonly name: string;
  readonly description: string;
  /** What is counted, such as `bytes`; null for a ratio, or where the name says it. A timer's is always seconds. */
  readonly baseUnit?: string;
  /** What a gauge that several threads have comes to; their sum unless it is said. */
  readonly across?: Across;
}

/** What the values of several threads come to. */
export type Across = "sum" | "max";

/** Counts what happens; never goes back. */
export interface Counter {
  readonly count: number;
  add(amount: number): void;
}

/** Counts what happens, and the time that it takes. */
export interface Timer {
  /** Adds `count` events of which each took `seconds`. */
  record(seconds: number, count?: number): void;
}

/** One number of a meter, by Micrometer's name of it. */
export interface Measurement {
  readonly statistic: "COUNT" | "MAX" | "TOTAL_TIME" | "VALUE";
  readonly value: number;
}

/** A meter as it is read. */
export interface ReadableMeter {
  readonly tags: Tags;
  readonly measure: () => readonly Measurement[];
}

/** A family and its meters, as they are read. */
export interface ReadableFamily {
  readonly name: string;
  readonly description: string;
  readonly baseUnit: string | null;
  readonly type: "counter" | "gauge" | "timer";
  readonly across: Across;
  readonly meters: readonly ReadableMeter[];
}

/** A family with what its meters were at one moment, in a form that can be sent from one thread to another. */
export interface FamilySnapshot extends Omit<ReadableFamily, "meters"> {
  readonly meters: readonly { readonly tags: Tags; readonly measurements: readonly Measurement[] }[];
}

/** What `/actuator/metrics/{name}` says of a family. */
export interface MeterDescription {
  readonly name: string;
  readonly description: string;
  readonly baseUnit: string | null;
  readonly measurements: readonly Measurement[];
  /** The tags that would narrow it down further. */
  readonly availableTags: readonly { readonly tag: string; readonly values: readonly string[] }[];
}

export interface Metrics {
  counter(family: MeterFamily, tags?: Tags): Counter;
  timer(family: MeterFamily, tags?: Tags): Timer;
  /** A number that goes up and down; `read` is asked whenever somebody wants to know. NaN says that it is not known: then it has no sample. */
  gauge(family: MeterFamily, tags: Tags, read: () => number): void;
  /** A number that somebody else counts. */
  readCounter(family: MeterFamily, tags: Tags, read: () => number): void;
  /** The families, in alphabetical order. */
  names(): readonly string[];
  /** Returns the sums over the meters that have these tags, or null when there are none. */
  describe(name: string, tags: ReadonlyMap<string, string>): MeterDescription | null;
  /** Returns everything in the format of Prometheus that the Accept header asks for; `includedNames`, by Prometheus' names, leaves out others. */
  scrape(accept: string | undefined, includedNames: readonly string[] | null): Scrape;
  /** Returns what the meters of this thread are now. */
  snapshot(): readonly FamilySnapshot[];
}

export interface MetricsOptions {
  /** Tags of every meter; one of the meter's own with the same key goes before. */
  readonly tags: Tags;
  /** Milliseconds, for the maxima of timers, which are those of about the last minute. */
  readonly now: () => number;
  /** The meters of other threads, which are shown as one with those of this registry. */
  readonly ofThreads?: () => readonly (readonly FamilySnapshot[])[];
}

interface Family extends ReadableFamily {
  readonly meters: ReadableMeter[];
}

/** Returns a registry without meters. */
export function createMetrics({ tags: commonTags, now, ofThreads = () => [] }: MetricsOptions): Metrics {
  const families = new Map<string, Family>();
  const add = (
    type: Family["type"],
    { name, description, baseUnit, across = "sum" }: MeterFamily,
    own: Tags,
    measure: ReadableMeter["measure"],
  ): void => {
    const family = families.get(name) ?? {
      name,
      description,
      baseUnit: type === "timer" ? "seconds" : (baseUnit ?? null),
      type,
      across,
      meters: [],
    };
    const tags = { ...commonTags, ...own };
    const key = keyOfTags(tags);
    const first = family.meters[0];
    if (
      family.type !== type ||
      family.meters.some((meter) => keyOfTags(meter.tags) === key) ||
      (first !== undefined && !hasSameKeys(first.tags, tags))
    ) {
      throw new RangeError(`the meter ${name} ${key} does not go with those of its name`);
    }
    family.meters.push({ tags, measure });
    families.set(name, family);
  };
  const all = (): readonly ReadableFamily[] => joinFamilies([...families.values()], ofThreads());
  return {
    counter(family, tags = {}) {
      const counter = { count: 0, add: (amount: number) => void (counter.count += amount) };
      add("counter", family, tags, () => [{ statistic: "COUNT", value: counter.count }]);
      return counter;
    },
    timer(family, tags = {}) {
      const recent = createWindow({ now, spans: 3, spanMs: 20_000 });
      let total = 0;
      let events = 0;
      add("timer", family, tags, () => [
        { statistic: "COUNT", value: events },
        { statistic: "TOTAL_TIME", value: total },
        { statistic: "MAX", value: recent.max() },
      ]);
      return {
        record(seconds, count = 1) {
          events += count;
          total += seconds * count;
          recent.add(seconds);
        },
      };
    },
    gauge(family, tags, read) {
      add("gauge", family, tags, () => [{ statistic: "VALUE", value: read() }]);
    },
    readCounter(family, tags, read) {
      add("counter", family, tags, () => [{ statistic: "COUNT", value: read() }]);
    },
    names: () => all().map(nameOf).toSorted(),
    describe(name, tags) {
      const family = all().find((one) => one.name === name);
      return family === undefined ? null : describeFamily(family, tags);
    },
    scrape: (accept, includedNames) => scrapeMeters(all(), accept, includedNames),
    snapshot: () => [...families.values()].map(snapshotOf),
  };
}

function nameOf({ name }: ReadableFamily): string {
  return name;
}

function snapshotOf({ meters, ...family }: Family): FamilySnapshot {
  return { ...family, meters: meters.map(({ tags, measure }) => ({ tags, measurements: measure() })) };
}

function hasSameKeys(left: Tags, right: Tags): boolean {
  return keysOf(left).join(",") === keysOf(right).join(",");
}

function keysOf(tags: Tags): readonly string[] {
  return Object.keys(tags).toSorted();
}

/** As Boot does it: counts and times are added up, of maxima the largest counts. */
function describeFamily(
  { name, description, baseUnit, meters }: ReadableFamily,
  wanted: ReadonlyMap<string, string>,
): MeterDescription | null {
  const chosen = meters.filter(({ tags }) => [...wanted].every(([key, value]) => tags[key] === value));
  if (chosen.length === 0) return null;
  const sums = new Map<Measurement["statistic"], number>();
  const values = new Map<string, Set<string>>();
  for (const { tags, measure } of chosen) {
    for (const { statistic, value } of measure()) {
      const before = sums.get(statistic);
      sums.set(statistic, before === undefined ? value : statistic === "MAX" ? Math.max(before, value) : before + value);
    }
    for (const [key, value] of Object.entries(tags)) if (!wanted.has(key)) values.set(key, (values.get(key) ?? new Set()).add(value));
  }
  return {
    name,
    description,
    baseUnit,
    measurements: [...sums].map(([statistic, value]) => ({ statistic, value })),
    availableTags: [...values].map(([tag, found]) => ({ tag, values: [...found] })),
  };
}
