import assert from "node:assert/strict";
import { test } from "node:test";
import { ConfigError } from "../../../hosts/dataflow/config-error.ts";
import { propertySources } from "../../../hosts/dataflow/property-sources.ts";
import { createProperties } from "../../../hosts/dataflow/properties.ts";
import { findProperty } from "../../../hosts/dataflow/sources/property-source.ts";
import { memoryDisk } from "./sources/memory-disk.ts";

type Env = Readonly<Record<string, string>>;

function lookUp(name: string, args: readonly string[], env: Env = {}): string | undefined {
  return findProperty(propertySources({ args, env }).sources, name)?.value;
}

function inJson(name: string, json: unknown): string | undefined {
  return lookUp(name, [], { SPRING_APPLICATION_JSON: JSON.stringify(json) });
}

function messageOf(args: readonly string[], env: Env = {}): string {
  try {
    propertySources({ args, env });
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    assert.equal(error.code, "CONFIG_INVALID");
    return error.message;
  }
  return assert.fail("no ConfigError");
}

test("the command line wins over the JSON, and the JSON over the environment", () => {
  const env = {
    SPRING_APPLICATION_JSON: '{"server.port":"2","server.address":"json"}',
    SERVER_PORT: "3",
    SERVER_ADDRESS: "e",
    ROUTER_RULE: "env",
  };
  const { sources } = propertySources({ args: ["--server.port=1"], env });
  assert.deepEqual(findProperty(sources, "server.port"), { value: "1", source: "command line" });
  assert.deepEqual(findProperty(sources, "server.address"), { value: "json", source: "SPRING_APPLICATION_JSON" });
  assert.deepEqual(findProperty(sources, "router.rule"), { value: "env", source: "environment" });
  assert.equal(findProperty(sources, "router.outputs"), undefined);
});

test("a value on the command line may contain =", () => {
  assert.equal(lookUp("k", ["--k=v=w"]), "v=w");
  assert.equal(lookUp("k", ["--k=="]), "=");
});

test("an option without a value is empty", () => {
  assert.equal(lookUp("k", ["--k"]), "");
  assert.equal(lookUp("k", ["--k="]), "");
});

test("a repeated option joins its values with a comma, whatever the spelling", () => {
  assert.equal(lookUp("some-key", ["--some-key=a", "--someKey=b", "--some_key=c"]), "a,b,c");
});

test("arguments without -- are no options", () => {
  assert.equal(lookUp("k", ["k=1", "-k=1", "-", "", "k"]), undefined);
});

test("what follows a bare -- is no option", () => {
  assert.equal(lookUp("k", ["--k=1", "--", "--k=2"]), "1");
});

test("an option without a name is an error that does not show the value", () => {
  const message = messageOf(["--a=b", "--=secret"]);
  assert.match(message, /^Argument 2 .*name is missing.*--name=value$/u);
  assert.doesNotMatch(message, /secret/u);
  assert.match(messageOf(["-- =x"]), /^Argument 1 /u);
});

test("kebab case, camel case, underscores and upper case are one name", () => {
  for (const spelling of [
    "a.auto-create-topics",
    "a.autoCreateTopics",
    "a.auto_create_topics",
    "A.AUTOCREATETOPICS",
    "a.autocreatetopics",
  ]) {
    assert.equal(lookUp("a.auto-create-topics", [`--${spelling}=yes`]), "yes", spelling);
    assert.equal(inJson("a.auto-create-topics", { [spelling]: "yes" }), "yes", spelling);
  }
});

test("dots are not relaxed away", () => {
  assert.equal(lookUp("server.port", ["--serverport=1", "--server-port=1"], { SERVERPORT: "1" }), undefined);
});

test("a map key in brackets is part of the name", () => {
  assert.equal(lookUp("bindings.my.name.destination", ["--bindings[my.name].destination=t"]), "t");
  assert.equal(lookUp("bindings.even.destination", ["--bindings.[even].destination=t"]), "t");
});

test("brackets that are never closed are part of the name, however many there are", () => {
  const name = `a${"[".repeat(200_000)}`;
  assert.equal(lookUp(name, [`--${name}=1`]), "1");
});

test("environment variables are found in the forms of shells, Data Flow's shell style and docker -e", () => {
  const name = "spring.cloud.stream.kafka.binder.auto-create-topics";
  for (const variable of [
    "SPRING_CLOUD_STREAM_KAFKA_BINDER_AUTOCREATETOPICS",
    "SPRING_CLOUD_STREAM_KAFKA_BINDER_AUTO_CREATE_TOPICS",
    "SPRING_CLOUD_STREAM_KAFKA_BINDER_AUTO-CREATE-TOPICS",
    "spring_cloud_stream_kafka_binder_autocreatetopics",
    "spring.cloud.stream.kafka.binder.auto-create-topics",
    "spring.cloud.stream.kafka.binder.autoCreateTopics",
  ]) {
    assert.equal(lookUp(name, [], { [variable]: "no" }), "no", variable);
  }
});

