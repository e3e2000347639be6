/** The part of bench/RESULTS.md on whole routers: what came of all runs, what the newest one has measured, and who is faster. */
import type { LatencyRow, PipelineReport, PipelineRow, Spread } from "./pipeline-report.ts";
import { betterIn, isOurs, oursOf, renderPipelineRuns, renderRouterRuns } from "./pipeline-runs.ts";
import { measuredText, roundedText } from "./report.ts";
import type { Runs } from "./results-files.ts";
import { tableOf, type Cells } from "./table.ts";

function spreadText({ minimum, maximum }: Spread): string {
  return `${roundedText(minimum)} to ${roundedText(maximum)}`;
}

function cellsOf(row: PipelineRow): Cells {
  const { name, delivery, perSecond, routerNs, brokerNs, brokerBusy, memoryMb, startUpMs, transactions, ratio } = row;
  return [
    name,
    delivery,
    roundedText(perSecond.median),
    spreadText(perSecond),
    `${Math.round(routerNs.median)} ns`,
    ratio.toPrecision(3),
    `${Math.round(brokerNs.median)} ns`,
    `${Math.round(100 * brokerBusy)} %`,
    `${Math.round(memoryMb)} MB`,
    `${(startUpMs / 1000).toFixed(1)} s`,
    transactions === null ? "" : transactions.toFixed(1),
  ];
}

const HEAD: Cells = [
  "router",
  "delivery",
  "records/s, median",
  "records/s, rounds",
  "router's CPU, a record",
  "ratio",
  "broker's CPU, a record",
  "broker's core, busy",
  "memory, most",
  "start-up",
  "transactions/s",
];

/** Returns the peers that were better than ours in its defaults with the same delivery, in something. */
function losses(rows: readonly PipelineRow[]): string {
  const cells = rows.flatMap((row): readonly Cells[] => {
    const better = betterIn(row, oursOf(rows, row.delivery) ?? row);
    return better.length === 0 || isOurs(row) ? [] : [[row.name, row.delivery, better.join(", ")]];
  });
  if (cells.length === 0) return "No peer was better in anything in this run.";
  return `Peers that were better than the app in its defaults:\n\n${tableOf(["router", "delivery", "better in"], cells)}`;
}

function latencyTable(latencies: readonly LatencyRow[]): string {
  const cells = latencies.map(({ name, p50Ms, p99Ms, maximumMs }): Cells => [
    name,
    ...[p50Ms, p99Ms, maximumMs].map((ms) => ms.toFixed(1)),
  ]);
  return tableOf(["router", "p50, ms", "p99, ms", "most, ms"], cells);
}

function settingsList(rows: readonly PipelineRow[]): string {
  return rows
    .map(({ name, delivery, version, settings, records, isOrderCompared }) => {
      const order = isOrderCompared ? "" : "; records compared, but not their order, for it chooses partitions by itself";
      return `- ${name}, ${delivery}: ${version}; ${settings}; ${records.toLocaleString("en")} records${order}.`;
    })
    .join("\n");
}

/** The table of the routers over all runs, where there is more than one. */
function allRuns(runs: Runs<PipelineReport>): string {
  if (runs.length === 1) return "";
  return `${renderRouterRuns(runs)}

Each run measures a router in some rounds and takes their median; the table has the least, the median and the most of these. \`against ours\` is the CPU time a
record over that of the app in its defaults in the same run. A run that did not have a router does not count for it.
`;
}

/** Returns the part of the page. */
export function renderPipeline(runs: Runs<PipelineReport>): string {
  const [{ environment, partitions, rounds, rows, latencies, trickle }] = runs;
  const missing = environment.missing ?? [];
  const [latency] = latencies;
  return `## Whole routers

![CPU time a record of whole routers](results/pipeline.svg)

${allRuns(runs)}
### Runs

${renderPipelineRuns(runs)}

### The newest run

${measuredText(environment)} The chart and what follows of whole routers are of this run.

One broker on one core and the router on the other one; ${partitions} partitions, values of 17 bytes, no keys, not compressed. n = ${rounds} rounds, interleaved, each
with new output topics and a new process. What came out was read with \`read_committed\` by Kafka's Java client and is the same of all. Missing on that
machine: ${missing.length === 0 ? "nothing" : missing.join("; ")}.

${tableOf(HEAD, rows.map(cellsOf))}

\`ratio\` is the CPU time a record over that of the first router with the same delivery, the median of the rounds' ratios. Other programs ran on these
cores as well: CPU time and ratios tell more than records/s.

${losses(rows)}

${settingsList(rows)}

### Latency

At ${latency?.perSecond.toLocaleString("en") ?? 0} records/s, from the producer's call to the reader of committed records, both in one process of kafkajs beside the broker; n = ${
    latency?.records.toLocaleString("en") ?? 0
  } records.

${latencyTable(latencies)}

With \`router.commit-interval\` ${trickle.intervalMs} ms and one record after the other, ${trickle.recordsPerSecond.toFixed(0)} a second: ${trickle.transactionsPerSecond.toFixed(0)} transactions a second.
`;
}
