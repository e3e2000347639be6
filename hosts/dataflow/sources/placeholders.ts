/**
 * Placeholders as Spring has them: `${name}` stands for a property, `${name:default}` for one that may be missing. Name and default may have
 * placeholders in them, and so may the values that they stand for. `\${` is a plain `${`, `\:` in a name a plain colon, and a `${` without its
 * `}` is plain text. Unlike Boot's binder, which leaves a placeholder that nothing resolves as text, this is an error.
 */
import { ConfigError, quoted } from "../config-error.ts";
import { isSecret, MASK } from "../secrets.ts";
import type { FoundProperty } from "./property-source.ts";

/** A value without placeholders. */
export interface ResolvedProperty extends FoundProperty {
  /** True where the value is a secret, or has one in it. */
  readonly isSecret: boolean;
}

/** Text, or a placeholder. */
type Part = string | Placeholder;

interface Placeholder {
  readonly key: readonly Part[];
  readonly fallback: readonly Part[] | null;
}

/** What is being resolved: one property, and those that led to it. */
interface Step {
  readonly name: string;
  readonly found: FoundProperty;
  readonly from: Step | null;
}

interface ResolvedText {
  readonly text: string;
  readonly isSecret: boolean;
}

// Bounds, because values come from outside: each level is a call, and a few short properties can double each other without end.
const DEPTH_MAX = 32;
const CHARACTERS_MAX = 1_048_576;

const CURE = "allowed: a property that is set, a default as in ${name:default}, or \\${ for a plain ${";

/**
 * Returns a function that resolves the placeholders in a property that was found, by what `find` finds. It throws `ConfigError` for one that
 * has no value, or that leads back to itself.
 */
export function createResolver(
  find: (name: string) => FoundProperty | undefined,
): (name: string, found: FoundProperty) => ResolvedProperty {
  const resolvedByName = new Map<string, ResolvedText>();

  const resolveParts = (parts: readonly Part[], step: Step): ResolvedText => {
    const resolved = parts.map((part) => (typeof part === "string" ? { text: part, isSecret: false } : resolvePlaceholder(part, step)));
    const length = resolved.reduce((sum, part) => sum + part.text.length, 0);
    if (length > CHARACTERS_MAX) throw fault(step, `its placeholders make more than ${CHARACTERS_MAX} characters`);
    const text = resolved.map((part) => part.text).join("");
    return { text, isSecret: resolved.some((part) => part.isSecret) };
  };
  const resolvePlaceholder = ({ key, fallback }: Placeholder, step: Step): ResolvedText => {
    const { text: name, isSecret: isNameSecret } = resolveParts(key, step);
    const found = find(name);
    if (found !== undefined) return resolveNamed({ name, found, from: step });
    if (fallback !== null) return resolveParts(fallback, step);
    throw fault(step, `Could not resolve placeholder '${isNameSecret ? MASK : name}' in value ${shown(step)}${through(step)}; ${CURE}`);
  };
  const resolveNamed = (step: Step): ResolvedText => {
    const known = resolvedByName.get(step.name);
    if (known !== undefined) return known;
    const names = namesTo(step);
    if (names.indexOf(step.name) < names.length - 1) {
      throw fault(step, `Circular placeholder reference '${step.name}': ${names.join(" -> ")}`);
    }
    if (names.length > DEPTH_MAX) throw fault(step, `its placeholders lead through more than ${DEPTH_MAX} properties`);
    const { text, isSecret: hasSecret } = resolveParts(parse(step), step);
    const resolved = { text, isSecret: hasSecret || isSecret(step.name) };
    resolvedByName.set(step.name, resolved);
    return resolved;
  };
  return (name, found) => {
    const { text, isSecret: hidden } = resolveNamed({ name, found, from: null });
    return { ...found, value: text, isSecret: hidden };
  };
}

function parse(step: Step): readonly Part[] {
  const text = step.found.value;
  if (!text.includes("${")) return [text];
  const closers = closersOf(text);
  const parseRange = (from: number, to: number, depth: number): Placeholder => {
    if (depth > DEPTH_MAX) throw fault(step, `it has placeholders in one another, more than ${DEPTH_MAX} deep`);
    const key: Part[] = [];
    let fallback: Part[] | null = null;
    let plain = "";
    const endPlain = (): void => {
      if (plain !== "") (fallback ?? key).push(plain);
      plain = "";
    };
    let at = from;
    while (at < to) {
      const close = text.startsWith("${", at) ? closers.get(at + 1) : undefined;
      // Only a name ends at a colon; what is outside of all placeholders has none.
      const isSeparator = close === undefined && depth > 0 && fallback === null && text[at] === ":";
      if (close === undefined && !isSeparator) {
        plain += text.charAt(at);
        at++;
      } else if (at > from && text[at - 1] === "\\") {
        const mark = isSeparator ? ":" : "${";
        plain = plain.slice(0, -1) + mark;
        at += mark.length;
      } else {
        endPlain();
        if (close === undefined) fallback = [];
        else (fallback ?? key).push(parseRange(at + 2, close, depth + 1));
        at = (close ?? at) + 1;
      }
    }
    endPlain();
    return { key, fallback };
  };
  return parseRange(0, text.length, 0).key;
}

/** Returns for each `{` that is closed where its `}` is; plain pairs of braces count as well, so that a default may be JSON. */
function closersOf(text: string): ReadonlyMap<number, number> {
  const closers = new Map<number, number>();
  const open: number[] = [];
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "{") open.push(at);
    if (text[at] !== "}") continue;
    const opener = open.pop();
    if (opener !== undefined) closers.set(opener, at);
  }
  return closers;
}

/** The properties from the one that was asked for to the one of the step. */
function namesTo({ name, from }: Step): readonly string[] {
  return from === null ? [name] : [...namesTo(from), name];
}

function shown({ name, found }: Step): string {
  return isSecret(name) ? MASK : quoted(found.value);
}

function through(step: Step): string {
  return step.from === null ? "" : ` (through ${namesTo(step).join(" -> ")})`;
}

function fault(step: Step, problem: string): ConfigError {
  let first = step;
  while (first.from !== null) first = first.from;
  return new ConfigError(`${first.name} (from ${first.found.source}): ${problem}`);
}
