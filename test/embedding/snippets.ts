/** The blocks of code in a page of documentation, and what the page says that they print. */

/** A block of code. */
export interface Snippet {
  /** The page's line that it begins behind. */
  readonly line: number;
  /** As after the backticks: `js`, `sh`. */
  readonly language: string;
  /** The word behind the language: the file that the block shows, or how it is run; empty when there is none. */
  readonly name: string;
  readonly code: string;
  /** The block of `text` next to it: what it prints. Null when the page does not say. */
  readonly output: string | null;
}

const OUTPUT = "text";

/** Returns the snippets of a page. Throws for a block of text that follows no code: nothing would hold it to the truth. */
export function snippetsOf(page: string): readonly Snippet[] {
  const snippets: Snippet[] = [];
  for (const match of page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms)) {
    const [, language = "", name = "", code = ""] = match;
    const line = page.slice(0, match.index).split("\n").length;
    const last = snippets.at(-1);
    if (language !== OUTPUT) snippets.push({ line, language, name, code, output: null });
    else if (last === undefined || last.output !== null) throw new Error(`line ${line}: no code prints this`);
    else snippets.splice(-1, 1, { ...last, output: code });
  }
  return snippets;
}

/**
 * Returns JavaScript that demands what its comments say: a line `<expression>; // <literal>` must have that value, where the literal is a string
 * in quotation marks.
 */
export function demanding(code: string): string {
  const lines = code.replaceAll(/^(\S.*); \/\/ (".*")$/gm, (_, expression: string, value: string) => `equal(${expression}, ${value});`);
  return `import { equal } from "node:assert/strict";\n${lines}`;
}
