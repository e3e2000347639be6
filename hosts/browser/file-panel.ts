/** A file that is dropped or chosen: read in blocks, routed, and given back as files. */
import { Router } from "../embed.ts";
import { ruleTextOf } from "../rule.ts";
import { countsView } from "./counts-view.ts";
import { element, find } from "./element.ts";
import { LineRouter } from "./line-router.ts";
import { colorOf } from "./output-colors.ts";
import type { Routing } from "./routing.ts";

/** Read at once. Between two blocks the page does what else there is to do. */
const BLOCK_BYTES = 1 << 22;

/** Opens the panel; a file goes by the rule of the moment in which it comes. */
export function openFilePanel(routing: () => Routing | null): void {
  const drop = find("drop", HTMLElement);
  const input = find("file-input", HTMLInputElement);
  const bar = find("file-bar", HTMLProgressElement);
  /** The file that counts: a later one takes the place of one that is still read. */
  let current: File | null = null;
  const take = (file: File | undefined): void => {
    const rule = routing();
    if (file === undefined) return;
    current = file;
    const isCurrent = (): boolean => current === file;
    bar.hidden = rule === null;
    if (rule === null) {
      say("The rule above has a fault.");
      return;
    }
    routeFile(file, rule, isCurrent)
      .catch((error: unknown) => {
        if (isCurrent()) say(`${file.name} can't be read: ${String(error)}`);
      })
      .finally(() => {
        if (isCurrent()) bar.hidden = true;
      });
  };
  input.addEventListener("change", () => {
    take(input.files?.[0]);
    // So that the same file can be chosen again.
    input.value = "";
  });
  for (const type of ["dragenter", "dragover"]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
  }
  for (const type of ["dragleave", "drop"]) drop.addEventListener(type, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    take(event.dataTransfer?.files[0]);
  });
}

function say(text: string): void {
  find("file-progress", HTMLElement).textContent = text;
}

async function routeFile(file: File, { module, rule }: Routing, isCurrent: () => boolean): Promise<void> {
  const bar = find("file-bar", HTMLProgressElement);
  // A router of its own: the values above go on meanwhile.
  const router = new Router(module, ruleTextOf(rule));
  const lines = new LineRouter(router);
  find("file-result", HTMLElement).replaceChildren();
  say(`Reading ${file.name}.`);
  const startMs = performance.now();
  let read = 0;
  while (read < file.size) {
    const block = new Uint8Array(await file.slice(read, read + BLOCK_BYTES).arrayBuffer());
    if (!isCurrent()) return;
    lines.push(block);
    read += block.length;
    bar.value = read / file.size;
  }
  lines.end();
  const seconds = Math.max(0.001, (performance.now() - startMs) / 1000);
  say(
    `${file.name}: ${lines.lineCount.toLocaleString("en")} lines to ${router.outputs.length} outputs in ${seconds.toFixed(2)} s, ` +
      `${(file.size / 1e6 / seconds).toFixed(0)} MB a second, reading and writing included.`,
  );
  find("file-result", HTMLElement).replaceChildren(...resultOf(file, router.outputs, lines));
}

/** Addresses of the files before, which hold memory until they are given up. */
let addresses: readonly string[] = [];

function resultOf(file: File, outputs: readonly string[], lines: LineRouter): readonly HTMLElement[] {
  for (const address of addresses) URL.revokeObjectURL(address);
  const unroutable = [...lines.countByReason.values()].reduce((sum, count) => sum + count, 0);
  const counts = element("ul", { class: "counts", "aria-label": "Lines by output" });
  counts.append(...countsView({ outputs, routed: lines.counts, unroutable }));
  addresses = lines.pieces.map((pieces) => URL.createObjectURL(new Blob(pieces, { type: "text/plain" })));
  const links = outputs.map((output, index) => {
    const attributes = {
      href: addresses[index] ?? "",
      download: downloadName(file.name, output),
      class: `button ${colorOf(outputs, output)}`,
    };
    return element("a", attributes, `Download ${output}`);
  });
  return [counts, element("p", { class: "actions" }, ...links), ...refusedOf(lines)];
}

/** Returns `times.even.txt` for `times.txt`. */
function downloadName(name: string, output: string): string {
  const dot = name.lastIndexOf(".");
  return dot > 0 ? `${name.slice(0, dot)}.${output}${name.slice(dot)}` : `${name}.${output}`;
}

function refusedOf({ countByReason, refused }: LineRouter): readonly HTMLElement[] {
  if (countByReason.size === 0) return [];
  const reasons = [...countByReason].map(([reason, count]) => `${count.toLocaleString("en")} ${reason}`).join(", ");
  const items = refused.map(({ line, reason, byteOffset }) => element("li", {}, `line ${line}: ${reason} at byte ${byteOffset}`));
  return [
    element("details", {}, element("summary", {}, `Went nowhere: ${reasons}; the first ${refused.length}`), element("ul", {}, ...items)),
  ];
}
