import { line } from "./property-kinds.ts";

/** The tags of all meters, by which Data Flow's dashboards tell apps apart. */
export const METRICS_PROPERTIES = {
  metricsTag: line({
    name: "management.metrics.tags.<tag>",
    default: null,
    defaultMeaning: "Data Flow's tags, of the properties below",
    description:
      "Tag that all meters have. Without any set, `stream.name`, `application`, `application.name`, `application.type`, `application.guid` " +
      "and `instance.index` are as Data Flow's dashboards ask for them; each of them can be set.",
  }),
  applicationGuid: line({
    name: "spring.cloud.application.guid",
    default: "unknown",
    defaultMeaning: "set by the platform",
    description: "Name of this instance, the tag `application.guid` of all meters.",
  }),
  appType: line({
    name: "spring.cloud.dataflow.stream.app.type",
    default: "unknown",
    defaultMeaning: "set by Data Flow",
    description: "Type of the app in the stream, the tag `application.type` of all meters.",
  }),
} as const;
