/**
 * The formats that Prometheus scrapes: its text format 0.0.4, and OpenMetrics 1.0.0. A family of each looks like this:
 *
 *     # HELP router_commit_seconds Time of commits
 *     # TYPE router_commit_seconds summary
 *     router_commit_seconds_count{outcome="taken"} 7
 *     router_commit_seconds_sum{outcome="taken"} 0.035
 *     # HELP router_commit_seconds_max Time of commits
 *     # TYPE router_commit_seconds_max gauge
 *     router_commit_seconds_max{outcome="taken"} 0.009
 *
 * OpenMetrics has a counter's family without `_total`, and ends with `# EOF`. A value that is not known is left out: as NaN it would make a sum
 * over instances NaN, too.
 */
import { negotiate } from "../media-types.ts";
import type { Measurement, ReadableFamily, Tags } from "../metrics.ts";

/** What is answered to a scrape. */
export interface Scrape {
  readonly contentType: string;
  readonly body: string;
}

const TEXT = "text/plain";
const OPEN_METRICS = "application/openmetrics-text";
const CONTENT_TYPES: Readonly<Record<string, string>> = {
  [TEXT]: "text/plain;version=0.0.4;charset=utf-8",
  [OPEN_METRICS]: "application/openmetrics-text;version=1.0.0;charset=utf-8",
};

/** Of each measurement, what its samples are called behind the family's name. */
const SAMPLES: Readonly<Record<Measurement["statistic"], string>> = { COUNT: "_count", TOTAL_TIME: "_sum", MAX: "_max", VALUE: "" };

/** Returns the meters in the format that an Accept header asks for. `includedNames` has names of families or samples; null stands for all. */
export function scrapeMeters(
  families: readonly ReadableFamily[],
  accept: string | undefined,
  includedNames: readonly string[] | null,
): Scrape {
  const type = negotiate(accept, [TEXT, OPEN_METRICS]) ?? TEXT;
  const isOpen = type === OPEN_METRICS;
  const included = includedNames === null ? null : new Set(includedNames);
  const lines = families
    .toSorted((left, right) => (left.name < right.name ? -1 : 1))
    .flatMap(familiesOf)
    .flatMap((family) => linesOf(family, included, isOpen));
  if (isOpen) lines.push("# EOF");
  return { contentType: CONTENT_TYPES[type] ?? type, body: lines.map((line) => `${line}\n`).join("") };
}

/** A family as Prometheus sees it. */
interface ScrapedFamily {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "summary";
  readonly samples: readonly { readonly name: string; readonly tags: Tags; readonly value: number }[];
}

/** A timer's maximum goes up and down, so it is a family of its own. */
function familiesOf({ name, description: help, baseUnit, type, meters }: ReadableFamily): readonly ScrapedFamily[] {
  const base = nameOf(name, baseUnit);
  const samples = meters.flatMap(({ tags, measure }) =>
    measure().map(({ statistic, value }) => ({
      name: type === "counter" ? `${base}_total` : `${base}${SAMPLES[statistic]}`,
      tags,
      value,
    })),
  );
  if (type === "gauge") return [{ name: base, help, type, samples }];
  if (type === "counter") return [{ name: `${base}_total`, help, type, samples }];
  const max = `${base}_max`;
  return [
    { name: base, help, type: "summary", samples: samples.filter((sample) => sample.name !== max) },
    { name: max, help, type: "gauge", samples: samples.filter((sample) => sample.name === max) },
  ];
}

function linesOf({ name, help, type, samples }: ScrapedFamily, included: ReadonlySet<string> | null, isOpen: boolean): readonly string[] {
  const wanted = samples.filter(
    (sample) => !Number.isNaN(sample.value) && (included === null || included.has(name) || included.has(sample.name)),
  );
  if (wanted.length === 0) return [];
  const family = isOpen && type === "counter" ? name.replace(/_total$/u, "") : name;
  return [
    `# HELP ${family} ${escaped(help)}`,
    `# TYPE ${family} ${type}`,
    ...wanted.map((sample) => `${sample.name}${labelsOf(sample.tags)} ${numberOf(sample.value)}`),
  ];
}

/** Micrometer's naming: snake case, and the unit behind the name unless it is there already. */
function nameOf(name: string, baseUnit: string | null): string {
  const snake = identifier(name);
  return baseUnit === null || snake.endsWith(`_${baseUnit}`) ? snake : `${snake}_${baseUnit}`;
}

function labelsOf(tags: Tags): string {
  // Two keys may come to one name, and a label that is there twice has the whole scrape refused. A meter's own tags are behind the common ones.
  const valueByLabel = new Map(Object.entries(tags).map(([key, value]) => [identifier(key), value]));
  const labels = [...valueByLabel].map(([label, value]) => `${label}="${escaped(value).replaceAll('"', String.raw`\"`)}"`);
  return labels.length === 0 ? "" : `{${labels.join(",")}}`;
}

/** Dots and whatever else Prometheus does not allow become underscores, and what does not begin with a letter gets one. */
function identifier(name: string): string {
  const snake = name.replaceAll(/[^A-Za-z0-9_]/gu, "_");
  return /^[A-Za-z]/u.test(snake) ? snake : `m_${snake}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);
}

function numberOf(value: number): string {
  if (Number.isFinite(value)) return String(value);
  return value > 0 ? "+Inf" : "-Inf";
}
