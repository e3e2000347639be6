/** The oracle of rule text: the same language as the core's, read with strings. Offsets are in bytes of the text's UTF-8. */
import { bytesOf } from "./bytes.ts";
import type { ModelOutput, ModelRule } from "./model.ts";
import { DEFAULT_RULE } from "./model.ts";

/** The first fault in a rule's text. */
export class RuleFault extends Error {
  override readonly name = "RuleFault";
  readonly status: string;
  readonly at: number;

  constructor(status: string, at: number) {
    super(`${status} at ${at}`);
    this.status = status;
    this.at = at;
  }
}

const HOST_WORDS: ReadonlySet<string> = new Set(["dlq", "drop", "log", "stop"]);

/** Returns the rule that a text spells; throws `RuleFault`. Text is read as one character a byte, so that positions are byte offsets. */
export function parseRule(source: Uint8Array): ModelRule {
  if (source.length > 16384) throw new RuleFault("RuleTooLong", 0);
  const text = Buffer.from(source).toString("latin1");
  let outputs: readonly ModelOutput[] = DEFAULT_RULE.outputs;
  let unroutable = { name: "log", at: 0 };
  let outputsAt = 0;
  /** Where the first line is whose key is the timestamp rule's alone, in the order in which the keys are looked at. */
  const others = new Map<string, number>();
  const seen = new Set<string>();
  let at = 0;
  for (const line of text.split("\n")) {
    if (line !== "") {
      const key = line.includes("=") ? line.slice(0, line.indexOf("=")) : null;
      if (key === null) throw new RuleFault("RuleSyntax", at);
      const value = line.slice(key.length + 1);
      outputs = applyLine(outputs, seen, key, value, at);
      if (key === "outputs") outputsAt = at + key.length + 1;
      if (TIMESTAMP_KEYS.includes(key)) others.set(key, at);
      if (key === "unroutable") unroutable = { name: value, at: at + key.length + 1 };
      seen.add(key);
    }
    at += line.length + 1;
  }
  const unroutableOutput = outputOfUnroutable(outputs, unroutable.name, unroutable.at);
  for (const key of TIMESTAMP_KEYS) {
    const lineAt = others.get(key);
    if (lineAt !== undefined) throw new RuleFault("RuleUnknownKey", lineAt);
  }
  const [even, odd, third] = outputs;
  if (even === undefined || odd === undefined || third !== undefined) throw new RuleFault("RuleBadOutputs", outputsAt);
  return { outputs: [even, odd], unroutable: unroutableOutput as ModelRule["unroutable"] };
}

type Outputs = readonly ModelOutput[];
/** Keys of a rule that this model has not. */
const TIMESTAMP_KEYS = ["timestamp.format", "timestamp.field", "timestamp.zone", "timestamp.divide", "timestamp.source", "table"];

/** Outputs may be named behind `unroutable`, so this is for the end of the text. */
function outputOfUnroutable(outputs: Outputs, name: string, at: number): number | null {
  if (HOST_WORDS.has(name)) return null;
  const index = outputs.findIndex((output) => output.name === name);
  if (index === -1) throw new RuleFault("RuleBadUnroutable", at);
  return index;
}

function applyLine(outputs: Outputs, seen: ReadonlySet<string>, key: string, value: string, at: number): Outputs {
  const valueAt = at + key.length + 1;
  const prefixOf = /^prefix\.(.+)$/s.exec(key)?.[1];
  if (!["rule", "outputs", "unroutable", ...TIMESTAMP_KEYS].includes(key) && prefixOf === undefined)
    throw new RuleFault("RuleUnknownKey", at);
  if (prefixOf !== undefined && !outputs.some(({ name }) => name === prefixOf)) throw new RuleFault("RuleUnknownOutput", at + 7);
  if (seen.has(key)) throw new RuleFault("RuleDuplicateKey", at);
  if (key === "unroutable" || TIMESTAMP_KEYS.includes(key)) return outputs;
  if (key === "rule") {
    if (value !== "last-digit") throw new RuleFault("RuleUnknownRule", valueAt);
    return outputs;
  }
  if (prefixOf !== undefined) {
    const prefix = parsePrefix(value, valueAt);
    return outputs.map((output) => (output.name === prefixOf ? { name: prefixOf, prefix } : output));
  }
  if ([...seen].some((earlier) => earlier.startsWith("prefix."))) throw new RuleFault("RuleOrder", at);
  return parseOutputs(value, valueAt);
}

function parseOutputs(list: string, listAt: number): Outputs {
  const outputs: ModelOutput[] = [];
  let at = listAt;
  for (const name of list.split(",")) {
    if (outputs.length === 8 || name === "" || name.length > 64) throw new RuleFault("RuleBadOutputs", at);
    const bad = name.search(/[^A-Za-z0-9._-]/);
    if (bad !== -1) throw new RuleFault("RuleBadOutputs", at + bad);
    if (outputs.some((earlier) => earlier.name === name)) throw new RuleFault("RuleBadOutputs", at);
    outputs.push({ name, prefix: DEFAULT_RULE.outputs.find((output) => output.name === name)?.prefix ?? bytesOf("") });
    at += name.length + 1;
  }
  return outputs;
}

function parsePrefix(text: string, textAt: number): Uint8Array {
  const bytes: number[] = [];
  for (let at = 0; at < text.length;) {
    if (bytes.length === 255) throw new RuleFault("RulePrefixTooLong", textAt + at);
    const byte = text.charCodeAt(at);
    if (byte < 0x20 || byte === 0x7f) throw new RuleFault("RuleSyntax", textAt + at);
    const escape = /^\\(?:([\\nt])|x([0-9A-Fa-f]{2}))/.exec(text.slice(at, at + 4));
    if (text[at] === "\\" && escape === null) throw new RuleFault("RuleBadEscape", textAt + at);
    if (escape === null) bytes.push(byte);
    else if (escape[2] !== undefined) bytes.push(Number.parseInt(escape[2], 16));
    else bytes.push({ "\\": 0x5c, n: 0x0a, t: 0x09 }[escape[1] ?? ""] ?? 0);
    at += escape?.[0].length ?? 1;
  }
  return Uint8Array.from(bytes);
}

/** Returns rule text for a rule, every byte of a prefix as an escape. */
export function ruleText({ outputs, unroutable: unroutableOf }: ModelRule): string {
  const unroutable = unroutableOf === null ? "log" : outputs[unroutableOf].name;
  const prefixes = outputs.map(({ name, prefix }) => `prefix.${name}=${escapesOf(prefix)}\n`);
  return `unroutable=${unroutable}\noutputs=${outputs[0].name},${outputs[1].name}\n${prefixes.join("")}`;
}

function escapesOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => "\\x" + byte.toString(16).padStart(2, "0")).join("");
}
