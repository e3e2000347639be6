/** The endpoints with the meters: one by one in JSON, and all of them for Prometheus. */
import type { Metrics } from "../metrics.ts";
import { badRequest, NOT_FOUND, ok, reading, type Endpoint } from "./endpoint.ts";

/** What is read of the app's meters. */
export type ReadMetrics = Pick<Metrics, "names" | "describe" | "scrape">;

/** Returns the endpoint that lists the meters and describes each. */
export function metricsEndpoint(metrics: ReadMetrics): Endpoint {
  return {
    id: "metrics",
    operations: [
      reading(null, () => ok({ names: metrics.names() })),
      reading("requiredMetricName", ({ selector, query }) => {
        const tags = query.getAll("tag");
        const wrong = tags.find((tag) => !/^[^:]+:/u.test(tag));
        if (wrong !== undefined) return badRequest("a tag is written as key:value");
        const valueByKey = new Map(tags.map((tag) => [tag.slice(0, tag.indexOf(":")), tag.slice(tag.indexOf(":") + 1)]));
        const described = metrics.describe(selector, valueByKey);
        if (described === null) return NOT_FOUND;
        const { baseUnit, ...rest } = described;
        return ok(baseUnit === null ? rest : { ...rest, baseUnit });
      }),
    ],
  };
}

/** Media types of a scrape, the usual one first. */
const SCRAPE_TYPES: readonly string[] = ["text/plain", "application/openmetrics-text"];

/** Returns the endpoint that Prometheus scrapes. */
export function prometheusEndpoint(metrics: ReadMetrics): Endpoint {
  const scrape = reading(null, ({ accept, query }) => {
    const names = query.getAll("includedNames").flatMap((list) => list.split(","));
    const { contentType, body } = metrics.scrape(accept, names.length === 0 ? null : names);
    return { status: 200, text: body, contentType };
  });
  return { id: "prometheus", operations: [{ ...scrape, produces: SCRAPE_TYPES }] };
}
