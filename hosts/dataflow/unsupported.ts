/** Finds the properties that somebody has set and that the app does not know: without a word, they would be taken for having an effect. */
import { ENDPOINT_IDS } from "./actuator/endpoint.ts";
import { STATUS_KEYS } from "./config-actuator.ts";
import { namesOf, type About } from "./property.ts";
import { canonicalName } from "./property-name.ts";
import { PROPERTIES } from "./schema.ts";
import { FILE_PROPERTIES } from "./sources/config-files.ts";
import type { PropertySource } from "./sources/property-source.ts";
import { WITHOUT_EFFECT } from "./without-effect.ts";

/** What a property of the app begins with. Others belong to the platform or to a Spring that is not there. */
const SUBJECTS = [
  "spring.cloud.stream",
  "spring.cloud.streamapp",
  "spring.config",
  "spring.kafka",
  "spring.lifecycle",
  "spring.profiles",
  "router",
  "management",
  "server",
  "logging",
] as const;
/** Of a name's characters, how many may be wrong for a hint, and at least how many. */
const HINT_SHARE = 0.1;
const HINT_MIN = 2;

/** Of a list's element, behind the list's name; the brackets are not there where dots are not. */
const INDEX = /(?:\[?\d+\]?)?$/u;

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
  const ours = [...Object.values<Pick<About, "name" | "names">>(PROPERTIES).flatMap(namesOf), ...FILE_PROPERTIES];
  const known = knownNames(ours, outputs);
  const harmless = knownNames(
    WITHOUT_EFFECT.flatMap(({ names }) => names),
    [...outputs, "output", "input"],
  );
  const isKnown = knowing([...known, ...harmless]);
  const unsupported = new Map<string, string>();
  for (const { name, source } of told) {
    if (unsupported.has(name) || isServiceLink(name)) continue;
    if (isKnown(name)) continue;
    const hint = nearest(squeezed(name), known);
    unsupported.set(name, `${name} (from ${source}${hint === null ? "" : `; did you mean ${hint}?`})`);
  }
  return [...unsupported.values()];
}

/** Returns what says whether a name is one of the known, perhaps with the index of a list's element behind it. */
function knowing(known: readonly string[]): (name: string) => boolean {
  const isDotted = isOneOf(known, canonicalName);
  const isVariable = isOneOf(known, squeezed);
  // The name of an environment variable has no dots that could be told from what else it leaves out.
  return (name) => (name.includes(".") ? isDotted(canonicalName(name)) : isVariable(squeezed(name)));
}

/** Returns what says whether a name, in the form in which names are compared, is one of the known. */
function isOneOf(known: readonly string[], comparable: (name: string) => string): (compared: string) => boolean {
  const whole = new Set(known.filter((name) => !name.includes("<")).map(comparable));
  const patterns = known.filter((name) => name.includes("<")).map((name) => patternOf(name.split(/<[^>]+>/u).map(comparable)));
  return (compared) => whole.has(compared.replace(INDEX, "")) || whole.has(compared) || patterns.some((pattern) => pattern.test(compared));
}

/** Returns what names are like that have anything between these parts. */
function patternOf(parts: readonly string[]): RegExp {
  return new RegExp(`^${parts.map((part) => part.replaceAll(".", "\\.")).join(".+")}${INDEX.source}`, "u");
}

/** Returns names with the words in place of each `<…>` for which there are words. */
function knownNames(names: readonly string[], outputs: readonly string[]): readonly string[] {
  const words = [["<output>", outputs] as const, ["<id>", ENDPOINT_IDS] as const, ["<status>", STATUS_KEYS] as const];
  return words.reduce<readonly string[]>(
    (all, [place, values]) => all.flatMap((name) => (name.includes(place) ? values.map((value) => name.replace(place, value)) : [name])),
    names,
  );
}

/** Without what relaxed names don't tell apart, and without dots, which an environment variable does not have. */
function squeezed(name: string): string {
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
function nearest(compared: string, known: readonly string[]): string | null {
  let best: string | null = null;
  let least = Math.max(HINT_MIN, Math.floor(HINT_SHARE * compared.length)) + 1;
  for (const name of known) {
    const other = squeezed(name);
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
