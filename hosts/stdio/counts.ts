/** What went where, in numbers, and as text. */
import { REASONS } from "./block-router.ts";
import type { Reason, Taken } from "./block-router.ts";

/** Counts of all that was read. */
export interface Counts {
  readonly records: number;
  readonly bytesRead: number;
  /** Bytes that were written: framing, names and prefixes included. */
  readonly bytesWritten: number;
  readonly routed: readonly { readonly output: string; readonly records: number }[];
  readonly tombstones: number;
  readonly unroutable: Readonly<Record<Reason, number>>;
}

/** Returns counts of nothing. */
export function noCounts(outputs: readonly string[]): Counts {
  return {
    records: 0,
    bytesRead: 0,
    bytesWritten: 0,
    routed: outputs.map((output) => ({ output, records: 0 })),
    tombstones: 0,
    unroutable: Object.fromEntries(REASONS.map((reason) => [reason, 0])) as Counts["unroutable"],
  };
}

/** Returns counts with what one call took. */
export function withTaken(counts: Counts, taken: Taken, bytesRead: number): Counts {
  return {
    records: counts.records + taken.records,
    bytesRead: counts.bytesRead + bytesRead,
    bytesWritten: counts.bytesWritten + taken.sinks.reduce((sum, { length }) => sum + length, 0),
    routed: counts.routed.map(({ output, records }, index) => ({ output, records: records + (taken.routed[index] ?? 0) })),
    tombstones: counts.tombstones + taken.tombstones,
    unroutable: Object.fromEntries(
      REASONS.map((reason) => [reason, counts.unroutable[reason] + taken.refused[reason]]),
    ) as Counts["unroutable"],
  };
}

/** Returns how many records went nowhere, null values aside. */
export function unroutableIn({ unroutable }: Counts): number {
  return REASONS.reduce((sum, reason) => sum + unroutable[reason], 0);
}

/** Returns counts as lines for people. */
export function countsText(counts: Counts, seconds: number): string {
  const { records, bytesRead, bytesWritten, routed, tombstones, unroutable } = counts;
  const rows = [
    ...routed.map((one) => [one.output, one.records] as const),
    ...(tombstones === 0 ? [] : [["tombstones", tombstones] as const]),
    ...REASONS.flatMap((reason) => (unroutable[reason] === 0 ? [] : [[`unroutable, ${reason}`, unroutable[reason]] as const])),
    ["records", records] as const,
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  const digits = Math.max(...rows.map(([, count]) => count.toLocaleString("en").length));
  const table = rows.map(([label, count]) => `${label.padEnd(width)}  ${count.toLocaleString("en").padStart(digits)}\n`).join("");
  const rate = `${bytesText(bytesRead / Math.max(seconds, 0.001))}/s`;
  return `${table}${bytesText(bytesRead)} read and ${bytesText(bytesWritten)} written in ${seconds.toFixed(2)} s, ${rate}\n`;
}

/** Returns counts as one line for programs. */
export function countsJson(counts: Counts, seconds: number): string {
  const routed = Object.fromEntries(counts.routed.map(({ output, records }) => [output, records]));
  return `${JSON.stringify({ ...counts, routed, seconds: Number(seconds.toFixed(3)) })}\n`;
}

/** Returns a number of bytes with three digits. */
export function bytesText(bytes: number): string {
  const units = ["B", "kB", "MB", "GB", "TB"];
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return `${power === 0 ? Math.round(bytes) : Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}
