import type { Properties } from "./properties.ts";
import { PROPERTIES } from "./schema.ts";
import { dottedKey } from "./sources/environment-variables.ts";

/** What is said of the app with each of its meters. */
export interface MetricsConfig {
  /** Tags that all meters have. */
  readonly metricsTags: Readonly<Record<string, string>>;
}

const TAGS = PROPERTIES.metricsTag.name.replace(".<tag>", "");
/** What Spring's stream apps say where they are not told. */
const UNKNOWN = "unknown";

/** Reads the tags: those of Data Flow's dashboards, and whatever else is set. */
export function readMetrics(properties: Properties): MetricsConfig {
  const stream = properties.read(PROPERTIES.streamName) || UNKNOWN;
  const label = properties.read(PROPERTIES.appLabel) || UNKNOWN;
  const type = properties.read(PROPERTIES.appType);
  const tags = new Map([
    ["stream.name", stream],
    ["application", `${stream}-${label}-${type}`],
    ["application.name", label],
    ["application.type", type],
    ["application.guid", properties.read(PROPERTIES.applicationGuid)],
    ["instance.index", String(properties.read(PROPERTIES.instanceIndex))],
  ]);
  // The source that wins comes first, and is to be the last one here.
  for (const found of properties.keysUnder(TAGS).toReversed()) {
    tags.set(dottedKey(found), properties.read(PROPERTIES.metricsTag, `${TAGS}.${found.key}`));
  }
  return { metricsTags: Object.fromEntries(tags) };
}
