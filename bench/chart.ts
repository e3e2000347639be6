/** Draws the charts of bench/RESULTS.md: bars of a logarithmic scale, in groups with a title each. */

const WIDTH = 960;
const LABEL_WIDTH = 270;
const NUMBER_WIDTH = 90;
const BAR_HEIGHT = 18;
const STEP = 24;
const TITLE_HEIGHT = 32;
const GAP = 16;

/** One bar. A limit does less than the others. */
export interface Bar {
  readonly label: string;
  readonly value: number;
  /** The value as it is written behind the bar. */
  readonly text: string;
  readonly kind: "ours" | "peer" | "limit";
}

export interface Chart {
  readonly title: string;
  /** Values at the left end of the bars, and at the right end. */
  readonly least: number;
  readonly most: number;
  readonly groups: readonly { readonly title: string; readonly bars: readonly Bar[] }[];
}

function barWidth(value: number, { least, most }: Chart): number {
  const share = Math.log(value / least) / Math.log(most / least);
  return Math.min(Math.max(1, Math.round(share * (WIDTH - LABEL_WIDTH - NUMBER_WIDTH))), WIDTH - LABEL_WIDTH - NUMBER_WIDTH);
}

function drawBar({ label, value, text, kind }: Bar, y: number, chart: Chart): string {
  const width = barWidth(value, chart);
  const middle = y + BAR_HEIGHT - 5;
  return `<text x="${LABEL_WIDTH - 8}" y="${middle}" text-anchor="end">${label}</text>
<rect class="${kind}" x="${LABEL_WIDTH}" y="${y}" width="${width}" height="${BAR_HEIGHT}"/>
<text x="${LABEL_WIDTH + width + 6}" y="${middle}">${text}</text>`;
}

/** Returns the chart as SVG. */
export function drawChart(chart: Chart): string {
  const parts: string[] = [];
  let y = 8;
  for (const { title, bars } of chart.groups) {
    parts.push(`<text class="title" x="8" y="${y + 20}">${title}</text>`);
    y += TITLE_HEIGHT;
    for (const bar of bars) {
      parts.push(drawBar(bar, y, chart));
      y += STEP;
    }
    y += GAP;
  }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" font-family="sans-serif" font-size="13">
<title>${chart.title}</title>
<style>text { fill: #24292f } .title { font-weight: bold; font-size: 15px } .ours { fill: #1a7f37 } .peer { fill: #8c959f } .limit { fill: #d4a72c } rect.page { fill: #fff }</style>
<rect class="page" width="${WIDTH}" height="${y}"/>
${parts.join("\n")}
</svg>
`;
}
