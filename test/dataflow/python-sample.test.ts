/** The app and the Python sample on the same records: what docs/python-sample.md says of each is what happens. */
import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import test from "node:test";
import { runProgram } from "../../hosts/demo/broker/program.ts";
import { Router } from "../../hosts/embed.ts";
import { bytesOf, hexBytes, joined, literalOf } from "../bytes.ts";
import { casesOf, parseBytes } from "../case-text.ts";
import { runConformance } from "../conformance.ts";
import { targetsOf } from "../core/targets.ts";
import { coreModule } from "../core-module.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const PYTHON_TIMEOUT_MS = 30_000;
const [records = [], around = []] = tablesOf(readFileSync(join(ROOT, "docs/python-sample.md"), "utf8"));

runConformance(
  records.flatMap(([record = "", , ours = ""]) =>
    casesOf(
      "the page",
      `## ${record}
\`\`\`batch
${record}
\`\`\`
\`\`\`result
${ours}
next: 1
\`\`\`
`,
    ),
  ),
  targetsOf("core", (rule) => new Router(coreModule(), rule)).filter((target) => target.routeBatches !== undefined),
);

test("the sample does with each record of the page what the page says", async (context) => {
  const values = records.map(([record = ""]) => parseBytes(/ ?value=(null|"(?:[^"\\]|\\.)*")/u.exec(record)?.[1] ?? ""));
  const answers = await sampleOn(values);
  if (answers === null) return context.skip("Python 3 is missing: install python3.");
  assert.deepEqual(
    answers,
    records.map(([, sample]) => sample),
  );
});

test("the sample and the core agree on every last byte that is a digit, and the core refuses those that end the sample", async (context) => {
  const values = Array.from({ length: 256 }, (_, last) => joined([bytesOf("11/21/26 04:18:0"), Uint8Array.of(last)]));
  const answers = await sampleOn(values);
  if (answers === null) return context.skip("Python 3 is missing: install python3.");
  const router = new Router(coreModule());
  const ours = values.map((value) => {
    const decision = router.route(value);
    return "output" in decision ? `${decision.output}: value=${literalOf(decision.value)}` : "the program ends";
  });
  assert.deepEqual(answers, ours);
  assert.equal(ours.filter((answer) => answer !== "the program ends").length, 10);
});

test("each difference around the records is held by a file that exists", () => {
  assert.ok(around.length > 0);
  for (const [what, , , , heldBy = ""] of around) assert.ok(existsSync(join(ROOT, heldBy)), `${what}: ${heldBy}`);
});

/** The cells of each table of a page, without the head and the marks of code. */
function tablesOf(page: string): readonly (readonly (readonly string[])[])[] {
  return Array.from(page.matchAll(/(?:^\|.*\n)+/gmu), ([table]) =>
    table
      .trimEnd()
      .split("\n")
      .slice(2)
      .map((row) =>
        row
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim().replace(/^`(.*)`$/u, "$1")),
      ),
  );
}

/** What the sample does with values, in the page's words; null where there is no Python. */
async function sampleOn(values: readonly (Uint8Array | null)[]): Promise<readonly string[] | null> {
  const stdin = values.map((value) => `${value === null ? "null" : Buffer.from(value).toString("hex")}\n`).join("");
  const args = [join(import.meta.dirname, "sample_rule.py")];
  const result = await runProgram({ file: "python3", args, stdin, timeoutMs: PYTHON_TIMEOUT_MS }).catch((error: unknown) => {
    if (process.env["CI"] === "true") throw error;
    return null;
  });
  if (result === null) return null;
  assert.equal(result.exitCode, 0, result.stderr);
  return result.stdout
    .trimEnd()
    .split("\n")
    .map((line) =>
      line.replace(/^(even|odd) ([0-9a-f]*)$/u, (_, output: string, hex: string) => `${output}: value=${literalOf(hexBytes(hex))}`),
    );
}
