/** The part of bench/RESULTS.md on whole routers: what a run of them has measured, and who is faster. */
import type { LatencyRow, PipelineReport, PipelineRow, Spread } from "./pipeline-report.ts";
import { measuredText } from "./report.ts";
import { tableOf, type Cells } from "./results-page.ts";

function rateText(value: number): string {
  return Number(value.toPrecision(3)).toLocaleString("en");
}

function spreadText({ minimum, maximum }: Spread): string {
  return `${rateText(minimum)} to ${rateText(maximum)}`;
}

function cellsOf(row: PipelineRow): Cells {
  const { name, delivery, perSecond, routerNs, brokerNs, brokerBusy, memoryMb, startUpMs, transactions, ratio } = row;
  return [
    name,
    delivery,
    rateText(perSecond.median),
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
    const ours = rows.find(({ delivery }) => delivery === row.delivery) ?? row;
    const better = [
      ...(row.perSecond.median > ours.perSecond.median ? ["records/s"] : []),
      ...(row.ratio < 1 ? ["router's CPU"] : []),
      ...(row.brokerNs.median < ours.brokerNs.median ? ["broker's CPU"] : []),
      ...(row.memoryMb < ours.memoryMb ? ["memory"] : []),
      ...(row.startUpMs < ours.startUpMs ? ["start-up"] : []),
    ];
    return better.length === 0 || row.name.startsWith("timestamp-router") ? [] : [[row.name, row.delivery, better.join(", ")]];
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

/** Returns the part of the page. */
export function renderPipeline({ environment, partitions, rounds, rows, latencies, trickle }: PipelineReport): string {
  const missing = environment.missing ?? [];
  const [latency] = latencies;
  return `## Whole routers

![CPU time a record of whole routers](results/pipeline.svg)

${measuredText(environment)}

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
