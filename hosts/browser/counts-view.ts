/** How many values went where. */
import { element } from "./element.ts";
import { colorOf } from "./output-colors.ts";

/** Counts by output, in the order of the outputs, and of what went to none. */
export interface Counts {
  readonly outputs: readonly string[];
  readonly routed: readonly number[];
  readonly unroutable: number;
}

/** Returns an item for each output, with a bar for its share. */
export function countsView({ outputs, routed, unroutable }: Counts): readonly HTMLLIElement[] {
  const total = routed.reduce((sum, count) => sum + count, unroutable);
  const item = (name: string, count: number, color: string): HTMLLIElement =>
    element(
      "li",
      { class: color },
      element("span", { class: "name" }, name),
      element("b", {}, count.toLocaleString("en")),
      element("meter", { min: "0", max: String(Math.max(1, total)), value: String(count), "aria-hidden": "true" }),
    );
  return [
    ...outputs.map((name, index) => item(name, routed[index] ?? 0, colorOf(outputs, name))),
    item("unroutable", unroutable, colorOf(outputs, null)),
  ];
}

/** Returns the same in a sentence. */
export function countsInWords({ outputs, routed, unroutable }: Counts): string {
  const parts = outputs.map((name, index) => `${routed[index] ?? 0} ${name}`);
  return `${[...parts, `${unroutable} unroutable`].join(", ")}.`;
}
