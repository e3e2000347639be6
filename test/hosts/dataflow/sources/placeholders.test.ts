import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../../hosts/dataflow/config-error.ts";
import { createResolver, type ResolvedProperty } from "../../../../hosts/dataflow/sources/placeholders.ts";

type Values = Readonly<Record<string, string>>;

/** What the text resolves to as the value of the property `p`, among others. */
function resolved(text: string, others: Values = {}): ResolvedProperty {
  const valueByName = new Map(Object.entries({ ...others, p: text }));
  const find = (name: string) => {
    const found = valueByName.get(name);
    return found === undefined ? undefined : { value: found, source: "test" };
  };
  return createResolver(find)("p", { value: text, source: "test" });
}

function value(text: string, others: Values = {}): string {
  return resolved(text, others).value;
}

function fault(text: string, others: Values = {}): string {
  try {
    resolved(text, others);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return assert.fail(`no ConfigError for ${text}`);
}

test("a placeholder stands for the property that it names", () => {
  assert.equal(value("${a}", { a: "1" }), "1");
  assert.equal(value("x-${a}-${b}-y", { a: "1", b: "" }), "x-1--y");
});

test("a default counts where the property is not set, and not where it is empty", () => {
  assert.equal(value("${a:d}"), "d");
  assert.equal(value("${a:}"), "");
  assert.equal(value("${a:d}", { a: "" }), "");
  assert.equal(value("${a: d }"), " d ");
});

test("a default may have colons, braces and placeholders in it", () => {
  assert.equal(value("${a:http://h:1/}"), "http://h:1/");
  assert.equal(value('${a:{"k":{}}}'), '{"k":{}}');
  assert.equal(value("${a:{b}}c", { a: "1" }), "1c");
  assert.equal(value("${a:${b:c}}"), "c");
  assert.equal(value("${a:${b:c}}", { b: "2" }), "2");
  assert.equal(value("${a:x${b}y${c:z}}!", { b: "2" }), "x2yz!");
});

test("a name may have placeholders in it", () => {
  assert.equal(value("${a.${b}}", { b: "c", "a.c": "3" }), "3");
  assert.equal(value("${${b}:d}", { b: "a" }), "d");
  assert.equal(value("${${b:a}.x:d}", { "a.x": "4" }), "4");
});

test("what a placeholder stands for may have placeholders in it", () => {
  assert.equal(value("${a}", { a: "${b}-${b}", b: "${c:5}" }), "5-5");
});

test("what Data Flow sends as it is written is resolved", () => {
  const stream = { "spring.cloud.dataflow.stream.app.label": "router" };
  assert.equal(value("${vcap.application.application_name:${spring.cloud.dataflow.stream.app.label:unknown}}", stream), "router");
  assert.equal(value("${vcap.application.instance_index:${spring.cloud.stream.instanceIndex:0}}"), "0");
});

test("a backslash before a placeholder, or before the colon in a name, makes it plain text", () => {
  assert.equal(value(String.raw`\${a}`), "${a}");
  assert.equal(value(String.raw`\${a}`, { a: "1" }), "${a}");
  assert.equal(value(String.raw`\${a:${"${b}"}}`, { b: "2" }), "${a:2}");
  assert.equal(value(String.raw`${"${a:"}\${b}}`, { b: "2" }), "${b}");
  assert.equal(value(String.raw`${"${a"}\:b:d}`), "d");
  assert.equal(value(String.raw`${"${a"}\:b}`, { "a:b": "1" }), "1");
});

test("a backslash anywhere else stays", () => {
  assert.equal(value(String.raw`\a \\ \:${"${a"}:\:}`), String.raw`\a \\ \:\:`);
});

test("what is no whole placeholder is plain text", () => {
  for (const text of ["${", "${a", "a}", "$", "$a", "{a}", "$ {a}", "}${", "#{a}", "$(a)"]) assert.equal(value(text, { a: "1" }), text);
  assert.equal(value("${a ${a}", { a: "1" }), "${a 1");
  assert.equal(value("$${a}", { a: "1" }), "$1");
});

test("a placeholder without a value is an error that names it and what to do", () => {
  assert.equal(
    fault("a-${b}"),
    "p (from test): Could not resolve placeholder 'b' in value \"a-${b}\"; allowed: a property that is set, a default as in ${name:default}, or \\${ for a plain ${",
  );
  assert.match(fault("${}"), /^p \(from test\): Could not resolve placeholder ''/u);
  assert.match(fault("${a:${b}}"), /Could not resolve placeholder 'b'/u);
  assert.match(fault("${a}", { a: "${b}", b: "${c}" }), /'c' in value "\$\{c\}" \(through p -> a -> b\); allowed/u);
});

test("a placeholder that leads back to itself is an error that names the way", () => {
  assert.equal(fault("${p}"), "p (from test): Circular placeholder reference 'p': p -> p");
  assert.match(fault("${a}", { a: "${b}", b: "${c:x}", c: "${a}" }), /Circular placeholder reference 'a': p -> a -> b -> c -> a/u);
  assert.match(fault("${P}", { P: "${p}" }), /Circular/u, "two spellings of one name");
});

test("a property that is used twice is no circle", () => {
  assert.equal(value("${a}${b}", { a: "${c}", b: "${c}", c: "1" }), "11");
});

test("a value is a secret when it comes from a secret by whatever way", () => {
  assert.equal(resolved("${a}", { a: "1" }).isSecret, false);
  assert.equal(resolved("x${db.password}", { "db.password": "1" }).isSecret, true);
  assert.equal(resolved("${a}", { a: "${b}", b: "${api.token}", "api.token": "1" }).isSecret, true);
  assert.equal(resolved("${a:${api.token}}", { "api.token": "1" }).isSecret, true);
  assert.equal(resolved("${a:${api.token}}", { a: "1", "api.token": "1" }).isSecret, false);
});

test("an error about a secret does not show its value", () => {
  const message = fault("${my.password}", { "my.password": "abc${nope}" });
  assert.doesNotMatch(message, /abc/u);
  assert.match(message, /Could not resolve placeholder 'nope' in value \*{6} \(/u);
  assert.doesNotMatch(fault("${x.${my.password}}", { "my.password": "abc" }), /abc/u);
});

test("values that double one another end at a million characters, and soon", () => {
  const doubling = Object.fromEntries(
    Array.from({ length: 30 }, (_, level) => [`a${level}`, "${a" + (level + 1) + "}${a" + (level + 1) + "}"]),
  );
  assert.match(fault("${a0}", { ...doubling, a30: "x" }), /more than 1048576 characters/u);
  assert.match(fault("${a0}", { ...doubling, a30: "${a31}", a31: "${a32}", a32: "" }), /more than 32 properties/u);
  assert.equal(value("${a1}", { ...doubling, a30: "" }), "");
});

test("a long value that is asked for very often ends there as well, before there is no text so long", () => {
  assert.match(fault("${a}".repeat(1000), { a: "x".repeat(1_000_000) }), /more than 1048576 characters/u);
});

function deep(levels: number): string {
  return `${"${a:".repeat(levels)}x${"}".repeat(levels)}`;
}

test("placeholders 32 deep are resolved, and deeper ones refused", () => {
  assert.equal(value(deep(32)), "x");
  assert.match(fault(deep(33)), /more than 32 deep/u);
  assert.match(fault(deep(100_000)), /more than 32 deep/u);
  assert.equal(value("${".repeat(100_000)), "${".repeat(100_000));
});
