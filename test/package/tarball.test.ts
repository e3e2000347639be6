/** What is in the tarball, and who can use it: every Node.js that is found, and TypeScript under either way of resolving modules. */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";
import { batchOf } from "../batches.ts";
import { literalOf } from "../bytes.ts";
import { decodeBatch, encodeBatch } from "../record-batch.ts";
import { INSTALLED, PROJECT, TARBALL, writeSource } from "./packed.ts";

const TOP = join(import.meta.dirname, "..", "..");
const README = readFileSync(join(INSTALLED, "README.md"), "utf8");

const CONTENT = [
  "LICENSE",
  "README.md",
  ...["core-exports", "embed", "package/core", "package/index", "package/rule", "router-error", "value"].flatMap((name) => [
    `${name}.d.ts`,
    `${name}.js`,
  ]),
  "core.wasm",
  "package.json",
  "package/core-base64.js",
].toSorted();

function read(name: string): string {
  return readFileSync(join(INSTALLED, name), "utf8");
}

test("the tarball holds the entries, what they import, the core, and nothing else", () => {
  const listed = execFileSync("tar", ["-tzf", TARBALL], { encoding: "utf8" }).trim().split("\n");
  assert.deepEqual(listed.map((name) => name.replace(/^package\//, "")).toSorted(), CONTENT);
});

test("the core in the tarball is the one that was built", () => {
  assert.deepEqual(readFileSync(join(INSTALLED, "core.wasm")), readFileSync(join(TOP, "build", "core.wasm")));
});

test("the manifest has the version and license of the project, no dependencies, no scripts, and each entry with its types", () => {
  const manifest = JSON.parse(read("package.json")) as Record<string, unknown>;
  const project = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")) as Record<string, unknown>;
  assert.deepEqual(
    ["name", "version", "license"].map((key) => manifest[key]),
    ["name", "version", "license"].map((key) => project[key]),
  );
  for (const key of ["scripts", "bin", "private", "dependencies", "peerDependencies", "optionalDependencies", "devDependencies"]) {
    assert.ok(!(key in manifest), key);
  }
  assert.deepEqual(manifest["exports"], {
    ".": { types: "./package/index.d.ts", default: "./package/index.js" },
    "./core": { types: "./package/core.d.ts", default: "./package/core.js" },
    "./core.wasm": "./core.wasm",
    "./package.json": "./package.json",
  });
});

test("its JavaScript imports nothing from outside the package, and names nothing that Node.js alone has", () => {
  for (const name of CONTENT.filter((file) => file.endsWith(".js"))) {
    const specifiers = Array.from(read(name).matchAll(/\b(?:from|import)\b[\s(]*"([^"]+)"/g), ([, specifier = ""]) => specifier);
    for (const specifier of specifiers) assert.match(specifier, /^\.\.?\//, `${name} imports ${specifier}`);
    assert.doesNotMatch(read(name), /\b(?:Buffer|process|require|__dirname|globalThis)\b(?![\w ]*\*\/)/, name);
  }
});

/** Returns the Node.js that runs this, and those on the path that are another version, from the oldest that the package promises on. */
function runtimes(): ReadonlyMap<string, string> {
  const found = new Map([[process.version, process.execPath]]);
  for (const folder of (process.env["PATH"] ?? "").split(delimiter)) {
    const path = join(folder, "node");
    if (statSync(path, { throwIfNoEntry: false }) === undefined) continue;
    const version = execFileSync(path, ["--version"], { encoding: "utf8" }).trim();
    if (Number(/^v(\d+)/.exec(version)?.[1]) >= 20 && !found.has(version)) found.set(version, path);
  }
  return found;
}

writeSource(
  "consumer.js",
  `import assert from "node:assert/strict";
import { createRouter, RouterError } from "timestamp-router";
const { output, value } = createRouter().route("11/21/26 03:51:07");
assert.equal(output + "|" + new TextDecoder().decode(value), "odd|Odd timestamp:11/21/26 03:51:07");
assert.equal(createRouter().route(null).reason, "tombstone");
assert.throws(() => createRouter({ "router.rule": "x" }), RouterError);
assert.match(import.meta.resolve("timestamp-router/core.wasm"), /core\\.wasm$/);
`,
);

for (const [version, path] of runtimes()) {
  test(`the installed package works in Node.js ${version}`, () => {
    execFileSync(path, ["consumer.js"], { cwd: PROJECT });
  });
}

const SNIPPETS = Array.from(README.matchAll(/^```js\n(.*?)^```$/gms), ([, snippet = ""]) => snippet);

/** Returns a snippet in which each line with a value in a comment behind it, as a literal, demands that value. */
function checked(snippet: string): string {
  const lines = snippet.replaceAll(/^(\S.*); \/\/ (".*")$/gm, (_, expression: string, value: string) => `equal(${expression}, ${value});`);
  return `import { equal } from "node:assert/strict";\n${lines}`;
}

for (const [index, snippet] of SNIPPETS.entries()) {
  test(`snippet ${index + 1} of the package's README does what it says`, () => {
    writeSource(`snippet-${index}.js`, checked(snippet));
    execFileSync(process.execPath, [`snippet-${index}.js`], { cwd: PROJECT });
  });
}

test("the README has snippets, with values to check in them", () => {
  assert.equal(SNIPPETS.length, 5);
  assert.equal(SNIPPETS.join("").split(/; \/\/ "/).length - 1, 8);
});

const CONSUMER = `import { createRouter, RouterError, abiVersion } from "timestamp-router";
import type { Decision, PackedValues, Router, RuleProperties } from "timestamp-router";
import { createRouter as createRouterOf } from "timestamp-router/core";

const rule: RuleProperties = { "router.outputs": ["a", "b"], "router.prefix.a": "x" };
const router: Router = createRouter(rule);
const decision: Decision = router.route("7");
export const text: string = "output" in decision ? decision.output : decision.reason;
const packed: PackedValues = router.routeValues([new Uint8Array(1), "7", null]).outputs[0]!;
export const next: bigint = router.routeRecordBatch(packed.bytes).nextOffset;
export const other: Router = createRouterOf(new ArrayBuffer(8), "outputs=a,b");
export const code = (error: unknown): string | null => (error instanceof RouterError ? error.code : null);
export const version: number = abiVersion;
// @ts-expect-error a number is no value
router.route(7);
// @ts-expect-error no such property
createRouter({ "router.outptus": ["a", "b"] });
`;

test("the README's way through RecordBatches takes every record, in batches no longer than asked for", async () => {
  const snippet = SNIPPETS.findIndex((text) => text.includes("export function routeBatches"));
  const path = writeSource("route-batches.js", SNIPPETS[snippet] ?? "");
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
  const names = CONTENT.filter((name) => name.endsWith(".js"));
  const withoutCore = names.filter((name) => !/package\/(?:index|core-base64)\.js$/.test(name));
  const sum = (list: readonly string[]): number => list.reduce((total, name) => total + sizeOf(name), 0);
  const actual = [sizeOf("core.wasm"), sum(names), sum(withoutCore), statSync(TARBALL).size];
  const stated = Array.from((README.split("\n## Size\n")[1] ?? "").matchAll(/(\d+)\sKB/g), ([, kilobytes]) => 1000 * Number(kilobytes));
  assert.equal(stated.length, actual.length);
  for (const [index, size] of actual.entries()) assert.ok(Math.abs(size - (stated[index] ?? 0)) <= 1000, `${actual.join(", ")} bytes`);
});
