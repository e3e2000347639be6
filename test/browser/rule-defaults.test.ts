/** The defaults that the page writes down, held to the core, which has them by itself. */
import assert from "node:assert/strict";
import test from "node:test";
import { DEFAULTS, DEFAULT_PREFIXES, settingOf } from "../../hosts/browser/rule-defaults.ts";
import { Router } from "../../hosts/embed.ts";
import { ruleTextOf, type RuleProperties } from "../../hosts/rule.ts";
import { bytesOf } from "../bytes.ts";
import { coreModule } from "../core-module.ts";

const VALUES = ["11/21/26 10:15:36", "11/21/26 10:16:37", "11/21/26 10:15:38", "2026-11-21T23:30:01.002Z", "4", "7", "noon", ""];

/** What the core makes of the values, as text. */
function routed(rule: RuleProperties): readonly string[] {
  const router = new Router(coreModule(), ruleTextOf(rule));
  const decisions = VALUES.map((value) => router.route(value));
  return decisions.map((one) =>
    "output" in one ? `${one.output} ${new TextDecoder().decode(one.value)}` : `${one.reason} ${one.byteOffset}`,
  );
}

test("the outputs that are there by default, and their prefixes, are the core's", () => {
  const { outputs } = new Router(coreModule());
  assert.deepEqual(DEFAULTS["router.outputs"].split(","), outputs);
  assert.deepEqual([...DEFAULT_PREFIXES.keys()], outputs);
  const prefixes = ["0", "1"].map((digit) => new Router(coreModule()).route(digit));
  assert.deepEqual(
    prefixes.map((decision) => "output" in decision && decision.value),
    Array.from(DEFAULT_PREFIXES.values(), (prefix, index) => bytesOf(`${prefix}${index}`)),
  );
});

const RULES: readonly RuleProperties[] = [
  { "router.rule": "timestamp" },
  // Seconds of the minute and of the epoch are both even or both odd, but they leave different remainders of seven.
  { "router.rule": "timestamp", "router.outputs": "a,b,c,d,e,f,g" },
  { "router.rule": "timestamp", "router.timestamp.field": "hour" },
  { "router.rule": "timestamp", "router.timestamp.field": "hour", "router.timestamp.format": "iso-8601" },
];

for (const [property, text] of Object.entries(DEFAULTS)) {
  test(`to the core, ${property}=${text} and no ${property} are the same`, () => {
    const rules = property.startsWith("router.timestamp.") ? RULES.filter((rule) => !(property in rule)) : [{}];
    for (const rule of rules) assert.deepEqual(routed({ ...rule, [property]: text }), routed(rule));
  });
}

test("a property that is set is not as by default, and one that is undefined is", () => {
  assert.equal(settingOf({ "router.timestamp.format": "iso-8601" }, "router.timestamp.format"), "iso-8601");
  assert.equal(settingOf({ "router.timestamp.format": undefined }, "router.timestamp.format"), DEFAULTS["router.timestamp.format"]);
  assert.equal(settingOf({ "router.outputs": ["a", "b"], "router.timestamp.divide": 7 }, "router.outputs"), "a,b");
});
