import assert from "node:assert/strict";
import { test } from "node:test";
import { buildRuleText, propertyOfRuleLine } from "../../../hosts/dataflow/rule-text.ts";

const text = "rule=last-digit\noutputs=a,b\nprefix.a=é\\q\nprefix.b=";

function at(fragment: string, offset = 0): number {
  return Buffer.from(text.slice(0, text.indexOf(fragment))).length + offset;
}

test("only what was set has a line, in the core's order", () => {
  const prefixes = new Map([
    ["b", " x "],
    ["a", ""],
  ]);
  assert.equal(
    buildRuleText({ rule: "last-digit", outputs: ["b", "a"], unroutable: "a", prefixes }),
    "rule=last-digit\noutputs=b,a\nunroutable=a\nprefix.b= x \nprefix.a=",
  );
  assert.equal(buildRuleText({ rule: null, outputs: null, unroutable: null, prefixes: new Map() }), "");
});

test("a byte of a value leads to its property and the character in the value", () => {
  assert.deepEqual(propertyOfRuleLine(text, at("last-digit")), { property: "router.rule", column: 1 });
  assert.deepEqual(propertyOfRuleLine(text, at("digit")), { property: "router.rule", column: 6 });
  assert.deepEqual(propertyOfRuleLine(text, at(",b")), { property: "router.outputs", column: 2 });
});

test("a column counts characters, not bytes", () => {
  assert.deepEqual(propertyOfRuleLine(text, at("é")), { property: "router.prefix.a", column: 1 });
  assert.deepEqual(propertyOfRuleLine(text, at("é", 1)), { property: "router.prefix.a", column: 1 });
  assert.deepEqual(propertyOfRuleLine(text, at("\\q")), { property: "router.prefix.a", column: 2 });
  assert.deepEqual(propertyOfRuleLine(text, at("q")), { property: "router.prefix.a", column: 3 });
});

test("an offset at the end of a line is the place behind the value's last character", () => {
  assert.deepEqual(propertyOfRuleLine(text, at("\noutputs")), { property: "router.rule", column: 11 });
  assert.deepEqual(propertyOfRuleLine(text, at("\nprefix.b")), { property: "router.prefix.a", column: 4 });
  assert.deepEqual(propertyOfRuleLine(text, Buffer.from(text).length), { property: "router.prefix.b", column: 1 });
});

test("an offset in a name has column 0", () => {
  assert.deepEqual(propertyOfRuleLine(text, 0), { property: "router.rule", column: 0 });
  assert.deepEqual(propertyOfRuleLine(text, at("outputs")), { property: "router.outputs", column: 0 });
  assert.deepEqual(propertyOfRuleLine(text, at("=a,b")), { property: "router.outputs", column: 0 });
});

test("an = in a value belongs to the value", () => {
  assert.deepEqual(propertyOfRuleLine("prefix.a=x=y", 10), { property: "router.prefix.a", column: 2 });
});

test("an offset outside of the text is taken for its nearest end", () => {
  assert.deepEqual(propertyOfRuleLine(text, -5), { property: "router.rule", column: 0 });
  assert.deepEqual(propertyOfRuleLine(text, 9999), { property: "router.prefix.b", column: 1 });
  assert.deepEqual(propertyOfRuleLine("", 0), { property: "router.rule", column: 0 });
});
