import assert from "node:assert/strict";
import { test } from "node:test";
import { parseJaas } from "../../../hosts/dataflow/jaas.ts";

/** The options of a login, or the fault. */
function options(text: string): Readonly<Record<string, string>> | string {
  const login = parseJaas(text);
  return "fault" in login ? login.fault : Object.fromEntries(login.options);
}

test("a login has a module, a flag and options in either quotes or none", () => {
  const login = parseJaas(`a.b.PlainLoginModule required\n  username="alice" password='p w' flag=true;\n`);
  assert.ok(!("fault" in login));
  assert.equal(login.module, "a.b.PlainLoginModule");
  assert.deepEqual(
    [...login.options],
    [
      ["username", "alice"],
      ["password", "p w"],
      ["flag", "true"],
    ],
  );
});

test("in quotes a backslash is Java's: for quotes, control characters and octal digits, and before anything else it goes", () => {
  assert.deepEqual(options(String.raw`M required a="\"\\\n\t\101\7x\q;=";`), { a: '"\\\n\tA\u0007xq;=' });
  assert.deepEqual(options(String.raw`M REQUIRED a='it\'s';`), { a: "it's" });
});

test("comments are left out, but not from what is quoted", () => {
  assert.deepEqual(options('M /* a="1" */ required // b="2"\n c="//3/*4*/" ;'), { c: "//3/*4*/" });
});

test("a text that is no login is refused with its place, and without anything of it", () => {
  const faults: readonly (readonly [text: string, fault: RegExp])[] = [
    ["", /^does not begin with a login module's class$/u],
    ['"M" required;', /^does not begin with a login module's class$/u],
    ['M username="hide";', /^has no required behind the login module$/u],
    ['M required username="hide"', /^does not end with a semicolon$/u],
    ['M required username="hide" password hide;', /^is not name="value" in option 2$/u],
    ["M required username=;", /^is not name="value" in option 1$/u],
    ['M required username="hide;', /^has a character where none of its parts can begin/u],
    ["M required password=hide!;", /^has a character where none of its parts can begin/u],
    ['M required a="hide"; N required b="hide";', /^goes on behind its semicolon/u],
  ];
  for (const [text, fault] of faults) {
    const found = options(text);
    assert.ok(typeof found === "string", text);
    assert.match(found, fault, text);
    assert.doesNotMatch(found, /hide/u);
  }
});
