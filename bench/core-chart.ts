/** The chart of the core in isolation: who routes how many records a second on one core. */
import { drawChart, type Bar } from "./chart.ts";
import type { Row } from "./measure.ts";

const JOBS = ["values, 17 B x 1000", "RecordBatch, null keys x 1000"] as const;
const [LEAST, MOST] = [1e5, 4e9];

function barOf({ candidate, medianNs, outputHash }: Row): Bar {
  const value = 1e9 / medianNs;
  const kind = candidate.startsWith("core") ? "ours" : outputHash === "limit" ? "limit" : "peer";
  return { label: candidate, value, text: `${(value / 1e6).toPrecision(3)} M/s`, kind };
}

/** Returns the chart as SVG. */
export function coreChart(rows: readonly Row[]): string {
  const groups = JOBS.map((job) => {
    const ofJob = rows.filter((one) => one.job === job).toSorted((left, right) => left.medianNs - right.medianNs);
    return { title: `${job}: records a second on one core, logarithmic`, bars: ofJob.map(barOf) };
  });
  return drawChart({ title: "Records a second on one core", least: LEAST, most: MOST, groups });
}
