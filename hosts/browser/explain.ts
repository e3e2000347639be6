/** Why a value goes where it goes, step by step. */
import type { Reason, Refusal } from "../routed.ts";
import { bytesOfField, fieldOf, reasonOf } from "./probe.ts";
import type { Routing } from "./routing.ts";
import { DEFAULTS, settingOf } from "./rule-defaults.ts";

/** What there is to say of one value. */
export interface Explanation {
  /** The value's output, or null for none. */
  readonly output: string | null;
  /** What the output has before the value. */
  readonly prefix: Uint8Array;
  readonly value: Uint8Array;
  /** Indexes of the bytes of the value that decided. */
  readonly deciding: ReadonlySet<number>;
  /** Index of the byte at which it shows that the rule has no output for the value, or null; one past the last byte where something is missing. */
  readonly fault: number | null;
  /** In sentences. */
  readonly steps: readonly string[];
}

/** What each reason of the core is in words. */
const REASONS: Readonly<Record<Reason, string>> = {
  tombstone: "It is null, a tombstone.",
  empty: "It is empty.",
  "not-a-digit": "Its last byte is no digit.",
  "not-a-timestamp": "It is no timestamp of the format.",
  "no-such-time": "There is no such time.",
  "no-field": "It is a timestamp without this field.",
  "not-in-table": "The table has no range for this number.",
  "no-timestamp": "A value that is pasted has no record around it, and so no record's timestamp.",
};

const POLICIES: Readonly<Record<string, string>> = {
  log: "It is left out, counted and logged.",
  drop: "It is left out and counted.",
  dlq: "It becomes a dead letter.",
  stop: "It stops the app.",
};

/** Returns why a value goes where it goes. */
export function explain(routing: Routing, value: Uint8Array): Explanation {
  const decision = routing.router.route(value);
  const output = "output" in decision ? decision.output : null;
  const prefix = "output" in decision ? decision.value.subarray(0, decision.value.length - value.length) : new Uint8Array();
  const refusal = "reason" in decision ? decision : reasonOf(routing, value);
  const found = settingOf(routing.rule, "router.rule") === "timestamp" ? byTimestamp(routing, value) : byLastDigit(value);
  const end = refusal === null ? arrival(routing, output ?? "", found.number) : departure(routing, refusal, output);
  const fault = refusal === null || refusal.reason === "no-timestamp" || refusal.reason === "not-in-table" ? null : refusal.byteOffset;
  return { output, prefix, value, deciding: found.deciding, fault, steps: [...found.steps, ...end] };
}

/** The number that decides, null where there is none, and how it came about. */
interface Found {
  readonly number: bigint | null;
  readonly deciding: ReadonlySet<number>;
  readonly steps: readonly string[];
}

const NOTHING: Found = { number: null, deciding: new Set(), steps: [] };

function byLastDigit(value: Uint8Array): Found {
  const at = value.length - 1;
  const byte = value[at] ?? 0;
  if (byte < 0x30 || byte > 0x39) return NOTHING;
  const steps = [`The last byte, number ${at}, is ${hex(byte)}: the digit ${byte - 0x30}.`];
  return { number: BigInt(byte - 0x30), deciding: new Set([at]), steps };
}

function byTimestamp(routing: Routing, value: Uint8Array): Found {
  const { rule } = routing;
  const number = fieldOf(routing, value);
  if (number === null) return NOTHING;
  const format = settingOf(rule, "router.timestamp.format");
  const field = settingOf(rule, "router.timestamp.field");
  const zone = settingOf(rule, "router.timestamp.zone");
  const read = `Read as ${format}${zone === DEFAULTS["router.timestamp.zone"] ? "" : `, in the zone ${zone}`}, its ${field} is ${number}.`;
  const divisor = BigInt(settingOf(rule, "router.timestamp.divide"));
  const quotient = floorDivided(number, divisor);
  const steps = divisor === 1n ? [read] : [read, `${number} divided by ${divisor}, rounded down, is ${quotient}.`];
  return { number: quotient, deciding: bytesOfField(routing, value), steps };
}

/** How the number leads to the output. */
function arrival({ rule, router }: Routing, output: string, number: bigint | null): readonly string[] {
  const table = rule["router.table"];
  if (number === null) return [];
  if (typeof table === "string") {
    const range = table.split(",").find((entry) => isInRange(entry, number)) ?? "";
    return [`In the table, ${range} has ${number}: it goes to ${output}.`];
  }
  const count = BigInt(router.outputs.length);
  const rest = number - count * floorDivided(number, count);
  return [`${number} modulo ${count} outputs is ${rest}: it goes to output ${rest}, ${output}.`];
}

/** Why there is no output, and what becomes of it. */
function departure({ rule }: Routing, { reason, byteOffset }: Refusal, output: string | null): readonly string[] {
  const where = ["not-in-table", "no-timestamp", "empty"].includes(reason) ? "" : ` That shows at byte ${byteOffset}.`;
  const policy =
    output === null
      ? `${POLICIES[settingOf(rule, "router.unroutable")] ?? ""} (router.unroutable)`
      : `What can't be routed goes to ${output}. (router.unroutable)`;
  return [`${REASONS[reason]}${where} (${reason})`, policy];
}

/** Whether an entry of the table, such as `0-11:even` or `7:sunday`, has a number. The core has checked the entries. */
function isInRange(entry: string, number: bigint): boolean {
  const [, least = "", greatest = least] = /^(-?\d+)(?:-(-?\d+))?:/u.exec(entry) ?? [];
  return least !== "" && number >= BigInt(least) && number <= BigInt(greatest);
}

function floorDivided(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  return dividend < quotient * divisor ? quotient - 1n : quotient;
}

/** Returns a byte as two hexadecimal digits. */
export function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