test("an output with a hyphen is found in the environment with it, without it, and with an underscore", () => {
  for (const variable of [
    "SPRING_BINDINGS_EVEN-OUT_DESTINATION",
    "SPRING_BINDINGS_EVENOUT_DESTINATION",
    "SPRING_BINDINGS_EVEN_OUT_DESTINATION",
  ]) {
    assert.equal(lookUp("spring.bindings.even-out.destination", [], { [variable]: "t" }), "t", variable);
  }
});

test("of several forms in the environment the dotted one counts, then the canonical one, in any order", () => {
  const forms: Env = { A_B_C: "legacy", A_BC: "canonical", "a.b-c": "dotted" };
  assert.equal(lookUp("a.b-c", [], forms), "dotted");
  assert.equal(lookUp("a.b-c", [], { A_B_C: "legacy", A_BC: "canonical" }), "canonical");
  assert.equal(lookUp("a.b-c", [], { a_bc: "lower", A_BC: "upper" }), "upper");
  assert.equal(lookUp("a.b-c", [], { A_BC: "upper", a_bc: "lower" }), "upper");
});

test("a variable that is asked for by its very name is that one, whatever else is spelt alike", () => {
  const env = { AB: "squeezed", A_B: "exact" };
  assert.equal(lookUp("A_B", [], env), "exact");
  assert.equal(lookUp("AB", [], env), "squeezed");
  const { sources } = propertySources({ args: ["--k=${A_B}-${AB}"], env });
  assert.equal(createProperties(sources).find("k")?.value, "exact-squeezed");
});

test("what Kubernetes sets for a Service called server is not our port", () => {
  for (const link of ["tcp://10.0.0.1:80", "udp://10.0.0.1:53", "sctp://10.0.0.1:1"]) {
    assert.equal(lookUp("server.port", [], { SERVER_PORT: link }), undefined);
  }
  assert.equal(lookUp("server.port", [], { SERVER_PORT: "tcp://10.0.0.1:80", "server.port": "81" }), "81");
  assert.equal(lookUp("server.port", ["--server.port=tcp://10.0.0.1:80"]), "tcp://10.0.0.1:80");
});

test("nested JSON is flattened, and dotted keys are as good", () => {
  assert.equal(inJson("a.b.c", { a: { "b.c": "1" } }), "1");
  assert.equal(inJson("a.b.c", { a: { b: { c: 1 } } }), "1");
  assert.equal(inJson("a.b.c", { "a.b.c": true }), "true");
});

test("a JSON key may be a leaf and a parent at once", () => {
  const json = { "tags.application": "x", "tags.application.guid": "y" };
  assert.equal(inJson("tags.application", json), "x");
  assert.equal(inJson("tags.application.guid", json), "y");
});

test("in any source a name may be a leaf and a parent at once", () => {
  const [leaf, child] = ["tags.application", "tags.application.guid"];
  const disk = memoryDisk({ "application.properties": `${leaf}=x\n${child}=y` });
  for (const [args, env] of [
    [[`--${leaf}=x`, `--${child}=y`], {}],
    [[], { TAGS_APPLICATION: "x", TAGS_APPLICATION_GUID: "y" }],
    [[], { [leaf]: "x", [child]: "y" }],
    [[], {}],
  ] as const) {
    const { sources } = propertySources({ args, env, disk });
    assert.deepEqual([findProperty(sources, leaf)?.value, findProperty(sources, child)?.value], ["x", "y"]);
  }
});

test("a null in the JSON leaves the property to the next source", () => {
  assert.equal(lookUp("k", [], { SPRING_APPLICATION_JSON: '{"k":null}', K: "env" }), "env");
});

test("lists may be given as a comma list, as a JSON array, or element by element", () => {
  assert.equal(inJson("l", { l: "a,b" }), "a,b");
  assert.equal(inJson("l", { l: ["a", "b"] }), "a,b");
  assert.equal(inJson("l", { l: [] }), "");
  assert.equal(lookUp("l", ["--l[1]=b", "--l[0]=a"]), "a,b");
  assert.equal(lookUp("l", [], { L_0: "a", L_1: "b" }), "a,b");
  assert.equal(lookUp("l", ["--l[0]=a"], { L_1: "b" }), "a");
});

test("the JSON may be an argument, which then replaces the variable", () => {
  const env = { SPRING_APPLICATION_JSON: '{"a":"env","b":"env"}' };
  assert.equal(lookUp("a", ['--spring.application.json={"a":"arg"}'], env), "arg");
  assert.equal(lookUp("b", ['--spring.application.json={"a":"arg"}'], env), undefined);
  assert.equal(lookUp("a", ['--SPRING_APPLICATION_JSON={"a":"arg"}'], env), "arg");
  assert.equal(lookUp("a", [], { "spring.application.json": '{"a":"dotted"}' }), "dotted");
});

