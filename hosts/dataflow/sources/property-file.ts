/** The format of `.properties` files, as Java defines it and Boot reads it. */
import type { PropertyEntry } from "./property-source.ts";

/** A property and the line that it begins in, from 1. */
export interface FileProperty extends PropertyEntry {
  readonly line: number;
}

/** The properties between two lines `#---`; of a file without such a line, all. */
export type PropertyDocument = readonly FileProperty[];

/** A physical line without its end, and the white space before it. */
interface Line {
  readonly text: string;
  readonly number: number;
  readonly isIndented: boolean;
}

/**
 * Returns the documents of a file, in its order; a later one goes before an earlier one. The bytes are ISO-8859-1, as they are for Java and
 * Boot; other characters are written as `\uXXXX`. Returns null where a `\u` has no four hexadecimal digits behind it.
 */
export function readPropertyFile(bytes: Uint8Array): readonly PropertyDocument[] | null {
  const documents: FileProperty[][] = [[]];
  // What has been read of a line that goes on in the next one, and where it began.
  let logical = "";
  let begin = 0;
  let comment = "";
  for (const { text, number, isIndented } of linesOf(bytes)) {
    const before = comment;
    comment = logical === "" && /^[#!]/u.test(text) ? text.charAt(0) : "";
    if (comment !== "") {
      // Boot's rule: not right behind a comment of the same kind.
      if (/^.---[ \t\f]*$/u.test(text) && !isIndented && before !== comment) documents.push([]);
      continue;
    }
    if (logical === "") begin = number;
    // An odd number of backslashes: the last one escapes the end of the line.
    const isContinued = /(?<!\\)\\(?:\\\\)*$/u.test(text);
    logical += isContinued ? text.slice(0, -1) : text;
    if (isContinued || logical === "") continue;
    const property = parseLine(logical, begin);
    if (property === null) return null;
    logical = "";
    documents.at(-1)?.push(property);
  }
  // Boot drops a value without a name.
  return documents.map((document) => document.filter(({ name }) => name !== "")).filter((document) => document.length > 0);
}

/** The physical lines, and an empty one at the end, which ends a line that goes on. */
function linesOf(bytes: Uint8Array): readonly Line[] {
  const lines = Buffer.from(bytes)
    .toString("latin1")
    .split(/\r\n|\r|\n/u);
  return [...lines, ""].map((line, index) => {
    const text = line.replace(/^[ \t\f]+/u, "");
    return { text, number: index + 1, isIndented: text.length < line.length };
  });
}

/** A name ends at the first `=`, `:` or white space that is not escaped. */
function parseLine(logical: string, line: number): FileProperty | null {
  const [, rawName = "", rawValue = ""] = /^((?:\\.|[^\\=: \t\f])*)[ \t\f]*[=:]?[ \t\f]*(.*)$/su.exec(logical) ?? [];
  const name = unescape(rawName);
  const value = unescape(rawValue);
  // `name[]` is Boot's short form of a list.
  return name === null || value === null ? null : { name: name.replace(/\[\]$/u, ""), value, line };
}

const ESCAPES: Readonly<Record<string, string>> = { t: "\t", n: "\n", r: "\r", f: "\f" };

function unescape(text: string): string | null {
  if (/(?<!\\)(?:\\\\)*\\u(?![0-9a-fA-F]{4})/u.test(text)) return null;
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|(.))/gsu, (_escape, code: string | undefined, character: string) =>
    code === undefined ? (ESCAPES[character] ?? character) : String.fromCharCode(Number.parseInt(code, 16)),
  );
}
