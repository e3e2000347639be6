/** The runs of whole routers beside each other: what each router took over all of them, and in how many it was better than the app. */
import { spreadOf, type PipelineReport, type PipelineRow, type Spread } from "./pipeline-report.ts";
import type { Delivery } from "./pipeline-router.ts";
import { roundedText } from "./report.ts";
import type { Runs } from "./results-files.ts";
import { RUN_HEAD, rangeText, runCells, runsText } from "./runs.ts";
import { tableOf, type Cells } from "./table.ts";

/** What a router can be better in. */
const FIGURES = ["records/s", "router's CPU", "broker's CPU", "memory", "start-up"] as const;
export type Figure = (typeof FIGURES)[number];

/** One router with one delivery, over the runs that had it. */
export interface RouterRuns {
  readonly name: string;
  readonly delivery: Delivery;
  readonly runs: number;
  /** CPU time a record, of the runs' medians. */
  readonly routerNs: Spread;
  readonly ratio: Spread;
  /** In how many runs it was better than the app in its defaults; null for the app itself. */
  readonly better: Readonly<Record<Figure, number>> | null;
}

/** A run's row, and that of the app in its defaults with the same delivery in the same run. */
interface Compared {
  readonly row: PipelineRow;
  readonly ours: PipelineRow;
}

/** Returns the row of the app in its defaults, which is the first one with a delivery. */
export function oursOf(rows: readonly PipelineRow[], delivery: Delivery): PipelineRow | undefined {
  return rows.find((row) => row.delivery === delivery);
}

/** Whether a row is of the app, with whatever settings. */
export function isOurs({ name }: PipelineRow): boolean {
  return name.startsWith("timestamp-router");
}

/** Returns what a row is better in than that of the app in its defaults. */
export function betterIn(row: PipelineRow, ours: PipelineRow): readonly Figure[] {
  const isBetter: Readonly<Record<Figure, boolean>> = {
    "records/s": row.perSecond.median > ours.perSecond.median,
    "router's CPU": row.ratio < 1,
    "broker's CPU": row.brokerNs.median < ours.brokerNs.median,
    memory: row.memoryMb < ours.memoryMb,
    "start-up": row.startUpMs < ours.startUpMs,
  };
  return FIGURES.filter((figure) => isBetter[figure]);
}

/** Returns the peer that takes least CPU time a record. */
export function bestPeer(rows: readonly PipelineRow[], delivery: Delivery): PipelineRow | undefined {
  const peers = rows.filter((row) => row.delivery === delivery && !isOurs(row));
  return peers.toSorted((left, right) => left.ratio - right.ratio)[0];
}

function routerRuns(compared: readonly [Compared, ...Compared[]]): RouterRuns {
  const [{ row, ours }] = compared;
  const count = (figure: Figure): number => compared.filter((one) => betterIn(one.row, one.ours).includes(figure)).length;
  return {
    name: row.name,
    delivery: row.delivery,
    runs: compared.length,
    routerNs: spreadOf(compared.map((one) => one.row.routerNs.median)),
    ratio: spreadOf(compared.map((one) => one.row.ratio)),
    better: row === ours ? null : (Object.fromEntries(FIGURES.map((figure) => [figure, count(figure)])) as Record<Figure, number>),
  };
}

/** Returns what became of each router and delivery over the runs, newest first; a run that didn't have a router does not count for it. */
export function overRuns(runs: readonly PipelineReport[]): readonly RouterRuns[] {
  const compared = runs.flatMap(({ rows }) => rows.map((row): Compared => ({ row, ours: oursOf(rows, row.delivery) ?? row })));
  const ofRouters = Map.groupBy(compared, ({ row: { name, delivery } }) => `${name}, ${delivery}`);
  return [...ofRouters.values()].flatMap(([first, ...others]) => (first === undefined ? [] : [routerRuns([first, ...others])]));
}

/** Returns the table of the routers over all runs. */
export function renderRouterRuns(runs: readonly PipelineReport[]): string {
  const head = [
    "router",
    "delivery",
    "runs",
    "CPU a record: least",
    "median",
    "most",
    "against ours",
    "better than ours in CPU",
    "in records/s",
    "in memory",
    "in start-up",
  ];
  const lines = overRuns(runs).map(({ name, delivery, runs: count, routerNs, ratio, better }): Cells => {
    const inRuns = (figure: Figure): string => (better === null ? "" : `${better[figure]} of ${count}`);
    return [
      name,
      delivery,
      count,
      nsText(routerNs.minimum),
      nsText(routerNs.median),
      nsText(routerNs.maximum),
      rangeText([ratio.minimum, ratio.maximum], ratioText, "times"),
      inRuns("router's CPU"),
      inRuns("records/s"),
      inRuns("memory"),
      inRuns("start-up"),
    ];
  });
  return tableOf(head, lines);
}

function nsText(ns: number): string {
  return `${roundedText(ns)} ns`;
}

function ratioText(ratio: number): string {
  return ratio.toPrecision(3);
}

function peerText(peer: PipelineRow | undefined): string {
  return peer === undefined ? "" : `${peer.name}, ${ratioText(peer.ratio)} times`;
}

/** Returns the table with a line for each run. */
export function renderPipelineRuns(runs: Runs<PipelineReport>): string {
  const head = [
    ...RUN_HEAD,
    "CPU a record, at least once",
    "exactly once",
    "records/s, at least once",
    "best peer's CPU over ours, at least once",
    "exactly once",
  ];
  const lines = runs.map(({ environment, rows }): Cells => {
    const cpuText = (delivery: Delivery): string => ourNs(rows, delivery).map(nsText).join("");
    const perSecond = oursOf(rows, "at least once")?.perSecond.median;
    return [
      ...runCells(environment),
      cpuText("at least once"),
      cpuText("exactly once"),
      perSecond === undefined ? "" : roundedText(perSecond),
      peerText(bestPeer(rows, "at least once")),
      peerText(bestPeer(rows, "exactly once")),
    ];
  });
  return tableOf(head, lines);
}

function ourNs(rows: readonly PipelineRow[], delivery: Delivery): readonly number[] {
  const ours = oursOf(rows, delivery);
  return ours === undefined ? [] : [ours.routerNs.median];
}

/** Returns what the runs come to, in a few sentences. */
export function pipelineConclusion(runs: Runs<PipelineReport>): string {
  const cpuText = (delivery: Delivery): string =>
    rangeText(
      runs.flatMap(({ rows }) => ourNs(rows, delivery)),
      roundedText,
      "ns",
    );
  const peersText = (delivery: Delivery): string => {
    const peers = runs.flatMap(({ rows }) => bestPeer(rows, delivery) ?? []);
    if (peers.length === 0) return `no peer was measured ${delivery}`;
    const ratios = peers.map(({ ratio }) => ratio);
    return `the best peer ${delivery}, ${[...new Set(peers.map(({ name }) => name))].join(" or ")}, takes ${rangeText(ratios, ratioText, "times")} as much`;
  };
  return (
    `${runsText(runs)}: CPU time of the app for a record ${cpuText("at least once")} at least once and ${cpuText("exactly once")} exactly once; ` +
    `${peersText("at least once")}, ${peersText("exactly once")}.`
  );
}
