const MS_PER_UNIT: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/**
 * Reads a duration as Boot's DurationStyle does, in milliseconds: a number with a unit (`500ms`, `10s`, `1m`; no unit means milliseconds) or
 * ISO-8601 (`PT10S`). Parts of a millisecond are cut off. Returns null for anything else.
 */
export function parseDurationMs(text: string): number | null {
  const trimmed = text.trim();
  const [, amount, unit = ""] = /^([+-]?\d+)([A-Za-z]{0,2})$/u.exec(trimmed) ?? [];
  if (amount !== undefined) {
    const msPerUnit = unit === "" ? 1 : MS_PER_UNIT[unit.toLowerCase()];
    return msPerUnit === undefined ? null : Math.trunc(Number(amount) * msPerUnit);
  }
  return parseIsoDurationMs(trimmed);
}

const ISO_DURATION = /^P(?:(\d+)D)?(?:T(?=\d)(?:(\d+)H)?(?:(\d+)M)?(?:(\d+)(?:[.,](\d{1,9}))?S)?)?$/iu;

/** ISO-8601 as java.time.Duration takes it, without signs: days to seconds, a fraction of seconds only. */
function parseIsoDurationMs(text: string): number | null {
  const parts = ISO_DURATION.exec(text);
  if (parts === null || text.length < 3) return null;
  const [, days = "0", hours = "0", minutes = "0", seconds = "0", fraction = ""] = parts;
  const wholeSeconds = Number(days) * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  return wholeSeconds * 1000 + Number(fraction.padEnd(3, "0").slice(0, 3));
}

/** Returns a duration as one would write it, in the largest unit that holds it exactly. */
export function formatDuration(durationMs: number): string {
  const units = Object.entries(MS_PER_UNIT).filter(([, msPerUnit]) => msPerUnit >= 1 && durationMs % msPerUnit === 0);
  const [unit, msPerUnit] = units.at(-1) ?? ["ms", 1];
  return `${durationMs / msPerUnit}${unit}`;
}
