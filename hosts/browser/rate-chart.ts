/** Records a second over the last minute, a line for each output. */
import { element, svgElement } from "./element.ts";
import { colorOf } from "./output-colors.ts";

const HEIGHT = 180;
const TOP = 18;
const BOTTOM = 22;
/** Points of a line: one a second. */
export const POINTS_MAX = 60;

/** A point: for each output, records a second. */
export type Rates = readonly number[];

/** Returns the chart, so many pixels wide, and its legend. The newest point is the last, at the right edge. */
export function rateChart(outputs: readonly string[], points: readonly Rates[], width: number): readonly Element[] {
  const most = niceAbove(Math.max(1, ...points.flat()));
  const xOf = (index: number): number => width - (points.length - 1 - index) * (width / (POINTS_MAX - 1));
  const yOf = (rate: number): number => TOP + (1 - rate / most) * (HEIGHT - TOP - BOTTOM);
  const grid = [0, 0.5, 1].flatMap((share) => {
    const y = yOf(most * share).toFixed(1);
    return [
      svgElement("line", { x1: "0", x2: String(width), y1: y, y2: y, class: "grid" }),
      svgElement("text", { x: "0", y: String(Number(y) - 4), class: "axis" }, (most * share).toLocaleString("en")),
    ];
  });
  const lines = outputs.map((output, series) =>
    svgElement("polyline", {
      points: points.map((rates, index) => `${xOf(index).toFixed(1)},${yOf(rates[series] ?? 0).toFixed(1)}`).join(" "),
      class: `line ${colorOf(outputs, output)}`,
    }),
  );
  const axis = [
    svgElement("text", { x: "0", y: String(HEIGHT - 4), class: "axis" }, "a minute ago"),
    svgElement("text", { x: String(width), y: String(HEIGHT - 4), class: "axis end" }, "now"),
  ];
  const latest = points.at(-1) ?? [];
  const label = outputs.map((output, series) => `${output} ${shownRate(latest[series] ?? 0)} a second`).join(", ");
  const chart = svgElement(
    "svg",
    { viewBox: `0 0 ${width} ${HEIGHT}`, class: "chart", role: "img", "aria-label": label },
    ...grid,
    ...lines,
    ...axis,
  );
  const legend = element(
    "ul",
    { class: "legend" },
    ...outputs.map((output, series) =>
      element("li", { class: colorOf(outputs, output) }, `${output} `, element("b", {}, shownRate(latest[series] ?? 0))),
    ),
  );
  return [chart, legend];
}

/** Returns a rate as it is shown: small ones with a decimal. */
export function shownRate(rate: number): string {
  return rate < 10 ? rate.toFixed(1) : Math.round(rate).toLocaleString("en");
}

/** Returns the next of 1, 2, 5, 10, 20, 50 and so on. */
function niceAbove(number: number): number {
  const power = 10 ** Math.floor(Math.log10(number));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= number) ?? 10 * power;
}
