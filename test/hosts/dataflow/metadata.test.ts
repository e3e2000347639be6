import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { findJavac } from "../../../hosts/demo/broker/jars.ts";
import { runProgram } from "../../../hosts/demo/broker/program.ts";
import { metadataJar } from "../../../hosts/dataflow/deploy/metadata-jar.ts";
import {
  configurationMetadata,
  METADATA_FOLDER,
  metadataFiles,
  metadataLabel,
  visibleMetadata,
  type Metadata,
} from "../../../hosts/dataflow/deploy/metadata.ts";
import { PROPERTIES } from "../../../hosts/dataflow/schema.ts";
import { readPropertyFile } from "../../../hosts/dataflow/sources/property-file.ts";

const ALL = configurationMetadata();
const VISIBLE = visibleMetadata();

/** The lists in a file of the jar, by their names. */
function listsIn(path: string): Record<string, readonly string[]> {
  const [properties = []] = readPropertyFile(Buffer.from(metadataFiles().get(`META-INF/${path}`) ?? "")) ?? [];
  return Object.fromEntries(properties.map(({ name, value }) => [name, value.split(",")]));
}

test("the files that are kept are those that npm run metadata writes", () => {
  for (const [path, text] of metadataFiles()) {
    const kept = readFileSync(new URL(path, METADATA_FOLDER), "utf8");
    if (path.endsWith(".json")) assert.deepEqual(JSON.parse(kept), JSON.parse(text), "npm run metadata");
    else assert.equal(kept, text, `${path}: npm run metadata`);
  }
});

test("each property is described, with outputs by their names and maps without their keys", () => {
  const names = new Set(ALL.properties.map(({ name }) => name));
  assert.equal(names.size, ALL.properties.length);
  for (const { name } of Object.values(PROPERTIES)) {
    const plain = name
      .replace("<output>", "odd")
      .replace("<id>.", "health.")
      .replace("<group>.", "readiness.")
      .replace(/\.<\w+>$/u, "");
    assert.ok(names.has(plain), plain);
  }
  for (const { name, description } of ALL.properties) {
    assert.match(name, /^[a-z][a-z.-]+$/u);
    assert.match(description, /^[A-Z][^`]*\.$/u, name);
  }
});

function described(name: string): Metadata["properties"][number] | undefined {
  return ALL.properties.find((candidate) => candidate.name === name);
}

test("types are Java's and defaults have them", () => {
  assert.deepEqual(described("server.port"), {
    name: "server.port",
    type: "java.lang.Integer",
    description: "Port of the HTTP endpoints; 0 takes a free one.",
    defaultValue: 8080,
  });
  assert.equal(described("spring.cloud.stream.kafka.binder.auto-create-topics")?.defaultValue, true);
  assert.equal(described("router.shutdown-timeout")?.type, "java.time.Duration");
  assert.equal(described("router.shutdown-timeout")?.defaultValue, "8s");
  assert.equal(described("router.in-flight-bytes")?.type, "org.springframework.util.unit.DataSize");
  assert.equal(described("spring.cloud.stream.kafka.binder.brokers")?.type, "java.util.List<java.lang.String>");
  assert.equal(described("management.metrics.tags")?.type, "java.util.Map<java.lang.String,java.lang.String>");
  const { description, defaultValue } = described("router.unroutable") ?? {};
  assert.equal(defaultValue, undefined);
  assert.match(description ?? "", / Default: dlq when enable-dlq is true, else log\.$/u);
});

test("hints are the words that a property takes, and other texts where they are allowed", () => {
  const hints = new Map(ALL.hints.map((hint) => [hint.name, hint]));
  assert.deepEqual(hints.get("router.offset-out-of-range")?.values, [{ value: "reset" }, { value: "stop" }]);
  assert.deepEqual(hints.get("router.unroutable")?.providers, [{ name: "any" }]);
  assert.deepEqual(hints.get("logging.structured.format.console")?.values, [{ value: "ecs" }, { value: "logstash" }, { value: "gelf" }]);
  assert.ok(!hints.has("spring.cloud.stream.kafka.binder.auto-create-topics"));
  for (const property of Object.values(PROPERTIES)) {
    for (const word of property.words ?? []) assert.ok("value" in property.readText(word), `${property.name}=${word}`);
  }
});

test("Data Flow shows what the author of a stream chooses, and takes short names for the router's own", () => {
  const names = VISIBLE.properties.map(({ name }) => name);
  assert.deepEqual(listsIn("dataflow-configuration-metadata.properties"), { "configuration-properties.names": names });
  for (const name of ["router.unroutable", "router.prefix.odd", "spring.cloud.stream.bindings.even.destination"])
    assert.ok(names.includes(name));
  for (const name of ["server.port", "spring.cloud.dataflow.stream.name"]) assert.ok(!names.includes(name));
  for (const { name, sourceType } of VISIBLE.properties) {
    assert.equal(sourceType, name.startsWith("router.") ? "router.RouterProperties" : undefined);
  }
  const groups = Object.values(listsIn("dataflow-configuration-option-groups.properties"));
  assert.deepEqual(groups.flat(), names);
});

test("the ports are the input and the outputs", () => {
  assert.deepEqual(listsIn("dataflow-configuration-port-mapping.properties"), {
    "configuration-properties.inbound-ports": ["input"],
    "configuration-properties.outbound-ports": ["even", "odd"],
  });
});

test("the image's label is the visible part, on one line", () => {
  assert.deepEqual(JSON.parse(metadataLabel()), VISIBLE);
  assert.doesNotMatch(metadataLabel(), /\n/u);
});

test("the jar has the same bytes each time", () => {
  assert.deepEqual(metadataJar(), metadataJar());
});

test("Java finds each file in the jar, the manifest first", async (context) => {
  const { path: javac, missing } = await findJavac();
  if (javac === null && process.env["CI"] === "true") throw new Error(missing);
  if (javac === null) return context.skip(missing);
  const folder = mkdtempSync(join(tmpdir(), "metadata-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  const jar = join(folder, "metadata.jar");
  writeFileSync(jar, metadataJar());
  const tool = join(dirname(javac), "jar");
  const listed = await runProgram({ file: tool, args: ["--list", "--file", jar], timeoutMs: 60_000 });
  assert.equal(listed.exitCode, 0, listed.stderr);
  assert.deepEqual(listed.stdout.trim().split("\n"), [...metadataFiles().keys()]);
  const extracted = await runProgram({ file: tool, args: ["--extract", "--file", jar], timeoutMs: 60_000, cwd: folder });
  assert.equal(extracted.exitCode, 0, extracted.stderr);
  for (const [path, text] of metadataFiles()) assert.equal(readFileSync(join(folder, path), "utf8"), text);
});
