/** What the comparison with awk leaves behind. */
import type { Gate } from "./gates.ts";
import type { Environment } from "./report.ts";

/** One candidate: medians over the rounds, and medians of the rounds' ratios to the first candidate. */
export interface StdioRow {
  readonly name: string;
  readonly version: string;
  readonly wallSeconds: number;
  readonly cpuSeconds: number;
  readonly wallRatio: number;
  readonly cpuRatio: number;
  readonly outputHash: string;
}

/** The results file. */
export interface StdioReport {
  readonly environment: Environment;
  /** Of the input. */
  readonly bytes: number;
  readonly rounds: number;
  readonly program: string;
  readonly gates: readonly Gate[];
  readonly rows: readonly StdioRow[];
}

export function printStdioRows(rows: readonly StdioRow[], bytes: number): void {
  for (const { name, version, wallSeconds, cpuSeconds, wallRatio, cpuRatio, outputHash } of rows) {
    const rate = (bytes / wallSeconds / 1e6).toFixed(0);
    const cells = [
      `${wallSeconds.toFixed(2)} s`,
      `${cpuSeconds.toFixed(2)} s CPU`,
      `${rate} MB/s`,
      `x${wallRatio.toFixed(2)}`,
      `x${cpuRatio.toFixed(2)} CPU`,
    ];
    console.log([name.padEnd(18), ...cells.map((cell) => cell.padStart(12)), outputHash, version].join("  "));
  }
}
