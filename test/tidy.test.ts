/** The repository keeps its own rules: who imports what, what is generated, what is said of dependencies. */
import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import test from "node:test";
import { renderBindings, renderMeasured, renderReadme, renderSizing } from "../bench/readme.ts";
import { metadataFiles } from "../hosts/dataflow/deploy/metadata.ts";

const ROOT = resolve(import.meta.dirname, "..");
/** `bench` may have packages of its own: those of its peers. */
const SOURCES = globSync("{core,hosts,test,bench}/**/*.ts", { cwd: ROOT, exclude: ["bench/node_modules/**"] }).toSorted();

interface Import {
  readonly from: string;
  /** A path from the root, or a package's name. */
  readonly target: string;
}

function importsOf(file: string): Import[] {
  const source = readFileSync(resolve(ROOT, file), "utf8");
  return [...source.matchAll(/^(?:import|export)\b(?:[^;"]*\bfrom)? "([^"]+)"/gm)].map(([, specifier = ""]) => ({
    from: file,
    target: specifier.startsWith(".") ? relative(ROOT, resolve(ROOT, dirname(file), specifier)) : specifier,
  }));
}

const IMPORTS = SOURCES.flatMap(importsOf);

function offenders(isWrong: (entry: Import) => boolean): string[] {
  return IMPORTS.filter(isWrong).map(({ from, target }) => `${from} imports ${target}`);
}

/** The host that a file belongs to, or null for what all hosts share. */
function hostOf(file: string): string | null {
  return /^hosts\/([^/]+)\//.exec(file)?.[1] ?? null;
}

function isTool(file: string): boolean {
  return /^(?:test|bench)\//.test(file);
}

/** Without what the formatter adds to tables. */
function squeezed(text: string): string {
  return text.replaceAll(/[ -]+/g, " ").replaceAll(/\n+/g, "\n");
}

test("the core imports nothing but the core", () => {
  assert.deepEqual(
    offenders(({ from, target }) => from.startsWith("core/") && !target.startsWith("core/")),
    [],
  );
});

test("a host imports itself and what hosts share, and the demo alone imports another host", () => {
  const wrong = offenders(({ from, target }) => {
    const host = hostOf(target);
    return hostOf(from) !== null && host !== null && host !== hostOf(from) && !(hostOf(from) === "demo" && host === "dataflow");
  });
  assert.deepEqual(wrong, []);
});

/** Part of a host that is compiled together with the core's source. */
function isGuest(file: string): boolean {
  return /^hosts\/[^/]+\/guest\//.test(file);
}

test("a guest imports itself and the core's source, and nothing imports a guest", () => {
  const wrong = offenders(
    ({ from, target }) => isGuest(target) !== isGuest(from) && (isGuest(target) || (isGuest(from) && !target.startsWith("core/"))),
  );
  assert.deepEqual(wrong, []);
});

test("no host imports the core's source but a guest, and nothing imports tests or benchmarks but tests and benchmarks", () => {
  assert.deepEqual(
    offenders(
      ({ from, target }) =>
        !isTool(from) && (isTool(target) || (from.startsWith("hosts/") && !isGuest(from) && target.startsWith("core/"))),
    ),
    [],
  );
});

test("each package that the app needs is imported in one file of its host and explained on the page of dependencies", () => {
  const { dependencies } = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8")) as { dependencies: Record<string, string> };
  const page = readFileSync(resolve(ROOT, "docs/dependencies.md"), "utf8").replaceAll(/ +/g, " ");
  for (const [name, version] of Object.entries(dependencies)) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is pinned exactly`);
    const files = new Set(
      IMPORTS.filter(({ from, target }) => from.startsWith("hosts/") && `${target}/`.startsWith(`${name}/`)).map(({ from }) => from),
    );
    assert.equal(files.size, 1, `${name} is imported in ${[...files].join(", ")}`);
    assert.ok(
      page.includes(`| \`${name}\` ${version} | \`${[...files][0]}\` |`),
      `docs/dependencies.md has ${name} ${version} and its file`,
    );
  }
});

test("each package that builds or tests is pinned, imported in one file of a host at most, and named on the page of dependencies", () => {
  const manifest = JSON.parse(readFileSync(resolve(ROOT, "package.json"), "utf8")) as { devDependencies: Record<string, string> };
  const page = readFileSync(resolve(ROOT, "docs/dependencies.md"), "utf8");
  for (const [name, version] of Object.entries(manifest.devDependencies)) {
    assert.match(version, /^\d+\.\d+\.\d+$/, `${name} is pinned exactly`);
    const files = new Set(
      IMPORTS.filter(({ from, target }) => from.startsWith("hosts/") && `${target}/`.startsWith(`${name}/`)).map(({ from }) => from),
    );
    assert.ok(files.size <= 1, `${name} is imported in ${[...files].join(", ")}`);
    assert.ok(page.includes(`\`${name}\``), `docs/dependencies.md has ${name}`);
  }
});

test("the image has a label for what Data Flow shows of the app, and the ports that the metadata jar has", () => {
  const dockerfile = readFileSync(resolve(ROOT, "Dockerfile"), "utf8");
  assert.match(dockerfile, /^ARG METADATA=\{\}$/m);
  assert.ok(dockerfile.includes('org.springframework.cloud.dataflow.spring-configuration-metadata.json="${METADATA}"'));
  const ports = metadataFiles().get("META-INF/dataflow-configuration-port-mapping.properties") ?? "";
  for (const [, name, list = ""] of ports.replaceAll(/\\\n */g, "").matchAll(/^(.+)=(.+)$/gm)) {
    assert.ok(dockerfile.includes(`${name}="${list}"`), name);
  }
});

test("the generated parts of the README and of the pages on bindings and sizing are fresh", () => {
  for (const [file, render] of [
    ["README.md", renderReadme],
    ["docs/bindings.md", renderBindings],
    ["docs/sizing.md", renderSizing],
  ] as const) {
    const page = readFileSync(resolve(ROOT, file), "utf8");
    assert.equal(squeezed(page), squeezed(render(page)), `${file}: run npm run readme`);
  }
});

test("the page and the charts of what was measured are those of the results", () => {
  const { page, charts } = renderMeasured();
  assert.equal(squeezed(readFileSync(resolve(ROOT, "bench/RESULTS.md"), "utf8")), squeezed(page), "run npm run readme");
  for (const [name, chart] of Object.entries(charts)) {
    assert.equal(readFileSync(resolve(ROOT, "bench/results", name), "utf8"), chart, "run npm run readme");
  }
});

test("every function of the core and of a guest has fewer than 70 lines and every source file fewer than 400", () => {
  for (const file of SOURCES) {
    assert.ok(readFileSync(resolve(ROOT, file), "utf8").split("\n").length < 400, file);
  }
  const long = globSync(["core/*.ts", "hosts/*/guest/*.ts"], { cwd: ROOT }).flatMap((file) => {
    const functions = readFileSync(resolve(ROOT, file), "utf8").matchAll(
      /^( *)(?:export |static )*(?:function )?(\w+)\([^{}]*\{\n(.*?)\n\1\}$/gms,
    );
    return [...functions].filter(([, , , body = ""]) => body.split("\n").length >= 69).map(([, , name = ""]) => `${file}: ${name}`);
  });
  assert.deepEqual(long, []);
});
