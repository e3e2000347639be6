/** The chart of whole routers: the CPU time that each of them takes for a record. */
import { drawChart, type Bar } from "./chart.ts";
import type { PipelineRow } from "./pipeline-report.ts";
import type { Delivery } from "./pipeline-router.ts";

const DELIVERIES: readonly Delivery[] = ["at least once", "exactly once"];
/** Nanoseconds. */
const [LEAST, MOST] = [20, 100_000];

function barOf({ name, routerNs }: PipelineRow): Bar {
  const kind = name.startsWith("timestamp-router") ? "ours" : "peer";
  return { label: name, value: routerNs.median, text: `${Math.round(routerNs.median).toLocaleString("en")} ns`, kind };
}

/** Returns the chart as SVG. */
export function pipelineChart(rows: readonly PipelineRow[]): string {
  const groups = DELIVERIES.map((delivery) => {
    const ofDelivery = rows
      .filter((row) => row.delivery === delivery)
      .toSorted((left, right) => left.routerNs.median - right.routerNs.median);
    return { title: `${delivery}: CPU time a record, logarithmic, less is better`, bars: ofDelivery.map(barOf) };
  });
  return drawChart({ title: "CPU time a record of whole routers", least: LEAST, most: MOST, groups });
}
