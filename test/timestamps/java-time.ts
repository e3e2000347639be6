/** Timestamps with what java.time makes of them; `make.ts` writes the file. */
import { readFileSync } from "node:fs";

/** Values of one format, with one field of each. */
export interface JavaGroup {
  readonly format: string;
  readonly field: string;
  readonly zone: string;
  /** Null where the value is none of the format, or no such time exists. */
  readonly values: readonly { readonly value: string; readonly number: bigint | null }[];
}

/** Returns the groups of the file. */
export function javaGroups(): readonly JavaGroup[] {
  const groups: (JavaGroup & { values: { value: string; number: bigint | null }[] })[] = [];
  const text = readFileSync(new URL("java-time.tsv", import.meta.url), "utf8");
  for (const line of text.trimEnd().split("\n")) {
    const columns = line.split("\t");
    const [first = "", second = "", third] = columns;
    if (third !== undefined) groups.push({ format: first, field: second, zone: third, values: [] });
    else groups.at(-1)?.values.push({ value: first, number: second === "-" ? null : BigInt(second) });
  }
  return groups;
}

/** Names for as many outputs as a rule may have. */
export const OUTPUT_NAMES = ["a", "b", "c", "d", "e", "f", "g", "h"];

/** Returns the properties of the rule that has a group's field modulo a number of outputs. */
export function javaRule({ format, field, zone }: JavaGroup, outputs: number): Readonly<Record<string, string>> {
  return {
    "router.rule": "timestamp",
    "router.outputs": OUTPUT_NAMES.slice(0, outputs).join(","),
    "router.timestamp.format": format,
    "router.timestamp.field": field,
    "router.timestamp.zone": zone,
  };
}

/** Returns the index of the output that such a rule has for a number, or null. */
export function javaOutput(number: bigint | null, outputs: number): number | null {
  if (number === null) return null;
  const count = BigInt(outputs);
  return Number(((number % count) + count) % count);
}

/** Returns the values that such a rule gives each output, in order. */
export function javaOutputs({ values }: JavaGroup, outputs: number): readonly (readonly string[])[] {
  return OUTPUT_NAMES.slice(0, outputs).map((_, index) =>
    values.flatMap(({ value, number }) => (javaOutput(number, outputs) === index ? [value] : [])),
  );
}

/** Returns some of the groups, of all kinds: as many as they are, in equal steps from the first one on. */
export function someJavaGroups(count: number): readonly JavaGroup[] {
  const groups = javaGroups();
  return Array.from({ length: count }, (_, index) => groups[Math.floor((index * groups.length) / count)]).filter(
    (group) => group !== undefined,
  );
}
