import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type TestContext } from "node:test";
import { ConfigError } from "../../../../hosts/dataflow/config-error.ts";
import { createProperties } from "../../../../hosts/dataflow/properties.ts";
import { propertySources } from "../../../../hosts/dataflow/property-sources.ts";
import { DISK } from "../../../../hosts/dataflow/sources/config-disk.ts";

/** A folder for the test alone, with a slash at its end. */
function folderOf(context: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), "config-"));
  context.after(() => {
    rmSync(path, { recursive: true });
  });
  return `${path}/`;
}

test("a file is read whole, and what is no file is none", (context) => {
  const place = folderOf(context);
  writeFileSync(`${place}a`, "text");
  assert.equal(Buffer.from(DISK.readFile(`${place}a`) ?? []).toString(), "text");
  for (const none of [`${place}none`, `${place}a/b`, place]) assert.equal(DISK.readFile(none), null, none);
});

test("a folder is listed sorted, links are what they lead to, and what is no folder is none", (context) => {
  const place = folderOf(context);
  mkdirSync(`${place}d`);
  writeFileSync(`${place}c`, "");
  symlinkSync("d", `${place}b`);
  symlinkSync("c", `${place}a`);
  symlinkSync("nowhere", `${place}e`);
  assert.deepEqual(DISK.listFolder(place), ["a", "b/", "c", "d/"]);
  for (const none of [`${place}none/`, `${place}c`, `${place}c/x/`]) assert.equal(DISK.listFolder(none), null, none);
});

test("a file of a megabyte is read and a larger one refused", (context) => {
  const place = folderOf(context);
  writeFileSync(`${place}a`, Buffer.alloc(1_048_576));
  writeFileSync(`${place}b`, Buffer.alloc(1_048_577));
  assert.equal(DISK.readFile(`${place}a`)?.length, 1_048_576);
  assert.throws(() => DISK.readFile(`${place}b`), new ConfigError(`${place}b is too large; allowed: a file of up to 1048576 bytes`));
});

test("what can't be read, such as a link that leads to itself, is an error that names it", (context) => {
  const place = folderOf(context);
  symlinkSync("a", `${place}a`);
  assert.throws(() => DISK.readFile(`${place}a`), /can't be read: ELOOP; allowed: what the app's user may read$/u);
});

test("a Secret is read as Kubernetes mounts it: links into a folder whose name changes with its content", (context) => {
  const place = folderOf(context);
  mkdirSync(`${place}..2026_11_21`);
  writeFileSync(`${place}..2026_11_21/api.token`, "t\n");
  symlinkSync("..2026_11_21", `${place}..data`);
  symlinkSync("..data/api.token", `${place}api.token`);
  const { sources } = propertySources({ args: [`--spring.config.import=configtree:${place}`], env: {}, disk: DISK });
  assert.equal(createProperties(sources).find("api.token")?.value, "t");
  assert.deepEqual(
    sources.at(-1)?.entries.map(({ name }) => name),
    ["api.token"],
  );
});

test("a config tree that has a link to a folder above it is refused", (context) => {
  const place = folderOf(context);
  symlinkSync(".", `${place}a`);
  const open = () => propertySources({ args: [`--spring.config.import=configtree:${place}`], env: {}, disk: DISK });
  assert.throws(open, /more than 16 folders deep in a config tree, or in itself/u);
});
