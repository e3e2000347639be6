/** Runs the conformance cases over whatever routes: each host says how it is fed, and which cases it can't run, and why. */
import assert from "node:assert/strict";
import test, { after } from "node:test";
import { recordLine } from "./batches.ts";
import { literalOf } from "./bytes.ts";
import type { Case, InputBatch } from "./case-text.ts";
import type { BatchRecord } from "./record-batch.ts";

/** Why something went nowhere, and where in its value that shows. */
interface Refusal {
  readonly reason: string;
  readonly byteOffset: number;
}

/** What became of values: those of each output in order, and the others by index but for tombstones, which are counted. */
export interface RoutedValues {
  readonly outputs: readonly { readonly name: string; readonly values: readonly Uint8Array[] }[];
  readonly unroutable: readonly (Refusal & { readonly index: number })[];
  readonly tombstones: number;
}

/** What became of batches. */
export interface RoutedBatches {
  readonly outputs: readonly {
    readonly name: string;
    readonly records: readonly (Pick<BatchRecord, "key" | "value" | "headers"> & { readonly time: bigint })[];
  }[];
  readonly unroutable: readonly (Refusal & { readonly offset: bigint })[];
  readonly tombstones: number;
  readonly nextOffset: bigint;
}

type Maybe<Result> = Result | Promise<Result>;

/**
 * Something that routes. A fault in a rule or in a batch is an error with a `code`, and for a rule with a `ruleOffset`.
 */
export interface Target {
  readonly name: string;
  routeValues?(rule: string, values: readonly (Uint8Array | null)[]): Maybe<RoutedValues>;
  routeBatches?(rule: string, batches: readonly InputBatch[]): Maybe<RoutedBatches>;
  /** Returns why this target does not run a case; undefined when it does. */
  skip?(one: Case): string | undefined;
}

/** Declares a test for each case on each target, and prints a table of them at the end. */
export function runConformance(cases: readonly Case[], targets: readonly Target[]): void {
  const marks = new Map<string, string>();
  for (const one of cases) {
    for (const target of targets) {
      const cell = `${one.name} | ${target.name}`;
      marks.set(cell, "FAIL");
      test(cell, async (context) => {
        const reason = target.skip?.(one);
        if (reason === undefined) {
          assert.deepEqual(await actualLines(target, one), expectedLines(one));
          marks.set(cell, "ok");
        } else {
          assert.notEqual(reason.trim(), "", "a case is skipped with a reason or not at all");
          marks.set(cell, "-");
          context.skip(reason);
        }
      });
    }
  }
  after(() => process.stdout.write(table(cases, targets, marks)));
}

async function actualLines(target: Target, { rule, input }: Case): Promise<readonly string[]> {
  try {
    if ("values" in input) {
      assert.ok(target.routeValues !== undefined, "a target that routes no values has to skip those cases");
      return valueLines(await target.routeValues(rule, input.values));
    }
    assert.ok(target.routeBatches !== undefined, "a target that routes no batches has to skip those cases");
    return batchLines(await target.routeBatches(rule, input.batches));
  } catch (error) {
    return [faultLine(error)];
  }
}

/** Returns the expected lines; those of values, which are in the order of the input, in the order of results. */
function expectedLines({ input, expected }: Case): readonly string[] {
  if ("batches" in input || expected.some((line) => line.startsWith("fault: "))) return expected;
  const tombstones = expected.filter((line) => line === "tombstone").length;
  const unroutable = expected.flatMap((line, index) => (line.startsWith("unroutable: ") ? [`${index} ${line}`] : []));
  const routed = expected.filter((line) => line !== "tombstone" && !line.startsWith("unroutable: "));
  return [...routed.toSorted(byOutput), ...unroutable, ...counted(tombstones)];
}

function byOutput(left: string, right: string): number {
  const [leftName = "", rightName = ""] = [left, right].map((line) => line.slice(0, line.indexOf(":")));
  return leftName === rightName ? 0 : leftName < rightName ? -1 : 1;
}

function valueLines({ outputs, unroutable, tombstones }: RoutedValues): readonly string[] {
  const routed = outputs.flatMap(({ name, values }) => values.map((value) => `${name}: ${literalOf(value)}`));
  const refused = unroutable.map(({ index, reason, byteOffset }) => `${index} unroutable: ${reason} at ${byteOffset}`);
  return [...routed.toSorted(byOutput), ...refused, ...counted(tombstones)];
}

function batchLines({ outputs, unroutable, tombstones, nextOffset }: RoutedBatches): readonly string[] {
  return [
    ...outputs.flatMap(({ name, records }) => records.map((record) => `${name}: ${recordLine(record, record.time)}`)),
    ...unroutable.map(({ offset, reason, byteOffset }) => `unroutable: ${offset} ${reason} at ${byteOffset}`),
    ...counted(tombstones),
    `next: ${nextOffset}`,
  ];
}

function counted(tombstones: number): readonly string[] {
  return tombstones === 0 ? [] : [`tombstones: ${tombstones}`];
}

function faultLine(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error) || error.code === "ERR_ASSERTION") throw error;
  const where = "ruleOffset" in error && typeof error.ruleOffset === "number" ? ` at ${error.ruleOffset}` : "";
  return `fault: ${String(error.code)}${where}`;
}

/** Returns a table with a line a case and a column a target. */
function table(cases: readonly Case[], targets: readonly Target[], marks: ReadonlyMap<string, string>): string {
  const widths = [Math.max(...cases.map(({ name }) => name.length)), ...targets.map(({ name }) => name.length)];
  const line = (cells: readonly string[]): string => cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(" | ") + "\n";
  const rows = cases.map(({ name }) => line([name, ...targets.map((target) => marks.get(`${name} | ${target.name}`) ?? "")]));
  return line(["case", ...targets.map(({ name }) => name)]) + line(widths.map((width) => "-".repeat(width))) + rows.join("");
}
