import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { negotiate } from "../../../hosts/dataflow/media-types.ts";
import { check } from "../../property.ts";

const V3 = "application/vnd.spring-boot.actuator.v3+json";
const V2 = "application/vnd.spring-boot.actuator.v2+json";
const JSON_TYPE = "application/json";

function chosen(accept: string | undefined): string | null {
  return negotiate(accept, [V3, V2, JSON_TYPE]);
}

test("no header, an empty one and wildcards take the first type", () => {
  for (const accept of [
    undefined,
    "",
    " ",
    "*/*",
    "*",
    "application/*",
    "text/html, */*;q=0.1",
    "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
  ]) {
    assert.equal(chosen(accept), V3, accept);
  }
});

test("a type by its name is taken, whatever its case and parameters", () => {
  assert.equal(chosen("application/json"), JSON_TYPE);
  assert.equal(chosen("Application/JSON; charset=utf-8"), JSON_TYPE);
  assert.equal(chosen(V2), V2);
});

test("a suffix range takes types with the suffix only", () => {
  assert.equal(chosen("application/*+json"), V3);
  assert.equal(negotiate("application/*+json", [JSON_TYPE]), null);
  assert.equal(chosen("application/*+xml"), null);
});

test("what Data Flow's deployer sends asks for application/json", () => {
  assert.equal(chosen("text/plain, application/json, application/*+json, */*"), JSON_TYPE);
});

test("a higher quality goes first, and the header's order decides between equal ones", () => {
  assert.equal(chosen(`application/json;q=0.5, ${V2};q=0.9`), V2);
  assert.equal(chosen(`application/json;q=0.5, ${V2};q=0.500`), JSON_TYPE);
  assert.equal(chosen("*/*;q=0.1, application/json;q=0.2"), JSON_TYPE);
});

test("a type of quality 0 is refused even when a wildcard takes it", () => {
  assert.equal(chosen(`${V3};q=0, */*`), V2);
  assert.equal(chosen("application/json;q=0"), null);
  assert.equal(chosen("*/*;q=0.000"), null);
});

test("what takes none of the types, or makes no sense, takes nothing", () => {
  for (const accept of [
    "text/html",
    "foo",
    "application/json;q=2",
    "application/json;q=x",
    "application/json;q=",
    "*/json",
    ",",
    "text/*",
  ]) {
    assert.equal(chosen(accept), null, accept);
  }
});

test("a range takes the types below it, and no others", () => {
  assert.equal(negotiate("text/*", [JSON_TYPE, "text/plain"]), "text/plain");
  assert.equal(chosen("app/*"), null);
});

const range = fc.constantFrom(V3, V2, JSON_TYPE, "*/*", "application/*", "application/*+json", "text/html", "text/*", "nonsense");
const quality = fc.constantFrom("", ";q=0", ";q=0.5", ";q=1", ";q=0.25;x=y", "; charset=utf-8 ; q=0.75", ";q=high");
const header = fc.array(fc.tuple(range, quality), { minLength: 1, maxLength: 6 });

function written(ranges: readonly (readonly [string, string])[]): string {
  return ranges.map(([type, parameters]) => type + parameters).join(", ");
}

test("what is chosen is on offer and not refused, and nothing is only where nothing is taken", () => {
  check(
    fc.property(header, (ranges) => {
      const taken = chosen(written(ranges));
      const refused = new Set<string>(ranges.filter(([, parameters]) => /q=(?:0$|high)/u.test(parameters)).map(([type]) => type));
      if (taken !== null) assert.ok([V3, V2, JSON_TYPE].includes(taken) && !refused.has(taken));
      const isRefusedWhole = [V3, V2, JSON_TYPE].every((type) => refused.has(type));
      if (taken === null) assert.equal(chosen(`${written(ranges)}, */*;q=0.001`) === null, isRefusedWhole);
    }),
  );
});

test("neither letter case nor spaces change what is chosen, and a range behind the others of no more quality does not either", () => {
  check(
    fc.property(header, (ranges) => {
      const taken = chosen(written(ranges));
      assert.equal(chosen(written(ranges).toUpperCase()), taken);
      assert.equal(chosen(written(ranges).replaceAll(/[,;]/gu, " $& ")), taken);
      if (taken !== null) assert.equal(chosen(`${written(ranges)}, */*;q=0.001`), taken);
    }),
  );
});
