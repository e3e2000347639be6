import assert from "node:assert/strict";
import { test } from "node:test";
import { placeInRule, ruleTextOf } from "../../hosts/rule.ts";

const text = "rule=last-digit\noutputs=a,b\nprefix.a=é\\q\nprefix.b=";

function at(fragment: string, offset = 0): number {
  return Buffer.from(text.slice(0, text.indexOf(fragment))).length + offset;
}

test("only what was set has a line, and prefixes come last", () => {
  assert.equal(
    ruleTextOf({ "router.prefix.b": " x ", "router.rule": "last-digit", "router.outputs": ["b", "a"], "router.unroutable": "a" }),
    "rule=last-digit\noutputs=b,a\nunroutable=a\nprefix.b= x ",
  );
  assert.equal(ruleTextOf({ "router.outputs": undefined }), "");
});

test("a list is its items with commas between them, and a number its digits", () => {
  const rule = { "router.rule": "timestamp", "router.timestamp.divide": 15, "router.table": ["0:even", "1-3:odd"] };
  assert.equal(ruleTextOf(rule), "rule=timestamp\ntimestamp.divide=15\ntable=0:even,1-3:odd");
});

test("a place in a key with dots of its own has the whole property", () => {
  const shifts = "rule=timestamp\ntimestamp.format=HH [mm]";
  assert.deepEqual(placeInRule(shifts, shifts.indexOf("[")), { property: "router.timestamp.format", column: 4 });
});

test("a byte of a value leads to its property and the character in the value", () => {
  assert.deepEqual(placeInRule(text, at("last-digit")), { property: "router.rule", column: 1 });
  assert.deepEqual(placeInRule(text, at("digit")), { property: "router.rule", column: 6 });
  assert.deepEqual(placeInRule(text, at(",b")), { property: "router.outputs", column: 2 });
});

test("a column counts characters, not bytes", () => {
  assert.deepEqual(placeInRule(text, at("é")), { property: "router.prefix.a", column: 1 });
  assert.deepEqual(placeInRule(text, at("é", 1)), { property: "router.prefix.a", column: 1 });
  assert.deepEqual(placeInRule(text, at("\\q")), { property: "router.prefix.a", column: 2 });
  assert.deepEqual(placeInRule(text, at("q")), { property: "router.prefix.a", column: 3 });
});

test("an offset at the end of a line is the place behind the value's last character", () => {
  assert.deepEqual(placeInRule(text, at("\noutputs")), { property: "router.rule", column: 11 });
  assert.deepEqual(placeInRule(text, at("\nprefix.b")), { property: "router.prefix.a", column: 4 });
  assert.deepEqual(placeInRule(text, Buffer.from(text).length), { property: "router.prefix.b", column: 1 });
});

test("an offset in a name has column 0", () => {
  assert.deepEqual(placeInRule(text, 0), { property: "router.rule", column: 0 });
  assert.deepEqual(placeInRule(text, at("outputs")), { property: "router.outputs", column: 0 });
  assert.deepEqual(placeInRule(text, at("=a,b")), { property: "router.outputs", column: 0 });
});

test("an = in a value belongs to the value", () => {
  assert.deepEqual(placeInRule("prefix.a=x=y", 10), { property: "router.prefix.a", column: 2 });
});

test("an offset outside of the text is taken for its nearest end", () => {
  assert.deepEqual(placeInRule(text, -5), { property: "router.rule", column: 0 });
  assert.deepEqual(placeInRule(text, 9999), { property: "router.prefix.b", column: 1 });
  assert.deepEqual(placeInRule("", 0), { property: "router.rule", column: 0 });
});
