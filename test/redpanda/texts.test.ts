/** The guest's texts are bytes, so that none takes more room than it needs; this holds them to what is said of them. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

for (const [file, list] of [
  ["texts", "TEXTS"],
  ["texts-timestamp", "TIMESTAMP_TEXTS"],
] as const) {
  test(`the bytes of the guest's ${file} spell the comments of their list`, () => {
    const source = readFileSync(new URL(`../../hosts/redpanda/guest/${file}.ts`, import.meta.url), "utf8");
    const said = Array.from(source.matchAll(/^ {2}\/\*\* (".*") \*\/\n {2}\w+,$/gm), ([, literal = ""]) => JSON.parse(literal) as string);
    const wanted = Array.from(Buffer.from(said.map((text) => `${text}\0`).join("")), (byte) => `0x${byte.toString(16).padStart(2, "0")}`);
    const listed = new RegExp(`const ${list}: usize = memory\\.data<u8>\\(\\[([^\\]]*)\\]\\)`).exec(source)?.[1] ?? "";
    assert.ok(said.length > 0);
    assert.equal(listed.replaceAll(/\s+/g, " ").trim(), `${wanted.join(", ")},`);
  });
}
