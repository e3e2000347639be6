/** What the installed package does beyond routing: rules of properties, errors, routers side by side. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { Worker } from "node:worker_threads";
import type { RuleProperties } from "../../hosts/rule.ts";
import { literalOf } from "../bytes.ts";
import { core, entry, INSTALLED, PROJECT } from "./packed.ts";

const CORE = readFileSync(join(INSTALLED, "core.wasm"));

/** Returns what a rule makes of a value: the output and the bytes, or the reason. */
function routed(rule: RuleProperties | string | undefined, value: string): string {
  const decision = entry.createRouter(rule).route(value);
  return "reason" in decision ? decision.reason : `${decision.output}: ${literalOf(decision.value)}`;
}

test("a router without a rule has the default one", () => {
  assert.deepEqual(entry.createRouter().outputs, ["even", "odd"]);
  assert.equal(routed(undefined, "4"), `even: "Even timestamp: 4"`);
  assert.equal(routed({}, "5"), `odd: "Odd timestamp:5"`);
});

test("a rule of properties is the same as its text, in whatever order the properties are", () => {
  const rule = { "router.prefix.b": "b ", "router.unroutable": "b", "router.prefix.a": "\\x41\\n", "router.outputs": ["a", "b"] };
  const text = "rule=last-digit\noutputs=a,b\nunroutable=b\nprefix.a=\\x41\\n\nprefix.b=b ";
  for (const value of ["4", "5", "x"]) assert.equal(routed(rule, value), routed(text, value));
  assert.equal(routed(rule, "4"), `a: ${literalOf(new TextEncoder().encode("A\n4"))}`);
  assert.equal(routed({ ...rule, "router.outputs": "a,b" }, "x"), `b: "b x"`);
});

test("the timestamp rule takes a number as a number, and a table as a list", () => {
  const hours = { "router.rule": "timestamp", "router.timestamp.field": "hour" };
  const quarters = { ...hours, "router.timestamp.divide": 6, "router.outputs": ["a", "b", "c", "d"] };
  assert.equal(routed(quarters, "11/21/26 13:51:07"), `c: "11/21/26 13:51:07"`);
  assert.equal(routed({ ...quarters, "router.timestamp.divide": "6" }, "11/21/26 13:51:07"), `c: "11/21/26 13:51:07"`);
  const shifts = { ...hours, "router.outputs": ["day", "night"], "router.table": ["6-21:day", "22-23:night"] };
  assert.equal(routed(shifts, "11/21/26 22:00:00"), `night: "11/21/26 22:00:00"`);
  assert.equal(routed({ ...shifts, "router.table": "6-21:day,22-23:night" }, "11/21/26 05:00:00"), "not-in-table");
  assert.equal(routed(shifts, "11/21/26 05:00"), "not-a-timestamp");
});

test("a property that is undefined is not set", () => {
  const rule = { "router.outputs": undefined, "router.prefix.odd": undefined };
  assert.equal(routed(rule, "5"), `odd: "Odd timestamp:5"`);
});

