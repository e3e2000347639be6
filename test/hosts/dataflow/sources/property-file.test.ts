import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { findJavac } from "../../../../hosts/demo/broker/jars.ts";
import { runProgram } from "../../../../hosts/demo/broker/program.ts";
import { readPropertyFile } from "../../../../hosts/dataflow/sources/property-file.ts";

type Pairs = readonly (readonly [name: string, value: string])[];

function pairsOf(text: string): Pairs | null {
  const documents = readPropertyFile(Buffer.from(text, "latin1"));
  return documents === null ? null : documents.flat().map(({ name, value }) => [name, value] as const);
}

test("a name ends at =, : or white space, and a value keeps the space at its end", () => {
  assert.deepEqual(pairsOf("a=1\nb:2\nc 3\n d\t=\t4 \ne\nf = : 5\n"), [
    ["a", "1"],
    ["b", "2"],
    ["c", "3"],
    ["d", "4 "],
    ["e", ""],
    ["f", ": 5"],
  ]);
});

test("a backslash escapes a delimiter, a character, or the end of a line", () => {
  assert.deepEqual(pairsOf("a\\ b\\=c\\:d=\\#\\!\\n\\t\\\\\\z\ne=1,\\\n   2,\\\r\n\t3\nf=4\\"), [
    ["a b=c:d", "#!\n\t\\z"],
    ["e", "1,2,3"],
    ["f", "4"],
  ]);
});

test("comments and blank lines are no properties, and a comment is not continued", () => {
  assert.deepEqual(pairsOf("# a=1 \\\n! b=2\n\n  # c=3\nd=4 # no comment\ne=5\\\n# no comment"), [
    ["d", "4 # no comment"],
    ["e", "5# no comment"],
  ]);
});

test("bytes are ISO-8859-1, and other characters have escapes", () => {
  const bytes = Buffer.concat([Buffer.from("a="), Buffer.of(0xe4), Buffer.from(String.raw`\u00e4\u20AC`)]);
  assert.deepEqual(
    readPropertyFile(bytes)
      ?.flat()
      .map(({ value }) => value),
    ["ää€"],
  );
  for (const text of [String.raw`a=\u12`, String.raw`a=\uxyzw`, String.raw`\u=1`]) assert.equal(pairsOf(text), null, text);
});

test("a value without a name is no property, and [] at the end of a name says that it is a list", () => {
  assert.deepEqual(pairsOf("=1\n:2\nl[]=a,b\nm[0]=c"), [
    ["l", "a,b"],
    ["m[0]", "c"],
  ]);
});

test("each property has the line that it begins in", () => {
  const documents = readPropertyFile(Buffer.from("\n# x\na=1\\\n 2\nb=3"));
  assert.deepEqual(
    documents?.flat().map(({ name, line }) => `${name} ${line}`),
    ["a 3", "b 5"],
  );
});

/** How many properties each document has. */
function counts(text: string): number[] | undefined {
  return readPropertyFile(Buffer.from(text))?.map((document) => document.length);
}

test("a line of #--- or !--- alone begins a new document", () => {
  assert.deepEqual(counts("a=1\n#---\nb=2\nc=3\n!--- \t\nd=4"), [1, 2, 1]);
  assert.deepEqual(counts("#---\n\n#---\na=1\n#---\n"), [1]);
  for (const none of ["a=1\n #---\nb=2", "a=1\n#----\nb=2", "a=1\n# ---\nb=2", "a=1\n#--- x\nb=2", "a=1\n# x\n#---\nb=2"]) {
    assert.deepEqual(counts(none), [2], none);
  }
  assert.deepEqual(counts("a=1\\\n#---\nb=2"), [2]);
  assert.deepEqual(counts("a=1\n! x\n#---\nb=2"), [1, 1]);
});

test("Java reads the same out of any file", async (context) => {
  const { path: javac, missing } = await findJavac();
  if (missing !== null && process.env["CI"] === "true") throw new Error(missing);
  if (javac === null) return context.skip(missing);
  const piece = fc.constantFrom(
    ...'ab=:#!\\\\\\ \t\f\n\r"nuU04F1e1é'.split(""),
    "\r\n",
    "\\u0041",
    "\\u00",
    "\u0000",
    "\u0085",
    "\u00a0",
    "ÿ",
  );
  const files = fc.sample(
    fc.array(piece, { maxLength: 16 }).map((pieces) => pieces.join("")),
    { numRuns: 5000, seed: Number(process.env["SEED"] ?? 7) },
  );
  const source = fileURLToPath(new URL("PropertiesOracle.java", import.meta.url));
  const stdin = files.map((text) => `${Buffer.from(text, "latin1").toString("base64")}\n`).join("");
  const { exitCode, stdout, stderr } = await runProgram({ file: "java", args: [source], timeoutMs: 60_000, stdin });
  assert.equal(exitCode, 0, stderr);
  const answers = stdout.split("\n");
  for (const [index, text] of files.entries())
    assert.deepEqual(lastByName(pairsOf(text)), javaAnswer(answers[index] ?? ""), JSON.stringify(text));
});

/** Of two properties of one name the later one counts. */
function lastByName(pairs: Pairs | null): ReadonlyMap<string, string> | null {
  return pairs === null ? null : new Map(pairs);
}

function decoded(text: string): string {
  return Buffer.from(text, "base64").toString("utf16le");
}

/** Java has properties without a name, which Boot drops. */
function javaAnswer(line: string): ReadonlyMap<string, string> | null {
  if (line === "!") return null;
  const pairs = line
    .split(" ")
    .filter((pair) => pair !== "")
    .map((pair) => pair.split(":"));
  return new Map(pairs.map(([name = "", value = ""]) => [decoded(name), decoded(value)] as const).filter(([name]) => name !== ""));
}
