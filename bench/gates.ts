/** What every run is held to: ratios within the run and counts, never bare times. */
import { TIMESTAMP_RULE } from "./jobs.ts";
import type { Row } from "./measure.ts";

export interface Gate {
  readonly name: string;
  readonly measured: number;
  readonly limit: number;
  readonly passed: boolean;
}

/** The module may have this many bytes. */
const MODULE_BYTES_MAX = 24 * 1024;

export function atLeast(name: string, measured: number, limit: number): Gate {
  return { name, measured, limit, passed: measured >= limit };
}

export function atMost(name: string, measured: number, limit: number): Gate {
  return { name, measured, limit, passed: measured <= limit };
}

function ratioOf(rows: readonly Row[], job: string, candidate: string): number {
  return rows.find((row) => row.job === job && row.candidate === candidate)?.ratio ?? Number.NaN;
}

/** Returns each gate with what was measured; a row that is missing fails its gate. */
export function gatesOf(rows: readonly Row[], moduleBytes: number): readonly Gate[] {
  return [
    atLeast("values kernel against typed arrays, 17 B x 1000", ratioOf(rows, "values, 17 B x 1000", "JavaScript, typed arrays"), 4),
    atLeast("RecordBatch against kafkajs, null keys", ratioOf(rows, "RecordBatch, null keys x 1000", "kafkajs decode, concat, encode"), 80),
    // The ratio is time over that of the last-digit rule.
    atMost("timestamp rule, MM/dd/yy HH:mm:ss", ratioOf(rows, "RecordBatch, rules on MM/dd/yy HH:mm:ss x 1000", TIMESTAMP_RULE), 3),
    atMost("timestamp rule, ISO 8601", ratioOf(rows, "RecordBatch, rules on iso-8601 x 1000", TIMESTAMP_RULE), 4),
    atMost("module bytes", moduleBytes, MODULE_BYTES_MAX),
  ];
}