const FAULTS: readonly (readonly [rule: object, code: string, property: string])[] = [
  [{ "router.rule": "first-digit" }, "ROUTER_RULE_UNKNOWN_RULE", "router.rule"],
  [{ "router.prefix.even": "", "router.outputs": ["a", "a"] }, "ROUTER_RULE_BAD_OUTPUTS", "router.outputs"],
  [{ "router.outputs": ["a"] }, "ROUTER_RULE_BAD_OUTPUTS", "router.outputs"],
  [{ "router.prefix.even": "é", "router.prefix.left": "x" }, "ROUTER_RULE_UNKNOWN_OUTPUT", "router.prefix.left"],
  [{ "router.prefix.even": `${"é".repeat(40)}\\q`, "router.prefix.odd": "" }, "ROUTER_RULE_BAD_ESCAPE", "router.prefix.even"],
  [{ "router.prefix.even": "é", "router.prefix.odd": "p".repeat(256) }, "ROUTER_RULE_PREFIX_TOO_LONG", "router.prefix.odd"],
  [{ "router.prefix.odd": "\\q" }, "ROUTER_RULE_BAD_ESCAPE", "router.prefix.odd"],
  [{ "router.prefix.odd": "\t" }, "ROUTER_RULE_SYNTAX", "router.prefix.odd"],
  [{ "router.prefix.odd": "x\nunroutable=odd" }, "ROUTER_RULE_SYNTAX", "router.prefix.odd"],
  [{ "router.prefix.odd": 7 }, "ROUTER_RULE_SYNTAX", "router.prefix.odd"],
  [{ "router.prefix.odd=": "x" }, "ROUTER_RULE_UNKNOWN_KEY", "router.prefix.odd="],
  [{ "router.unroutable": "left", "router.prefix.odd": "x" }, "ROUTER_RULE_BAD_UNROUTABLE", "router.unroutable"],
  [{ "router.timestamp.zone": "Z" }, "ROUTER_RULE_UNKNOWN_KEY", "router.timestamp.zone"],
  [{ "router.rule": "timestamp", "router.timestamp.format": "é [ss]" }, "ROUTER_RULE_BAD_FORMAT", "router.timestamp.format"],
  [{ "router.rule": "timestamp", "router.timestamp.field": "week" }, "ROUTER_RULE_BAD_FIELD", "router.timestamp.field"],
  [{ "router.timestamp.format": "HH:mm", "router.rule": "timestamp" }, "ROUTER_RULE_BAD_FIELD", "router.timestamp.format"],
  [{ "router.rule": "timestamp", "router.timestamp.zone": "Europe/Paris" }, "ROUTER_RULE_BAD_ZONE", "router.timestamp.zone"],
  [{ "router.rule": "timestamp", "router.timestamp.divide": 1.5 }, "ROUTER_RULE_BAD_VALUE", "router.timestamp.divide"],
  [{ "router.rule": "timestamp", "router.timestamp.source": "key" }, "ROUTER_RULE_BAD_VALUE", "router.timestamp.source"],
  [{ "router.rule": "timestamp", "router.timestamp.zone": 1 }, "ROUTER_RULE_SYNTAX", "router.timestamp.zone"],
  [{ "router.table": ["0:odd"], "router.rule": "timestamp", "router.outputs": ["a", "b"] }, "ROUTER_RULE_BAD_TABLE", "router.table"],
  [{ "router.colour": "red" }, "ROUTER_RULE_UNKNOWN_KEY", "router.colour"],
  [{ outputs: ["a", "b"] }, "ROUTER_RULE_UNKNOWN_KEY", "outputs"],
];

for (const [rule, code, property] of FAULTS) {
  test(`a rule of ${JSON.stringify(rule).slice(0, 80)} is refused with ${code} at ${property}`, () => {
    assert.throws(
      () => entry.createRouter(rule as RuleProperties),
      (error) => {
        assert.ok(error instanceof entry.RouterError && error instanceof core.RouterError);
        assert.deepEqual([error.code, error.property, error.ruleOffset], [code, property, null]);
        assert.ok(error.message.endsWith(`(in ${property})`), error.message);
        return true;
      },
    );
  });
}

test("a fault in rule text has its byte offset and no property", () => {
  assert.throws(() => entry.createRouter("rule=first-digit"), { code: "ROUTER_RULE_UNKNOWN_RULE", ruleOffset: 5, property: null });
});

test("a fault in a RecordBatch has a code", () => {
  const router = entry.createRouter();
  assert.throws(() => router.routeRecordBatch(new Uint8Array(100)), { name: "RouterError", code: "ROUTER_NOT_OPEN" });
  router.openBatches(1000);
  assert.throws(() => router.routeRecordBatch(new Uint8Array(10)), { name: "RouterError", code: "ROUTER_BATCH_TRUNCATED" });
});

