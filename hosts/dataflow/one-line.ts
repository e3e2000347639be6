// Control characters (C0, DEL, C1), the Unicode line separators and the marks that reorder text on a terminal: with any of them, text that
// came from outside could end a line, or look as if it did, and forge the next one.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

const SHORT_ESCAPES: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Returns the text with every character that could break or reorder its line written as an escape. A backslash stays as it is. */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, (character) => SHORT_ESCAPES[character] ?? unicodeEscape(character));
}

/** Returns JSON that is safe to print as one line. Only strings can hold such characters, so the escapes do not change its meaning. */
export function oneLineJson(value: unknown): string {
  return JSON.stringify(value).replace(UNPRINTABLE, unicodeEscape);
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