test("an empty JSON text counts as none", () => {
  assert.equal(lookUp("a", [], { SPRING_APPLICATION_JSON: " " }), undefined);
  assert.equal(lookUp("a", ["--spring.application.json="], { SPRING_APPLICATION_JSON: '{"a":"1"}' }), "1");
});

test("JSON that is no object is an error that names SPRING_APPLICATION_JSON and shows nothing of it", () => {
  for (const [json, kind] of [
    ["null", /holds null/u],
    ['["secret"]', /holds a list/u],
    ['"secret"', /holds a string/u],
    ["1", /holds a number/u],
  ] as const) {
    const message = messageOf([], { SPRING_APPLICATION_JSON: json });
    assert.match(message, /^SPRING_APPLICATION_JSON holds .*one JSON object/u);
    assert.match(message, kind);
    assert.doesNotMatch(message, /secret/u);
  }
});

test("JSON that does not parse is an error in one line that shows nothing of it", () => {
  for (const json of ["{secret", '{"a":"secret"', '{"a":"secret"\n,}', "secret", '{"k": "sec\nret"}']) {
    const message = messageOf([], { SPRING_APPLICATION_JSON: json });
    assert.match(message, /^SPRING_APPLICATION_JSON is not valid JSON.*one JSON object/u);
    assert.doesNotMatch(message, /secret|sec\\nret|\n/u);
  }
});

function nested(levels: number): string {
  return `${'{"a":'.repeat(levels)}"x"${"}".repeat(levels)}`;
}

test("JSON of 32 levels is read and of 33 refused", () => {
  assert.equal(lookUp(Array(32).fill("a").join("."), [], { SPRING_APPLICATION_JSON: nested(32) }), "x");
  assert.match(messageOf([], { SPRING_APPLICATION_JSON: nested(33) }), /more than 32 levels/u);
  assert.match(messageOf([], { SPRING_APPLICATION_JSON: `{"a":${"[".repeat(50_000)}${"]".repeat(50_000)}}` }), /more than 32 levels/u);
});

test("names from JavaScript's object prototype are names like any other", () => {
  assert.equal(lookUp("constructor", []), undefined);
  assert.equal(lookUp("k", [], { SPRING_APPLICATION_JSON: '{"__proto__":{"k":"1"}}' }), undefined);
  assert.equal(({} as Record<string, unknown>)["k"], undefined);
});

test("the four characters that Data Flow makes of an empty value are an empty value", () => {
  assert.equal(lookUp("k", [String.raw`--k=\"\"`]), "");
});

test("the keys of a map are listed from each source", () => {
  const env = {
    SPRING_APPLICATION_JSON: '{"router":{"prefix":{"even":"a"}}}',
    ROUTER_PREFIX_MY_OUT: "b",
    "router.prefix.Odd": "c",
    ROUTER_PREFIX: "d",
  };
  const { sources } = propertySources({ args: ["--router.prefix.a.b=1", "--router.prefix[x]=1", "--router.prefixes.y=1"], env });
  assert.deepEqual(
    sources.map((source) => source.keysUnder("router.prefix")).filter((keys) => keys.length > 0),
    [["a.b", "x"], ["even"], ["Odd", "my_out"]],
  );
});

test("placeholders are resolved in every source, by all of them", () => {
  const text = "${a:${b:c}}";
  const env = { IN_ENVIRONMENT: text, SPRING_APPLICATION_JSON: JSON.stringify({ "in-json": text }) };
  const disk = memoryDisk({ "application.properties": `in-file=${text}`, "/tree/in-tree": text });
  const value = (name: string, ...args: readonly string[]): string | undefined => {
    const all = ["--spring.config.import=configtree:/tree/", `--in-args=${text}`, ...args];
    return createProperties(propertySources({ args: all, env, disk }).sources).find(name)?.value;
  };
  for (const name of ["in-args", "in-json", "in-environment", "in-file", "in-tree"]) {
    assert.equal(value(name), "c", name);
    assert.equal(value(name, "--b=2"), "2", name);
    assert.equal(value(name, "--b=2", "--a=${b}1"), "21", name);
  }
});

function random(kind: string): string {
  const { sources } = propertySources({ args: [`--k=\${random.${kind}}`], env: {} });
  return createProperties(sources).find("k")?.value ?? "";
}

test("random values have Boot's names, and the range that is asked for", () => {
  assert.match(random("uuid"), /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/u);
  assert.match(random("value"), /^[0-9a-f]{32}$/u);
  assert.match(random("int"), /^-?\d{1,10}$/u);
  assert.match(random("long"), /^-?\d{1,19}$/u);
  assert.equal(random("int(1)"), "0");
  assert.equal(random("int[8,9]"), "8");
  assert.equal(random("long(-9,-8)"), "-9");
  for (const none of ["int(0)", "int[9,9]", "int[9,8]", "long(281474976710656)", "int(99999999999999999999)"]) {
    assert.throws(() => random(none), /has no range of numbers; allowed: int\(10\)/u, none);
  }
  assert.equal(lookUp("random", []), undefined);
});