test("routers share nothing, and what route returns stays", () => {
  const [left, right] = [entry.createRouter({ "router.prefix.even": "L" }), entry.createRouter({ "router.prefix.even": "R" })];
  const first = left.route("4");
  right.route("6");
  left.routeValues(["8".repeat(200_000)]);
  assert.ok("value" in first);
  assert.equal(literalOf(first.value), `"L4"`);
});

test("./core makes a router of bytes, of an ArrayBuffer, and of a module", () => {
  const buffer = CORE.buffer.slice(CORE.byteOffset, CORE.byteOffset + CORE.length);
  for (const given of [CORE, buffer, new WebAssembly.Module(CORE)]) {
    const decision = core.createRouter(given, { "router.prefix.odd": "" }).route("7");
    assert.equal("value" in decision && literalOf(decision.value), `"7"`);
  }
});

const BUILD = join(import.meta.dirname, "..", "..", "build");

/** What is no core, and whether the engine has something to say of it. */
const NO_CORES: readonly (readonly [name: string, bytes: Uint8Array<ArrayBuffer>, isModule: boolean])[] = [
  ["an empty module", Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0), true],
  ["a module with imports", readFileSync(join(BUILD, "redpanda.wasm")), true],
  ["the module of the command", readFileSync(join(INSTALLED, "stdio.wasm")), true],
  ["a component", readFileSync(join(INSTALLED, "component.wasm")), false],
  ["a core that is cut off", CORE.subarray(0, 20_000), false],
  ["bytes that are no module", Uint8Array.from({ length: 1000 }, (_, index) => (index * 7919) % 251), false],
  ["no bytes", new Uint8Array(0), false],
];

for (const [name, bytes, isModule] of NO_CORES) {
  test(`./core refuses ${name}`, () => {
    assert.throws(
      () => core.createRouter(bytes),
      (error) => {
        assert.ok(error instanceof core.RouterError);
        assert.equal(error.code, "ROUTER_ABI_VERSION");
        assert.equal(error.cause instanceof WebAssembly.CompileError, !isModule);
        return true;
      },
    );
    if (isModule) assert.throws(() => core.createRouter(new WebAssembly.Module(bytes)), { code: "ROUTER_ABI_VERSION" });
  });
}

test("./core says what the engine says where a sound core may not be compiled", (context) => {
  const refusal = new WebAssembly.CompileError("code generation disallowed");
  context.mock.method(WebAssembly, "Module", function forbidden() {
    throw refusal;
  });
  assert.throws(
    () => core.createRouter(CORE),
    (error) => error === refusal,
  );
});

test("the package has the core that is in it inlined, and speaks its ABI version", () => {
  const inlined = /"([^"]+)"/.exec(readFileSync(join(INSTALLED, "package", "core-base64.js"), "utf8"))?.[1] ?? "";
  assert.deepEqual(Buffer.from(inlined, "base64"), CORE);
  const { abiVersion } = new WebAssembly.Instance(new WebAssembly.Module(CORE)).exports;
  assert.equal(entry.abiVersion, typeof abiVersion === "function" && abiVersion());
});

test("a worker makes a router of the module that it is sent", async () => {
  const source = `
    import { parentPort, workerData } from "node:worker_threads";
    const { createRouter } = await import(workerData.entry);
    parentPort.postMessage(createRouter(workerData.module).route("7").output);`;
  const data = {
    entry: `file://${join(PROJECT, "node_modules", "timestamp-router", "package", "core.js")}`,
    module: new WebAssembly.Module(CORE),
  };
  const worker = new Worker(new URL(`data:text/javascript,${encodeURIComponent(source)}`), { workerData: data });
  const output = await new Promise((resolve, reject) => {
    worker.once("message", resolve);
    worker.once("error", reject);
  });
  await worker.terminate();
  assert.equal(output, "odd");
});
