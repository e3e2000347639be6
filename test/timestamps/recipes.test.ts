import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import test from "node:test";
import { Router } from "../../hosts/embed.ts";
import { ruleTextOf, type RuleProperties } from "../../hosts/rule.ts";
import { coreModule } from "../core-module.ts";

const PAGE = readFileSync(new URL("../../docs/timestamps.md", import.meta.url), "utf8");
/** A heading, the properties, and the lines of a value and its output. */
const RECIPE = /^### ([^\n]+)$[^#]*?^```properties\n(.+?)^```\n\n```text\n(.+?)^```$/gmsu;

const recipes = Array.from(PAGE.matchAll(RECIPE), ([, title = "", properties = "", lines = ""]) => ({ title, properties, lines }));

test("each recipe of the page has properties and values", () => {
  assert.equal(recipes.length, PAGE.match(/^### /gmu)?.length);
});

for (const { title, properties, lines } of recipes) {
  test(`${title}: each value goes where the page says`, () => {
    const rule = Object.fromEntries(
      properties
        .trimEnd()
        .split("\n")
        .map((line) => [line.slice(0, line.indexOf("=")), line.slice(line.indexOf("=") + 1)]),
    ) as RuleProperties;
    const router = new Router(coreModule(), ruleTextOf(rule));
    for (const line of lines.trimEnd().split("\n")) {
      const [value = "", place = ""] = line.split(/ {2,}/u);
      const decision = router.route(value);
      const found = "output" in decision ? decision.output : `unroutable: ${decision.reason} at byte ${decision.byteOffset}`;
      assert.equal(found, place, value);
    }
  });
}
