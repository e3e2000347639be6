/** The programs of the documentation in other languages: the pages tell the truth, and the routers in them keep the routing contract. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import type { Target } from "../conformance.ts";
import { runConformance } from "../conformance.ts";
import { WASMTIME_VERSION } from "../wasmtime.ts";
import { LANGUAGES } from "./languages.ts";
import { CASES, targetOf } from "./requests.ts";
import { findRuntime, RUNTIME_NAMES } from "./runtimes.ts";
import { snippetsOf } from "./snippets.ts";
import { runScript } from "./scripts.ts";

const PAGES = join(import.meta.dirname, "..", "..", "docs", "embedding");
const LINES_MAX = 40;

function read(file: string): string {
  return readFileSync(join(PAGES, file), "utf8");
}

test(`each program of the documentation has at most ${LINES_MAX} lines`, () => {
  const programs = globSync("**/*.{js,py,go,java,rs}", { cwd: PAGES });
  assert.ok(programs.length > LANGUAGES.length);
  for (const program of programs) {
    assert.ok(read(program).trimEnd().split("\n").length <= LINES_MAX, program);
  }
});

test("the pages name the versions that the programs are tested with", async () => {
  const index = read("README.md");
  const engines = [
    { page: "python.md", version: WASMTIME_VERSION },
    { page: "go.md", version: /wazero v(\S+)/.exec(read("go/go.mod"))?.[1] ?? "" },
    { page: "java.md", version: /<artifactId>runtime<\/artifactId>\s*<version>(.+)<\/version>/.exec(read("java/pom.xml"))?.[1] ?? "" },
    { page: "rust.md", version: /wasmtime = \{ version = "=([^"]+)"/.exec(read("rust/Cargo.toml"))?.[1] ?? "" },
  ];
  for (const { page, version } of engines) {
    assert.match(version, /^\d+\.\d+\.\d+$/, page);
    assert.ok(read(page).includes(version) && index.includes(version), `${page} and README.md name ${version}`);
  }
  for (const { name, version } of await Promise.all(RUNTIME_NAMES.map(findRuntime))) {
    assert.ok(index.includes(version), `README.md names ${name} ${version}`);
  }
});

const targets: Target[] = [];
for (const { name, missing, environment, answer } of LANGUAGES) {
  const reason = await missing();
  const ask = async (requests: string): Promise<string> => runScript(name, answer, await environment(), requests);
  targets.push(targetOf({ name, answer: ask, missing: reason, routesBatches: false }));
  for (const { line, language, name: file, code, output } of snippetsOf(read(`${name}.md`))) {
    if (language === "sh") {
      test(`docs/embedding/${name}.md: the commands below line ${line} print what the page says`, { skip: reason ?? false }, async () => {
        const printed = await runScript(name, code, await environment());
        if (output !== null) assert.equal(printed, output);
      });
    } else {
      test(`docs/embedding/${name}.md: the block below line ${line} is ${name}/${file}`, () => {
        assert.equal(code, read(join(name, file)));
      });
    }
  }
}

runConformance(
  CASES.filter(({ input }) => "values" in input),
  targets,
);
