/**
 * What the core saw in a value, found by asking it: the core says where a value goes and no more, so other rules are put to it whose answers tell
 * the rest. Nothing of how timestamps are read is written a second time.
 */
import { Router } from "../embed.ts";
import type { Reason } from "../routed.ts";
import type { RuleProperties } from "../rule.ts";
import { ruleTextOf } from "../rule.ts";
import type { Routing } from "./routing.ts";

/** Most outputs of a rule, and so the parts into which one question divides a range. */
const PARTS = 8n;
/** Where most fields are: they cost two questions. */
const SMALL = { least: 0n, size: PARTS ** 2n };
/** Wider than any field: a year has nine digits, and the seconds of so many years fit. */
const WIDEST = { least: -(PARTS ** 19n) / 2n, size: PARTS ** 19n };

/** Returns a router by the same field of the same timestamps, with other outputs. */
function probeOf(routing: Routing, outputs: RuleProperties): Router {
  const { rule } = routing;
  const probe: RuleProperties = {
    "router.rule": "timestamp",
    "router.timestamp.format": rule["router.timestamp.format"],
    "router.timestamp.field": rule["router.timestamp.field"],
    "router.timestamp.zone": rule["router.timestamp.zone"],
    "router.timestamp.source": rule["router.timestamp.source"],
    ...outputs,
  };
  return askedBefore(routing, ruleTextOf(probe));
}

/** Questions that were put already. Values that are near each other have most of them in common. */
const asked = new WeakMap<Routing, Map<string, Router>>();
/** An instance each: a browser does not have room for any number of them. */
const ASKED_MAX = 64;

/** Returns the router of a rule text, the one from before where there is one. */
function askedBefore(routing: Routing, text: string): Router {
  let routers = asked.get(routing);
  if (routers === undefined || routers.size === ASKED_MAX) asked.set(routing, (routers = new Map()));
  const router = routers.get(text) ?? new Router(routing.module, text);
  routers.set(text, router);
  return router;
}

/** Returns the number of the field in a value, or null when the value has none. */
export function fieldOf(routing: Routing, value: Uint8Array): bigint | null {
  return narrowed(routing, value, SMALL) ?? narrowed(routing, value, WIDEST);
}

/** Returns the field when it is in a range: each question leaves an eighth of it. */
function narrowed(routing: Routing, value: Uint8Array, range: typeof SMALL): bigint | null {
  const names = Array.from({ length: Number(PARTS) }, (_, index) => `part${index}`);
  let { least, size } = range;
  while (size > 1n) {
    size /= PARTS;
    const table = names.map((name, index) => {
      const start = least + BigInt(index) * size;
      return `${start}-${start + size - 1n}:${name}`;
    });
    const decision = probeOf(routing, { "router.outputs": names, "router.table": table }).route(value);
    if ("reason" in decision) return null;
    least += BigInt(names.indexOf(decision.output)) * size;
  }
  return least;
}

/** Returns why a value has no output, leaving aside that the rule may send it to one anyway; null when it has one. */
export function reasonOf(routing: Routing, value: Uint8Array): { readonly reason: Reason; readonly byteOffset: number } | null {
  const decision = askedBefore(routing, ruleTextOf({ ...routing.rule, "router.unroutable": undefined })).route(value);
  return "reason" in decision ? decision : null;
}

/** A prime, so that no two digits at one place of a number come to the same remainder. */
const REMAINDERS = Array.from({ length: 7 }, (_, index) => `remainder${index}`);

/**
 * Returns the indexes of the bytes that the field's number hangs on: with another digit, sign or word there, the value would be a timestamp with
 * another number.
 */
export function bytesOfField(routing: Routing, value: Uint8Array): ReadonlySet<number> {
  const router = probeOf(routing, { "router.outputs": REMAINDERS });
  const deciding = new Set<number>();
  for (const { start, end, alternatives } of placesOf(value)) {
    const isDeciding = alternatives.some((variants) => {
      const places = variants.map((variant) => router.route(variant)).map((decision) => ("output" in decision ? decision.output : null));
      return new Set(places.filter((place) => place !== null)).size > 1;
    });
    if (!isDeciding) continue;
    for (let at = start; at < end; at++) deciding.add(at);
  }
  return deciding;
}

/** Bytes of a value that can be changed. */
interface Place {
  readonly start: number;
  readonly end: number;
  /** Sets of values that differ in this place alone. */
  readonly alternatives: readonly (readonly Uint8Array[])[];
}

const DIGITS = Array.from("0123456789");
const SIGNS = ["+", "-"];
const MONTHS = "January February March April May June July August September October November December".split(" ");
const DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split(" ");
const WORDS = [...[...MONTHS, ...DAYS].flatMap((word) => [word, word.slice(0, 3)]), "AM", "PM", "Z", "+05:30"];
/** Longer values are looked at up to here. */
const LOOKED_AT_BYTES = 64;

/** Returns the digits, signs and words of a value. */
function placesOf(value: Uint8Array): readonly Place[] {
  // One character a byte, so that places in the text are places in the bytes.
  const text = Array.from(value.subarray(0, LOOKED_AT_BYTES), (byte) => String.fromCharCode(byte)).join("");
  return Array.from(text.matchAll(/[0-9]|[+-]|[A-Za-z]+/gu), ({ 0: found, index: start }) => {
    const end = start + found.length;
    const isDigit = /[0-9]/u.test(found);
    const others = isDigit ? DIGITS : SIGNS.includes(found) ? SIGNS : [found, ...WORDS];
    const contexts = isDigit ? contextsOf(value, start) : [value];
    return { start, end, alternatives: contexts.map((context) => others.map((other) => replaced(context, start, end, other))) };
  });
}

/** Returns a value, and others with a digit beside the place changed: in 07, no other month begins with another digit, but in 01 one does. */
function contextsOf(value: Uint8Array, at: number): readonly Uint8Array[] {
  const neighbours = [
    [at + 1, "0"],
    [at + 1, "1"],
    [at - 1, "0"],
  ] as const;
  const changed = neighbours.filter(([neighbour]) => isDigitByte(value[neighbour]));
  return [value, ...changed.map(([neighbour, digit]) => replaced(value, neighbour, neighbour + 1, digit))];
}

function isDigitByte(byte = 0): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

function replaced(value: Uint8Array, start: number, end: number, text: string): Uint8Array {
  const bytes = Array.from(text, (character) => character.charCodeAt(0));
  return Uint8Array.from([...value.subarray(0, start), ...bytes, ...value.subarray(end)]);
}
