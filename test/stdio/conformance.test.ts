/** The routing contract, through the command: the values of each case as records on standard input. */
import type { Case } from "../case-text.ts";
import { readCases } from "../case-text.ts";
import type { RoutedValues, Target } from "../conformance.ts";
import { runConformance } from "../conformance.ts";
import { framed, unframed, type Format } from "./framing.ts";
import { run } from "./command.ts";

/** Returns why the command does not run a case in some framing. */
function skip(format: Format, { rule, input, expected }: Case): string | undefined {
  if ("batches" in input) return "routes values, not batches";
  if (expected.some((line) => line.startsWith("fault: "))) return "has properties, not rule text: options.test.ts has their faults";
  if (/^unroutable=(?:dlq|drop|stop)$/m.test(rule)) return "says nothing of single records then: policies.test.ts has those";
  if (format === "length") return undefined;
  if (input.values.includes(null)) return "has no null values but with lengths";
  const delimiter = format === "nul" ? 0 : 0x0a;
  if (/^prefix\..*\\(?:n|x0[0a])/m.test(rule)) return "has what ends a record in a prefix";
  return input.values.some((value) => value?.includes(delimiter)) ? "can't hold what ends a record" : undefined;
}

/** Returns the options for a rule's text. */
function optionsOf(rule: string): readonly string[] {
  return rule
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => `--router.${line}`);
}

const REFUSAL = /^timestamp-router: left out record (\d+) of standard input, at byte \d+: ([a-z-]+)(?: at byte (\d+) of it)?$/gm;

/** Takes what was written apart: `<output><tab><value>` in each record. */
async function routeValues(format: Format, rule: string, values: readonly (Uint8Array | null)[]): Promise<RoutedValues> {
  const { stdout, stderr } = await run([`--format=${format}`, "--stats=json", ...optionsOf(rule)], framed(format, values));
  const { routed, tombstones } = JSON.parse(stderr.trim().split("\n").at(-1) ?? "") as { routed: object; tombstones: number };
  const records = unframed(format, stdout).map((record) => {
    const tab = record.indexOf(0x09);
    return { output: record.toString("utf8", 0, tab), value: Uint8Array.from(record.subarray(tab + 1)) };
  });
  return {
    outputs: Object.keys(routed).map((name) => ({
      name,
      values: records.flatMap(({ output, value }) => (output === name ? [value] : [])),
    })),
    unroutable: Array.from(stderr.matchAll(REFUSAL), ([, record, reason = "", byteOffset = "0"]) => ({
      index: Number(record) - 1,
      reason,
      byteOffset: Number(byteOffset),
    })),
    tombstones,
  };
}

function target(format: Format): Target {
  return {
    name: `stdio ${format}`,
    skip: (one) => skip(format, one),
    routeValues: async (rule, values) => routeValues(format, rule, values),
  };
}

runConformance(readCases(), [target("lines"), target("nul"), target("length")]);
