/** The text of a login in Java's format, as the property `sasl.jaas.config` has it. */

/** One login: who logs in, by the words of the module that would do it in Java. */
export interface JaasLogin {
  /** Full name of the class. */
  readonly module: string;
  readonly options: ReadonlyMap<string, string>;
}

/** What the text looks like. */
export const JAAS_FORM = 'a login module\'s class, required, options such as username="…" and password="…", and a semicolon at the end';

/** A quoted text, a word, `=` or `;`; what is between them is space or a comment. */
const TOKEN =
  /(?<space>\s+|\/\/[^\n]*|\/\*[^]*?\*\/)|(?<quoted>"(?:[^"\\\n]|\\[^\n])*"|'(?:[^'\\\n]|\\[^\n])*')|(?<word>[\w$.-]+)|(?<sign>[=;])/uy;
const CONTROL_FLAG = /^(?:required|requisite|sufficient|optional)$/iu;

interface Token {
  readonly kind: "quoted" | "word" | "sign";
  readonly text: string;
}

/**
 * Parses `<module> <flag> <name>=<value> … ;`. The fault is the end of a sentence about the text, and shows nothing of it: a quotation mark that
 * is missing would have a password stand anywhere.
 */
export function parseJaas(text: string): JaasLogin | { readonly fault: string } {
  const tokens = tokensOf(text);
  if (tokens === null) return { fault: "has a character where none of its parts can begin, or a quotation mark without the other one" };
  const [module, flag, ...rest] = tokens;
  if (module?.kind !== "word") return { fault: "does not begin with a login module's class" };
  if (flag?.kind !== "word" || !CONTROL_FLAG.test(flag.text)) return { fault: "has no required behind the login module" };
  const options = new Map<string, string>();
  let at = 0;
  for (; rest[at] !== undefined && rest[at]?.text !== ";"; at += 3) {
    const [name, equals, value] = rest.slice(at, at + 3);
    if (name?.kind !== "word" || equals?.kind !== "sign" || equals.text !== "=" || value === undefined || value.kind === "sign") {
      return { fault: `is not name="value" in option ${options.size + 1}` };
    }
    options.set(name.text, value.text);
  }
  if (rest[at]?.kind !== "sign") return { fault: "does not end with a semicolon" };
  if (at + 1 < rest.length) return { fault: "goes on behind its semicolon; one login is allowed" };
  return { module: module.text, options };
}

function tokensOf(text: string): readonly Token[] | null {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const groups = TOKEN.exec(text)?.groups;
    if (groups === undefined) return null;
    const { quoted, word, sign } = groups;
    if (quoted !== undefined) tokens.push({ kind: "quoted", text: unescaped(quoted.slice(1, -1)) });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (sign !== undefined) tokens.push({ kind: "sign", text: sign });
  }
  return tokens;
}

const ESCAPES: Readonly<Record<string, string>> = { a: "\u0007", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t", v: "\u000B" };

/** As Java's StreamTokenizer has it: letters of control characters, up to three octal digits, and anything else as it is. */
function unescaped(text: string): string {
  return text.replaceAll(/\\([0-3]?[0-7]{1,2}|[^])/gu, (_escape, what: string) =>
    /^[0-7]/u.test(what) ? String.fromCodePoint(Number.parseInt(what, 8)) : (ESCAPES[what] ?? what),
  );
}
