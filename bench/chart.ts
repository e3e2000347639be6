/** The chart of bench/RESULTS.md: who routes how many records a second on one core, in bars of a logarithmic scale. */
import type { Row } from "./measure.ts";

const JOBS = ["values, 17 B x 1000", "RecordBatch, null keys x 1000"] as const;

const WIDTH = 960;
const LABEL_WIDTH = 270;
const NUMBER_WIDTH = 90;
const BAR_HEIGHT = 18;
const STEP = 24;
const TITLE_HEIGHT = 40;
/** Records a second at the left end of the bars, and at the right end. */
const [LEAST, MOST] = [1e5, 4e9];

function barWidth(perSecond: number): number {
  const share = Math.log(perSecond / LEAST) / Math.log(MOST / LEAST);
  return Math.max(1, Math.round(share * (WIDTH - LABEL_WIDTH - NUMBER_WIDTH)));
}

function rateText(perSecond: number): string {
  return `${(perSecond / 1e6).toPrecision(3)} M/s`;
}

function barOf({ candidate, medianNs, outputHash }: Row, y: number): string {
  const perSecond = 1e9 / medianNs;
  const width = barWidth(perSecond);
  const kind = candidate.startsWith("core") ? "core" : outputHash === "limit" ? "limit" : "peer";
  const middle = y + BAR_HEIGHT - 5;
  return `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${candidate}</text>
<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}"/>
<text x="${LABEL_WIDTH + width + 6}" y="${middle}">${rateText(perSecond)}</text>`;
}

/** Returns the chart as SVG. */
export function chartOf(rows: readonly Row[]): string {
  const parts: string[] = [];
  let y = 8;
  for (const job of JOBS) {
    parts.push(`<text class="title" x="8" y="${y + 20}">${job}: records a second on one core, logarithmic</text>`);
    y += TITLE_HEIGHT - 8;
    for (const row of rows.filter((one) => one.job === job).toSorted((left, right) => left.medianNs - right.medianNs)) {
      parts.push(barOf(row, y));
      y += STEP;
    }
    y += 16;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="13">
<title>Records a second on one core</title>
<style>text { fill: #24292f } .title { font-weight: bold; font-size: 15px } .core { fill: #1a7f37 } .peer { fill: #8c959f } .limit { fill: #d4a72c } rect.page { fill: #fff }</style>
<rect class="page" width="${WIDTH}" height="${y}"/>
${parts.join("\n")}
</svg>
`;
}
