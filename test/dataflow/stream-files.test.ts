/** The recipe's files for Data Flow's shell, and the script that publishes the image. `recipe.e2e.ts` deploys the former on real servers. */
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import test, { type TestContext } from "node:test";
import { fileURLToPath } from "node:url";
import { metadataLabel } from "../../hosts/dataflow/deploy/metadata.ts";
import { guardChild } from "../../hosts/demo/broker/watchdog.ts";
import { DEPLOY, deployFile, readProperties, readYaml, STREAM, topFile, type Compose } from "./deployment-files.ts";

const PUBLISH = fileURLToPath(new URL("publish.sh", DEPLOY));
const SHELL = deployFile("recipe/stream.shell");
const { version } = JSON.parse(topFile("package.json")) as { readonly version: string };
const IMAGE = `registry.example.org/team/timestamp-router:${version}`;

const REGISTER = [
  "curl",
  "--fail-with-body",
  "--silent",
  "--show-error",
  "--data-urlencode",
  `uri=docker:${IMAGE}`,
  "--data",
  "bootVersion=3",
];

/** The labels of the recipe's stream with their apps: `label: app`, or an app that is its own label. */
function labelsInShell(): ReadonlyMap<string, string> {
  const [, definition = ""] = /--definition "(.+)"/u.exec(SHELL) ?? [];
  return new Map(
    definition
      .split(" || ")
      .map((part) => part.split(": "))
      .map(([label = "", app = label]) => [label, app]),
  );
}

test("the shell's script registers each app of the stream, creates the stream and deploys it with the file beside it", () => {
  const registered = new Map<string, string>(
    Array.from(SHELL.matchAll(/^app register --type app --name (\S+) --uri (\S+) /gmu), ([, name = "", uri = ""]) => [name, uri]),
  );
  assert.deepEqual([...registered.keys()].toSorted(), [...new Set(labelsInShell().values())].toSorted());
  assert.equal(registered.get("timestamp-router"), `docker:timestamp-router:${version}`);
  const lines = SHELL.split("\n");
  assert.ok(lines.includes(`stream deploy --name ${STREAM} --propertiesFile deployment.properties`));
  assert.ok(lines.some((line) => line.startsWith(`stream create --name ${STREAM} --definition `)));
});

test("the stock apps of the shell's script are those of the Compose file", () => {
  const { services } = readYaml("compose/compose.yaml") as Compose;
  for (const name of ["time", "even-logger"]) {
    const image = services[name]?.image.replace(/\$\{\w+:-(.+)\}/u, "$1") ?? "";
    assert.ok(SHELL.includes(`docker:${image} `), image);
  }
});

test("the properties are for labels of the stream, and the topics lead from one to the next", () => {
  const labels = labelsInShell();
  for (const path of ["recipe/deployment.properties", "recipe/kubernetes.properties"]) {
    const properties = readProperties(path);
    for (const name of properties.keys()) assert.ok(labels.has(/^(?:app|deployer)\.(\w+)\./u.exec(name)?.[1] ?? ""), name);
    const topic = (label: string, binding: string): string | undefined =>
      properties.get(`app.${label}.spring.cloud.stream.bindings.${binding}.destination`);
    assert.deepEqual([topic("time", "output"), topic("router", "even"), topic("router", "odd")], ["timeDest", "evenDest", "oddDest"]);
    assert.equal(topic("router", "input"), topic("time", "output"));
    assert.equal(topic("evenLogger", "input"), topic("router", "even"));
    assert.equal(topic("oddLogger", "input"), topic("router", "odd"));
  }
});

test("publishing builds the image with its metadata, tags it, pushes it, and registers it with Data Flow", async (context) => {
  const { exitCode, calls } = await publish(context, "registry.example.org/team", version, "http://dataflow:9393");
  assert.equal(exitCode, 0);
  assert.deepEqual(calls, [
    ["docker", "build", "--build-arg", `METADATA=${metadataLabel()}`, "--tag", `timestamp-router:${version}`, "."],
    ["docker", "tag", `timestamp-router:${version}`, IMAGE],
    ["docker", "push", IMAGE],
    [...REGISTER, "http://dataflow:9393/apps/app/timestamp-router"],
  ]);
});

test("without Data Flow's address, publishing prints the line for its shell", async (context) => {
  const { exitCode, calls, stdout } = await publish(context, "registry.example.org/team", version);
  assert.equal(exitCode, 0);
  assert.deepEqual(
    calls.map(([program, command]) => `${program} ${command}`),
    ["docker build", "docker tag", "docker push"],
  );
  assert.equal(stdout, `app register --type app --name timestamp-router --uri docker:${IMAGE} --bootVersion 3\n`);
});

test("without a version, publishing does nothing and says how it is called", async (context) => {
  const { exitCode, calls, stderr } = await publish(context, "registry.example.org/team");
  assert.deepEqual([exitCode, calls], [2, []]);
  assert.match(stderr, /publish\.sh <registry/u);
});

interface Published {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Each call of `docker` and `curl`, the program first. */
  readonly calls: readonly (readonly string[])[];
}

/** Runs the script with a `docker` and a `curl` that note how they are called, and do nothing. */
async function publish(context: TestContext, ...args: readonly string[]): Promise<Published> {
  const folder = mkdtempSync(join(tmpdir(), "publish-"));
  context.after(() => {
    rmSync(folder, { recursive: true });
  });
  const notes = join(folder, "notes");
  writeFileSync(notes, "");
  for (const program of ["docker", "curl"]) {
    const path = join(folder, program);
    writeFileSync(path, `#!/bin/bash\nprintf '%s\\0' ${program} "$@" $'\\n' >>'${notes}'\n`);
    chmodSync(path, 0o755);
  }
  const child = spawn("bash", [PUBLISH, ...args], { env: { ...process.env, PATH: `${folder}${delimiter}${process.env["PATH"]}` } });
  guardChild(child);
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const [exitCode] = (await once(child, "close")) as [number | null];
  const calls = readFileSync(notes, "utf8")
    .split("\n\0")
    .filter(Boolean)
    .map((call) => call.split("\0").slice(0, -1));
  return { exitCode, stdout, stderr, calls };
}
