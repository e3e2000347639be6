/** The measurement's button, figures and chart. */
import { find, svgElement } from "./element.ts";
import { measureSpeed, type Speed } from "./speed.ts";

/** Height of a row, in pixels: a line of text, and a bar below it. */
const ROW = 58;
/** Room for the figure at the right. */
const FIGURE = 84;

/** Opens the panel. */
export function openSpeedPanel(module: WebAssembly.Module): void {
  const button = find("measure", HTMLButtonElement);
  const result = find("speed-result", HTMLElement);
  const measure = async (): Promise<void> => {
    const speeds = await measureSpeed(module, (done, all) => {
      button.textContent = `Round ${done} of ${all}`;
    });
    const chart = find("speed-chart", HTMLElement);
    chart.replaceChildren(chartOf(speeds, chart.clientWidth));
    result.textContent = inWords(speeds);
  };
  button.addEventListener("click", () => {
    if (button.getAttribute("aria-disabled") === "true") return;
    // A button that is disabled would lose the focus.
    button.setAttribute("aria-disabled", "true");
    result.textContent = "Measuring: some two seconds.";
    measure()
      .catch((error: unknown) => {
        result.textContent = String(error);
      })
      .finally(() => {
        button.removeAttribute("aria-disabled");
        button.textContent = "Measure again";
      });
  });
}

/** Says who was faster in this run, whoever it was. */
function inWords([core, ...others]: readonly Speed[]): string {
  if (core === undefined) return "";
  const verdicts = others.map(({ name, median }) => {
    const ratio = core.median / median;
    return ratio >= 1
      ? `${ratio.toFixed(1)} times as fast as ${name}`
      : `slower than ${name}, which is ${(1 / ratio).toFixed(1)} times as fast`;
  });
  return `Here, in this run of ${core.rounds.length} rounds, the core is ${verdicts.join(" and ")}.`;
}

function millions(perSecond: number): string {
  return (perSecond / 1e6).toFixed(1);
}

/** Returns bars for the medians, with a dot for each round. */
function chartOf(speeds: readonly Speed[], width: number): SVGElement {
  const most = Math.max(...speeds.flatMap(({ rounds }) => rounds));
  const lengthOf = (speed: number): number => (speed / most) * (width - FIGURE);
  const rows = speeds.flatMap(({ name, median, rounds }, index) => {
    const top = index * ROW;
    const at = (x: number, y: number): Record<string, string> => ({ x: x.toFixed(1), y: String(top + y) });
    return [
      svgElement("text", { ...at(0, 18), class: "chart-label" }, name),
      svgElement("rect", { ...at(0, 26), width: lengthOf(median).toFixed(1), height: "20", rx: "4", class: `bar color-${index}` }),
      ...rounds.map((speed) => svgElement("circle", { cx: lengthOf(speed).toFixed(1), cy: String(top + 36), r: "2.5", class: "dot" })),
      svgElement("text", { ...at(width, 41), class: "chart-figure" }, `${millions(median)} M/s`),
    ];
  });
  const label = speeds.map(({ name, median }) => `${name}: ${millions(median)} million values a second`).join(", ");
  return svgElement("svg", { viewBox: `0 0 ${width} ${ROW * speeds.length}`, class: "chart", role: "img", "aria-label": label }, ...rows);
}
