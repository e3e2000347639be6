/** Finds the properties that somebody has set and that the app does not know: without a word, they would be taken for having an effect. */
import { namesOf, type About } from "./property.ts";
import { PROPERTIES } from "./schema.ts";
import type { PropertySource } from "./sources/property-source.ts";
import { WITHOUT_EFFECT } from "./without-effect.ts";

/** What a property of the app begins with. Others belong to the platform or to a Spring that is not there. */
const SUBJECTS = ["spring.cloud.stream", "spring.kafka", "router", "management", "server", "logging"] as const;
/** Of a name's characters, how many may be wrong for a hint, and at least how many. */
const HINT_SHARE = 0.1;
const HINT_MIN = 2;

/** A name that is known, in the form in which it is compared. */
interface Known {
  readonly name: string;
  /** The whole of it, or null where a part may be anything. */
  readonly compared: string | null;
  readonly pattern: RegExp | null;
}

/** Returns, for each property that is not known, its name as it was written, its source, and the nearest name that is known. */
export function unsupportedProperties(
  sources: readonly Pick<PropertySource, "name" | "entries">[],
  outputs: readonly string[],
): readonly string[] {
  const told = sources
    .flatMap(({ name: source, entries }) => entries.map(({ name }) => ({ name, source })))
    .filter(({ name }) => isOurs(name));
  // Nobody waits for the names of all properties when nothing is set.
  if (told.length === 0) return [];
  const known = Object.values<Pick<About, "name" | "names">>(PROPERTIES).flatMap((property) => knownNames(namesOf(property), outputs));
  const harmless = WITHOUT_EFFECT.flatMap(({ names }) => knownNames(names, [...outputs, "output", "input"]));
  const isKnown = knowing([...known, ...harmless]);
  const unsupported = new Map<string, string>();
  for (const { name, source } of told) {
    if (unsupported.has(name) || isServiceLink(name)) continue;
    const compared = comparable(name);
    if (isKnown(compared)) continue;
    const hint = nearest(compared, known);
    unsupported.set(name, `${name} (from ${source}${hint === null ? "" : `; did you mean ${hint}?`})`);
  }
  return [...unsupported.values()];
}

/** Returns what says whether a name is one of the known, perhaps with the index of a list's element behind it. */
function knowing(known: readonly Known[]): (compared: string) => boolean {
  const whole = new Set(known.map(({ compared }) => compared));
  const patterns = known.flatMap(({ pattern }) => pattern ?? []);
  return (compared) =>
    whole.has(compared) || whole.has(compared.replace(/\d+$/u, "")) || patterns.some((pattern) => pattern.test(compared));
}

function knownNames(names: readonly string[], outputs: readonly string[]): readonly Known[] {
  return names.flatMap((name) => {
    const expanded = name.includes("<output>") ? outputs.map((output) => name.replace("<output>", output)) : [name];
    return expanded.map((one) => {
      if (!one.includes("<")) return { name: one, compared: comparable(one), pattern: null };
      const parts = one.split(/<[^>]+>/u).map(comparable);
      return { name: one, compared: null, pattern: new RegExp(`^${parts.join(".+")}\\d*$`, "u") };
    });
  });
}

/** Without what relaxed names don't tell apart, and without dots, which an environment variable does not have. */
function comparable(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/gu, "");
}

function isOurs(name: string): boolean {
  const lowerCase = name.toLowerCase();
  return SUBJECTS.some((subject) => lowerCase.startsWith(`${subject}.`) || lowerCase.startsWith(`${subject.replaceAll(".", "_")}_`));
}

/** What Kubernetes sets for a Service called `router` or `server`: nobody meant a property by it. */
function isServiceLink(name: string): boolean {
  return /^[A-Z0-9_]+_(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)?)$/u.test(name);
}

/** Returns the known name that is nearest, or null where none is near. */
function nearest(compared: string, known: readonly Known[]): string | null {
  let best: string | null = null;
  let least = Math.max(HINT_MIN, Math.floor(HINT_SHARE * compared.length)) + 1;
  for (const { name } of known) {
    const other = comparable(name);
    // As many characters at least have to be put in or left out.
    if (Math.abs(compared.length - other.length) >= least) continue;
    const steps = distance(compared, other);
    if (steps < least) [best, least] = [name, steps];
  }
  return best;
}

/** Returns how many characters have to be put in, left out or changed to make one text of the other (Levenshtein). */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let index = 0; index < left.length; index++) {
    const next = [index + 1];
    for (let at = 1; at <= right.length; at++) {
      const changed = (row[at - 1] ?? 0) + (right[at - 1] === left[index] ? 0 : 1);
      next.push(Math.min(changed, (row[at] ?? 0) + 1, (next[at - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[right.length] ?? 0;
}
