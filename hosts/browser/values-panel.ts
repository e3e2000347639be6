/** Values that are pasted or streamed, and where each one goes. */
import { bytesView } from "./bytes-view.ts";
import { countsInWords, countsView } from "./counts-view.ts";
import { element, find } from "./element.ts";
import { explain } from "./explain.ts";
import { formatTime } from "./format-time.ts";
import { colorOf } from "./output-colors.ts";
import type { Routing } from "./routing.ts";
import { settingOf } from "./rule-defaults.ts";

/** Decisions that are listed; the counts are of all values. */
const ROWS_MAX = 100;
/** Values that stay while the time is streamed. */
const STREAMED_MAX = 1000;
const encoder = new TextEncoder();

/** The panel of values. */
export interface ValuesPanel {
  /** Routes the values anew, by this rule. */
  use(routing: Routing): void;
  fill(values: readonly string[]): void;
}

/** Opens the panel. */
export function openValuesPanel(): ValuesPanel {
  const text = find("values", HTMLTextAreaElement);
  const rows = find("rows", HTMLElement);
  let routing: Routing | null = null;
  /** Counted from the first value; null follows the last one. */
  let chosen: number | null = null;

  const explainValue = (lines: readonly string[]): void => {
    const line = lines[chosen ?? lines.length - 1];
    if (routing !== null) find("explanation", HTMLElement).replaceChildren(...explanationOf(routing, line));
  };
  const route = (): void => {
    if (routing === null) return;
    const lines = linesOf(text.value);
    if (chosen !== null && chosen >= lines.length) chosen = null;
    showCounts(routing, lines);
    showRows(rows, routing, lines, chosen ?? lines.length - 1);
    explainValue(lines);
  };
  text.addEventListener("input", () => {
    chosen = null;
    route();
  });
  rows.addEventListener("change", ({ target }) => {
    if (!(target instanceof HTMLInputElement)) return;
    chosen = Number(target.value);
    explainValue(linesOf(text.value));
  });
  find("clear", HTMLButtonElement).addEventListener("click", () => {
    text.value = "";
    chosen = null;
    route();
    text.focus();
  });
  startStream((time) => {
    const format = settingOf(routing?.rule ?? {}, "router.timestamp.format");
    text.value = [...linesOf(text.value), formatTime(format, time)].slice(-STREAMED_MAX).join("\n");
    text.scrollTop = text.scrollHeight;
    // A value keeps its place only until the first ones go.
    chosen = null;
    route();
  });
  return {
    use(next) {
      routing = next;
      route();
    },
    fill(values) {
      text.value = values.join("\n");
      chosen = null;
    },
  };
}

/** A line is a value; the end of the text ends the last one. */
function linesOf(text: string): readonly string[] {
  return text === "" ? [] : text.replace(/\n$/u, "").split("\n");
}

/** Has the button start and stop the stream: a time each second, or ten times as fast, a second of its own on from the one before. */
function startStream(send: (time: Date) => void): void {
  const button = find("stream", HTMLButtonElement);
  const pace = find("pace", HTMLSelectElement);
  let timer = 0;
  let time = 0;
  const next = (): void => {
    time += 1000;
    send(new Date(time));
    timer = window.setTimeout(next, Number(pace.value));
  };
  button.addEventListener("click", () => {
    const isRunning = button.getAttribute("aria-pressed") === "true";
    button.setAttribute("aria-pressed", String(!isRunning));
    // Whoever listens would hear nothing else while values come.
    for (const id of ["explanation", "summary"]) find(id, HTMLElement).ariaLive = isRunning ? "polite" : "off";
    button.textContent = isRunning ? "Stream the time" : "Stop the stream";
    window.clearTimeout(timer);
    if (isRunning) return;
    time = Math.floor(Date.now() / 1000) * 1000;
    next();
  });
}

function showCounts({ router }: Routing, lines: readonly string[]): void {
  const { outputs, unroutable } = router.routeValues(lines);
  const counts = { outputs: router.outputs, routed: outputs.map(({ ends }) => ends.length), unroutable: unroutable.length };
  find("counts", HTMLUListElement).replaceChildren(...countsView(counts));
  find("summary", HTMLElement).textContent = countsInWords(counts);
}

/** Shows the latest decisions. The focus stays where it is when it was in them. */
function showRows(rows: HTMLElement, routing: Routing, lines: readonly string[], chosen: number): void {
  const hadFocus = rows.contains(document.activeElement);
  const first = Math.max(0, lines.length - ROWS_MAX);
  const made = lines.slice(first).map((line, index) => rowOf(routing, line, first + index, first + index === chosen));
  rows.replaceChildren(...made.toReversed());
  if (hadFocus) rows.querySelector<HTMLInputElement>("input:checked")?.focus();
}

function rowOf({ router }: Routing, line: string, index: number, isChosen: boolean): HTMLLabelElement {
  const value = encoder.encode(line);
  const decision = router.route(value);
  const output = "output" in decision ? decision.output : null;
  const prefix = "output" in decision ? new TextDecoder().decode(decision.value.subarray(0, decision.value.length - value.length)) : "";
  const radio = element("input", { type: "radio", name: "decision", value: String(index) });
  radio.checked = isChosen;
  return element(
    "label",
    { class: `row ${colorOf(router.outputs, output)}` },
    radio,
    element("span", { class: "text" }, element("span", { class: "before" }, prefix), line === "" ? "(empty)" : line),
    element("span", { class: "badge" }, output ?? ("reason" in decision ? decision.reason : "")),
  );
}

function explanationOf(routing: Routing, line: string | undefined): readonly HTMLElement[] {
  if (line === undefined) return [element("p", { class: "note" }, "There is no value yet: paste some, or stream the time.")];
  const explanation = explain(routing, encoder.encode(line));
  const { output, steps } = explanation;
  const head = element(
    "p",
    { class: `verdict ${colorOf(routing.router.outputs, output)}` },
    element("span", { class: "badge" }, output ?? "unroutable"),
  );
  return [head, bytesView(explanation), element("ol", { class: "steps" }, ...steps.map((step) => element("li", {}, step)))];
}
