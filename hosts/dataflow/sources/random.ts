import { randomBytes, randomInt, randomUUID } from "node:crypto";
import { ConfigError } from "../config-error.ts";
import type { PropertySource } from "./property-source.ts";

const PREFIX = "random.";
/** Java's int goes from its negative to one below it. */
const INT_COUNT_HALF = 2 ** 31;
/** Largest range that there are random numbers of. */
const RANGE_MAX = 2 ** 48 - 1;

/** Boot's source of random values: `random.uuid`, `random.int`, `random.int[1,9]` and so on. */
export const RANDOM: PropertySource = {
  name: "random",
  bootName: "random",
  entries: [],
  get: (name) => (name.startsWith(PREFIX) ? randomValue(name.slice(PREFIX.length)) : undefined),
  keysUnder: () => [],
};

function randomValue(kind: string): string {
  if (kind === "uuid") return randomUUID();
  if (kind === "int") return String(randomInt(-INT_COUNT_HALF, INT_COUNT_HALF));
  if (kind === "long") return String(randomBytes(8).readBigInt64BE());
  // As in Boot, any two characters may be around the range, and what has no other meaning is a value of 32 hexadecimal digits.
  const [, first, second] = /^(?:int|long).(-?\d+)(?:,(-?\d+))?.$/u.exec(kind) ?? [];
  if (first === undefined) return randomBytes(16).toString("hex");
  const begin = second === undefined ? 0 : Number(first);
  const end = Number(second ?? first);
  if (end > begin && end - begin <= RANGE_MAX && Number.isSafeInteger(begin) && Number.isSafeInteger(end))
    return String(randomInt(begin, end));
  throw new ConfigError(
    `\${${PREFIX}${kind}} has no range of numbers; allowed: int(10) for 0 to 9, int[1,9] for 1 to 8, up to ${RANGE_MAX} of them`,
  );
}
