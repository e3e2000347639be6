/** An output value byte by byte: what was put before it, and which of its own bytes decided. */
import { element } from "./element.ts";
import type { Explanation } from "./explain.ts";
import { hex } from "./explain.ts";

/** More than this is no help to the eye. */
const SHOWN_BYTES = 96;

/** Returns the bytes of a value as cells. */
export function bytesView({ prefix, value, deciding, fault }: Explanation): HTMLElement {
  const shown = value.subarray(0, SHOWN_BYTES);
  const cells = [
    ...Array.from(prefix, (byte) => cell(byte, "prefix")),
    ...Array.from(shown, (byte, index) => cell(byte, index === fault ? "at-fault" : deciding.has(index) ? "deciding" : "value")),
  ];
  if (fault === value.length) cells.push(element("span", { class: "byte at-fault" }, element("b", {}, "end"), element("small", {}, "–")));
  const view = element("div", { class: "bytes", role: "img", "aria-label": inWords({ prefix, value, deciding, fault }) }, ...cells);
  if (value.length > shown.length) view.append(element("span", { class: "note" }, `and ${value.length - shown.length} more bytes`));
  return view;
}

/** A space is drawn by the style sheet: not every font has a sign for it. */
function cell(byte: number, kind: string): HTMLElement {
  const isBlank = byte === 0x20;
  const character = isBlank ? "" : byte > 0x20 && byte < 0x7f ? String.fromCharCode(byte) : "·";
  return element("span", { class: `byte ${kind}${isBlank ? " blank" : ""}` }, element("b", {}, character), element("small", {}, hex(byte)));
}

function inWords({ prefix, value, deciding, fault }: Omit<Explanation, "steps" | "output">): string {
  const parts = [`${prefix.length} bytes of prefix`, `${value.length} bytes of value`];
  if (deciding.size > 0) parts.push(`decided by ${deciding.size === 1 ? "byte" : "bytes"} ${[...deciding].join(", ")}`);
  if (fault !== null) parts.push(`at fault from byte ${fault} on`);
  return parts.join("; ");
}
