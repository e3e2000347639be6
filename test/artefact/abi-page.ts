/** What docs/abi.md says, as data. */
import { readFileSync } from "node:fs";

const page = readFileSync(new URL("../../docs/abi.md", import.meta.url), "utf8");

/** Every row of every table, as its cells without the back quotes around them. */
const rows: readonly (readonly string[])[] = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) =>
    line
      .slice(1, -1)
      .split("|")
      .map((cell) => cell.trim().replaceAll(/^`|`$/g, "")),
  );

/** A function as the page has it, such as `(i32, i64) -> i32`. */
export interface DocumentedFunction {
  readonly name: string;
  readonly signature: string;
}

export interface DocumentedGlobal {
  readonly name: string;
  readonly value: number;
}

export interface DocumentedStatus extends DocumentedGlobal {
  /** The code of `RouterError`, empty for Ok. */
  readonly code: string;
}

export interface DocumentedReason extends DocumentedGlobal {
  /** The reason as hosts write it. */
  readonly text: string;
}

export const functionsOfPage: readonly DocumentedFunction[] = rows
  .filter(([, signature]) => signature?.includes("->") === true)
  .map(([name = "", signature = ""]) => ({ name, signature }));

export const limitsOfPage: readonly DocumentedGlobal[] = rows
  .filter(([, kind]) => kind === "global, immutable")
  .map(([name = "", , value]) => ({ name, value: Number(value) }));

export const statusesOfPage: readonly DocumentedStatus[] = rows
  .filter(([, name]) => name?.startsWith("Status.") === true)
  .map(([value, name = "", code = ""]) => ({ name, value: Number(value), code }));

export const reasonsOfPage: readonly DocumentedReason[] = rows
  .filter(([, name]) => name?.startsWith("Reason.") === true)
  .map(([value, name = "", text = ""]) => ({ name, value: Number(value), text }));

/** Returns what a table says under a name in its first column. */
export function fact(name: string): string {
  const row = rows.find(([first]) => first === name);
  if (row?.[1] === undefined) throw new Error(`docs/abi.md says nothing under "${name}"`);
  return row[1];
}

/** The steps of the example: what is called, written or read, and the result or the bytes. */
export const exampleOfPage: readonly { readonly what: string; readonly bytes: string }[] = [
  ...(/## 7\. Example[^]*?```\n([^]*?)```/.exec(page)?.[1] ?? "").matchAll(/^(.+?) +(?:->|<-) (.+)$/gm),
].map(([, what = "", bytes = ""]) => ({ what, bytes }));
