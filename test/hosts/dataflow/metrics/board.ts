/** The queries of our own dashboard and of its alerts. */
import { readFileSync } from "node:fs";

const DEPLOY = new URL("../../../../hosts/dataflow/deploy/", import.meta.url);
export const BOARD_FILE = new URL("grafana/timestamp-router.json", DEPLOY);
export const ALERTS_FILE = new URL("prometheus/alerts.yaml", DEPLOY);

export interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly datasource?: { readonly uid: string };
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly refId: string; readonly expr: string; readonly legendFormat: string }[];
}

interface Variable {
  readonly name: string;
  readonly type: string;
  readonly query: string | { readonly query: string };
}

export interface Board {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly Variable[] };
}

/** Returns the dashboard as Grafana reads it. */
export function readBoard(): Board {
  return JSON.parse(readFileSync(BOARD_FILE, "utf8")) as Board;
}

/** A query with the variables filled in as Grafana does it when all is chosen. */
export interface BoardQuery {
  readonly panel: string;
  readonly legend: string;
  readonly expression: string;
}

/** Returns all queries; `interval` stands for the variables that are a time. */
export function boardQueries(interval: string): readonly BoardQuery[] {
  return readBoard().panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ panel: title, legend: legendFormat, expression: filledIn(expr, interval) })),
  );
}

function filledIn(text: string, interval: string): string {
  return text.replaceAll(/\$__(?:rate_interval|range)/gu, interval).replaceAll(/\$(?:stream_name|application_name)/gu, ".*");
}

/** Returns the expressions of the alerts. */
export function alertExpressions(): readonly string[] {
  const folded = readFileSync(ALERTS_FILE, "utf8").replaceAll(/^ +#.*\n/gmu, "");
  return [...folded.matchAll(/^ {8}expr: (?:>-\n)?((?:.|\n {10})+)/gmu)].map(([, expression = ""]) => expression);
}

/** Returns the labels that a query groups by, or shows in its legend. */
export function labelsShown({ expression, legend }: BoardQuery): readonly string[] {
  const grouped = [...expression.matchAll(/\bby \(([^)]*)\)/gu)].flatMap(([, list = ""]) => list.split(",").map((label) => label.trim()));
  return [...new Set([...grouped, ...[...legend.matchAll(/\{\{(\w+)\}\}/gu)].map(([, label = ""]) => label)])];
}

/** One series that an expression asks for. */
export interface Selector {
  readonly series: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly text: string }[];
}

/** Returns the series that an expression asks for, with their matchers: names of metrics are the words with an underscore that are no label. */
export function selectorsOf(expression: string): readonly Selector[] {
  const plain = expression.replaceAll(/\bby \([^)]*\)/gu, "");
  return [...plain.matchAll(/\b([a-z]+(?:_[a-z0-9]+)+|up)\b(?!["=!~(])(?:\{([^}]*)\})?/gu)].map(([, series = "", inner = ""]) => ({
    series,
    matchers: [...inner.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/gu)].map(([, label = "", operator = "", text = ""]) => ({
      label,
      operator,
      text,
    })),
  }));
}
