import assert from "node:assert/strict";
import { test } from "node:test";
import { propertiesTable } from "../../../hosts/dataflow/properties-table.ts";
import { PROPERTIES } from "../../../hosts/dataflow/schema.ts";

test("every property has one row of three cells", () => {
  const rows = propertiesTable().trimEnd().split("\n");
  assert.equal(rows.length, Object.keys(PROPERTIES).length + 2);
  for (const row of rows) assert.match(row, /^\| [^|]+ \| [^|]+ \| [^|]+ \|$/u);
});

test("every default passes its own check", () => {
  for (const property of Object.values(PROPERTIES)) {
    if (property.default !== null) assert.ok("value" in property.readText(property.default), property.name);
  }
});

test("every name is canonical, unique and described in one sentence", () => {
  const names = Object.values(PROPERTIES).map(({ name }) => name);
  assert.equal(new Set(names).size, names.length);
  for (const { name, description } of Object.values(PROPERTIES)) {
    assert.match(name, /^[a-z<>-]+(?:\.[a-z<>-]+)+$/u);
    assert.match(description, /^[A-Z].*\.$/u);
  }
});
