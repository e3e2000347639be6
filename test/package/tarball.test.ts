/** What is in the tarball, and who can use it: each JavaScript runtime, and TypeScript under either way of resolving modules. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { batchOf } from "../batches.ts";
import { literalOf } from "../bytes.ts";
import { findRuntime, RUNTIME_NAMES } from "../embedding/runtimes.ts";
import { snippetsOf } from "../embedding/snippets.ts";
import { decodeBatch, encodeBatch } from "../record-batch.ts";
import { INSTALLED, PROJECT, TARBALL, writeSource } from "./packed.ts";

const TOP = join(import.meta.dirname, "..", "..");
const README = readFileSync(join(INSTALLED, "README.md"), "utf8");

const CONTENT = [
  "LICENSE",
  "README.md",
  ...["core-exports", "embed", "package/core", "package/index", "routed", "router-error", "rule", "simd", "value"].flatMap((name) => [
    `${name}.d.ts`,
    `${name}.js`,
  ]),
  "component.wasm",
  "component/interfaces/timestamp-router-core-routing.d.ts",
  "component/timestamp-router.d.ts",
  "component/timestamp-router.js",
  "core.simd.wasm",
  "core.wasm",
  "stdio.wasm",
  ...[
    "block-router",
    "counts",
    "errors",
    "main",
    "nearest-name",
    "options",
    "program-files",
    "report",
    "route-inputs",
    "streams",
    "usage",
  ].map((name) => `stdio/${name}.js`),
  "package.json",
  "package/core-base64.js",
  "wit/timestamp-router.wit",
].toSorted();

/** What jco makes of the component asks for what is not everywhere before it uses it; its tests run it in other runtimes. The command is Node.js's alone. */
const OWN_JAVASCRIPT = CONTENT.filter((name) => name.endsWith(".js") && !/^(?:component|stdio)\//.test(name));

function read(name: string): string {
  return readFileSync(join(INSTALLED, name), "utf8");
}

test("the tarball holds the entries, what they import, the core, and nothing else", () => {
  const listed = execFileSync("tar", ["-tzf", TARBALL], { encoding: "utf8" }).trim().split("\n");
  assert.deepEqual(listed.map((name) => name.replace(/^package\//, "")).toSorted(), CONTENT);
});

test("the modules in the tarball are those that were built", () => {
  for (const name of ["core.wasm", "core.simd.wasm", "stdio.wasm", "component.wasm"]) {
    assert.deepEqual(readFileSync(join(INSTALLED, name)), readFileSync(join(TOP, "build", name)));
  }
});

test("the manifest has the version and license of the project, no dependencies, no scripts, the command, and each entry with its types", () => {
  const manifest = JSON.parse(read("package.json")) as Record<string, unknown>;
  const project = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")) as Record<string, unknown>;
  assert.deepEqual(
    ["name", "version", "license"].map((key) => manifest[key]),
    ["name", "version", "license"].map((key) => project[key]),
  );
  for (const key of ["scripts", "private", "dependencies", "peerDependencies", "optionalDependencies", "devDependencies"]) {
    assert.ok(!(key in manifest), key);
  }
  assert.deepEqual(manifest["bin"], { "timestamp-router": "stdio/main.js" });
  assert.deepEqual(manifest["exports"], {
    ".": { types: "./package/index.d.ts", default: "./package/index.js" },
    "./core": { types: "./package/core.d.ts", default: "./package/core.js" },
    "./core.wasm": "./core.wasm",
    "./core.simd.wasm": "./core.simd.wasm",
    "./component": { types: "./component/timestamp-router.d.ts", default: "./component/timestamp-router.js" },
    "./component.wasm": "./component.wasm",
    "./wit/*": "./wit/*",
    "./package.json": "./package.json",
  });
});

test("its JavaScript imports nothing from outside the package, and names nothing that Node.js alone has", () => {
  for (const name of OWN_JAVASCRIPT) {
    const specifiers = Array.from(read(name).matchAll(/\b(?:from|import)\b[\s(]*"([^"]+)"/g), ([, specifier = ""]) => specifier);
    for (const specifier of specifiers) assert.match(specifier, /^\.\.?\//, `${name} imports ${specifier}`);
    assert.doesNotMatch(read(name), /\b(?:Buffer|process|require|__dirname|globalThis)\b(?![\w ]*\*\/)/, name);
  }
});

writeSource(
  "consumer.js",
  `import assert from "node:assert/strict";
import { createRouter, RouterError } from "timestamp-router";
const { output, value } = createRouter().route("11/21/26 03:51:07");
assert.equal(output + "|" + new TextDecoder().decode(value), "odd|Odd timestamp:11/21/26 03:51:07");
assert.equal(createRouter().route(null).reason, "tombstone");
assert.throws(() => createRouter({ "router.rule": "x" }), RouterError);
assert.match(import.meta.resolve("timestamp-router/core.wasm"), /core\\.wasm$/);
import { routing } from "timestamp-router/component";
assert.equal(routing.Router.create("").route(value).output, 1);
assert.match(import.meta.resolve("timestamp-router/component.wasm"), /component\\.wasm$/);
assert.match(import.meta.resolve("timestamp-router/wit/timestamp-router.wit"), /timestamp-router\\.wit$/);
`,
);

for (const name of RUNTIME_NAMES) {
  const { command, version, missing } = await findRuntime(name);
  const [path, ...args] = command;
  const skip = missing ?? false;
  test(`the installed package works in ${name} ${version}`, { skip }, () => {
    execFileSync(path, [...args, "consumer.js"], { cwd: PROJECT });
  });

  test(`the command of the installed package works in ${name} ${version}`, { skip }, () => {
    const routed = execFileSync(path, [...args, join("node_modules", ".bin", "timestamp-router")], {
      cwd: PROJECT,
      input: "07\n08",
      encoding: "utf8",
    });
    assert.equal(routed, "odd\tOdd timestamp:07\neven\tEven timestamp: 08\n");
  });
}

const CONSUMER = `import { createRouter, RouterError, abiVersion } from "timestamp-router";
import type { Decision, PackedValues, Router, RuleProperties } from "timestamp-router";
import { createRouter as createRouterOf } from "timestamp-router/core";
import { routing } from "timestamp-router/component";

const rule: RuleProperties = { "router.outputs": ["a", "b"], "router.prefix.a": "x" };
const router: Router = createRouter(rule);
const decision: Decision = router.route("7");
export const text: string = "output" in decision ? decision.output : decision.reason;
const packed: PackedValues = router.routeValues([new Uint8Array(1), "7", null]).outputs[0]!;
export const next: bigint = router.routeRecordBatch(packed.bytes).nextOffset;
export const other: Router = createRouterOf(new ArrayBuffer(8), "outputs=a,b");
export const code = (error: unknown): string | null => (error instanceof RouterError ? error.code : null);
export const version: number = abiVersion;
export const outputs: string[] = routing.Router.create("").outputs();
// @ts-expect-error a number is no value
router.route(7);
// @ts-expect-error no such property
createRouter({ "router.outptus": ["a", "b"] });
`;

test("the README's way through RecordBatches takes every record, in batches no longer than asked for", async () => {
  const snippet = snippetsOf(README).find(({ code }) => code.includes("export function routeBatches"));
  const path = writeSource("route-batches.js", snippet?.code ?? "");
  const { routeBatches } = (await import(pathToFileURL(path).href)) as {
    routeBatches: (batches: readonly Uint8Array[], send: (output: string, bytes: Uint8Array) => void, bytesMax: number) => void;
  };
  const numbers = Array.from({ length: 100 }, (_, index) => String(index));
  const batches = [numbers.slice(0, 60), numbers.slice(60)].map((values) => encodeBatch(batchOf(values)));
  const sent: Record<string, string[]> = {};
  routeBatches(
    batches,
    (output, bytes) => {
      assert.ok(bytes.length <= 300);
      (sent[output] ??= []).push(...decodeBatch(bytes).records.map(({ value }) => literalOf(value)));
    },
    300,
  );
  const even = numbers.filter((_, index) => index % 2 === 0).map((number) => `"Even timestamp: ${number}"`);
  const odd = numbers.filter((_, index) => index % 2 === 1).map((number) => `"Odd timestamp:${number}"`);
  assert.deepEqual(sent, { even, odd });
});

for (const [module, moduleResolution] of [
  ["nodenext", "nodenext"],
  ["esnext", "bundler"],
] as const) {
  test(`a project in strict TypeScript compiles against the types under module resolution ${moduleResolution}`, () => {
    writeSource("consumer.ts", CONSUMER);
    const options = { module, moduleResolution, target: "es2022", lib: ["es2022", "dom"], types: [], strict: true, noEmit: true };
    const compilerOptions = { ...options, skipLibCheck: false, exactOptionalPropertyTypes: true };
    writeSource("tsconfig.json", JSON.stringify({ compilerOptions, files: ["consumer.ts"] }));
    const tsc = join(TOP, "node_modules", "typescript", "bin", "tsc");
    const { stdout } = runTsc(tsc);
    assert.equal(stdout, "");
  });
}

function runTsc(tsc: string): { readonly stdout: string } {
  try {
    return { stdout: execFileSync(process.execPath, [tsc, "-p", "tsconfig.json"], { cwd: PROJECT, encoding: "utf8" }) };
  } catch (error) {
    return { stdout: String((error as { stdout?: unknown }).stdout) };
  }
}

function sizeOf(name: string): number {
  return statSync(join(INSTALLED, name)).size;
}

test("the README has the sizes of the package, within 1 KB", () => {
  const withoutCore = OWN_JAVASCRIPT.filter((name) => !/package\/(?:index|core-base64)\.js$/.test(name));
  const sum = (list: readonly string[]): number => list.reduce((total, name) => total + sizeOf(name), 0);
  const sizes = [sizeOf("core.wasm"), sizeOf("core.simd.wasm"), sum(OWN_JAVASCRIPT), sum(withoutCore)];
  const actual = [...sizes, sizeOf("component.wasm"), sizeOf("component/timestamp-router.js"), statSync(TARBALL).size];
  const stated = Array.from((README.split("\n## Size\n")[1] ?? "").matchAll(/(\d+)\sKB/g), ([, kilobytes]) => 1000 * Number(kilobytes));
  assert.equal(stated.length, actual.length);
  for (const [index, size] of actual.entries()) assert.ok(Math.abs(size - (stated[index] ?? 0)) <= 1000, `${actual.join(", ")} bytes`);
});
