/** The command line, read and checked as far as that goes without the rule's outputs. */
import type { RuleProperties } from "../rule.ts";
import type { Framing } from "./block-router.ts";
import { UsageError } from "./errors.ts";
import { nearestName } from "./nearest-name.ts";

/** What becomes of unroutable records; `output` leaves them to the output that the rule names. */
export type Policy = "dlq" | "drop" | "log" | "output" | "stop";

/** What is to be done. */
export interface Options {
  /** Names of files; `-` is standard input. There is one at least. */
  readonly inputs: readonly string[];
  readonly framing: Framing;
  readonly rule: RuleProperties;
  readonly policy: Policy;
  /** The file of each output that was given one. */
  readonly outs: ReadonlyMap<string, string>;
  /** The file that takes unroutable records; given exactly when the policy is `dlq`. */
  readonly unroutable: string | null;
  readonly stats: "text" | "json" | null;
}

const FRAMINGS: ReadonlyMap<string, Framing> = new Map([
  ["lines", "Lines"],
  ["crlf", "Crlf"],
  ["nul", "Nul"],
  ["length", "Length"],
]);

const SOURCE = "--router.timestamp.source";
/** Options that have a value behind them, after `=` or as the next word. */
const VALUED = [
  "--format",
  "--out",
  "--unroutable",
  "--router.rule",
  "--router.outputs",
  "--router.unroutable",
  "--router.table",
  SOURCE,
].concat("--router.timestamp.format", "--router.timestamp.field", "--router.timestamp.zone", "--router.timestamp.divide");
/** Options that have none, or, as `--stats=json`, one after `=`. */
const PLAIN = ["--stats", "--help", "--version"];
const PREFIX = "--router.prefix.";

interface Words {
  /** Each option's values, in their order; the empty text where it has none. */
  readonly values: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly string[];
}

/** Returns what the command line asks for. Throws `UsageError`. */
export function readOptions(words: readonly string[]): Options | "help" | "version" {
  const { values, files } = separate(words);
  if (values.has("--help")) return "help";
  if (values.has("--version")) return "version";
  for (const [name, given] of values) {
    if (given.length > 1 && name !== "--out") throw new UsageError(`${name} is given ${given.length} times`);
  }
  const value = (name: string): string | undefined => values.get(name)?.[0];
  const unroutable = value("--unroutable") ?? null;
  if (unroutable === "") throw new UsageError("--unroutable needs the name of a file");
  return {
    inputs: files.length === 0 ? ["-"] : files,
    framing: readFraming(value("--format") ?? "lines"),
    rule: readRule(values),
    policy: readPolicy(value("--router.unroutable"), unroutable),
    outs: readOuts(values.get("--out") ?? []),
    unroutable,
    stats: readStats(value("--stats")),
  };
}

/** Separates options from files. `--` ends the options; a single `-` is a file. */
function separate(words: readonly string[]): Words {
  const values = new Map<string, string[]>();
  const files: string[] = [];
  for (let index = 0; index < words.length; index++) {
    const word = words[index] ?? "";
    if (word === "--") {
      files.push(...words.slice(index + 1));
      break;
    }
    if (!word.startsWith("-") || word === "-") {
      files.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals === -1 ? word : word.slice(0, equals);
    if (!VALUED.includes(name) && !PLAIN.includes(name) && !(name.startsWith(PREFIX) && name.length > PREFIX.length)) throw unknown(name);
    let value = equals === -1 ? "" : word.slice(equals + 1);
    if (equals === -1 && !PLAIN.includes(name)) {
      const next = words[++index];
      if (next === undefined) throw new UsageError(`${name} needs a value`);
      value = next;
    } else if (equals !== -1 && PLAIN.includes(name) && name !== "--stats") throw new UsageError(`${name} has no value`);
    values.set(name, [...(values.get(name) ?? []), value]);
  }
  return { values, files };
}

function unknown(name: string): UsageError {
  const nearest = nearestName(name, [...VALUED, ...PLAIN, `${PREFIX}even`, `${PREFIX}odd`]);
  return new UsageError(`unknown option ${name}${nearest === null ? "" : `; did you mean ${nearest}?`}`);
}

function readFraming(word: string): Framing {
  const framing = FRAMINGS.get(word);
  if (framing === undefined) throw new UsageError(`--format is one of ${[...FRAMINGS.keys()].join(", ")}, not ${JSON.stringify(word)}`);
  return framing;
}

function readRule(values: ReadonlyMap<string, readonly string[]>): RuleProperties {
  if (values.get(SOURCE)?.[0] === "record") throw new UsageError(`${SOURCE}=record: records here have no timestamp but their value`);
  const properties = [...values].flatMap(([name, [value]]) => (name.startsWith("--router.") ? [[name.slice("--".length), value]] : []));
  return Object.fromEntries(properties) as RuleProperties;
}

/** A word goes before an output of the same name, as it does to the core. */
function readPolicy(word: string | undefined, unroutable: string | null): Policy {
  if (word === undefined) return unroutable === null ? "log" : "dlq";
  if (word === "dlq") {
    if (unroutable === null) throw new UsageError("--router.unroutable=dlq needs --unroutable <file>");
    return "dlq";
  }
  if (unroutable !== null) throw new UsageError(`--unroutable <file> and --router.unroutable=${word} contradict each other`);
  return word === "drop" || word === "log" || word === "stop" ? word : "output";
}

function readOuts(pairs: readonly string[]): ReadonlyMap<string, string> {
  const outs = new Map<string, string>();
  for (const pair of pairs) {
    const equals = pair.indexOf("=");
    const [output, file] = [pair.slice(0, equals), pair.slice(equals + 1)];
    if (equals < 1 || file === "") throw new UsageError(`--out is <output>=<file>, not ${JSON.stringify(pair)}`);
    if (outs.has(output)) throw new UsageError(`--out ${output}= is given twice`);
    outs.set(output, file);
  }
  return outs;
}

function readStats(value: string | undefined): Options["stats"] {
  if (value === undefined) return null;
  if (value !== "" && value !== "json") throw new UsageError(`--stats is given as it is, or as --stats=json, not --stats=${value}`);
  return value === "json" ? "json" : "text";
}
