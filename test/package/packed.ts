/** The package as a stranger gets it: packed, and installed into an empty project, without a network. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type * as coreEntry from "../../hosts/package/core.ts";
import type * as indexEntry from "../../hosts/package/index.ts";
import { pack } from "../../hosts/package/pack.ts";

const folder = mkdtempSync(join(tmpdir(), "timestamp-router-package-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

/** The tarball. */
export const TARBALL = pack(join(folder, "dist"), folder);

/** The project that it is installed in. */
export const PROJECT = join(folder, "project");
mkdirSync(PROJECT);
writeFileSync(join(PROJECT, "package.json"), `{ "private": true, "type": "module" }\n`);
execFileSync("npm", ["install", "--offline", "--silent", "--no-audit", "--no-fund", TARBALL], { cwd: PROJECT, stdio: "inherit" });

/** The package in that project. */
export const INSTALLED = join(PROJECT, "node_modules", "timestamp-router");

/** Writes a file into the project; returns its path. */
export function writeSource(name: string, text: string): string {
  const path = join(PROJECT, name);
  writeFileSync(path, text);
  return path;
}

const specifiers = `export * as entry from "timestamp-router";\nexport * as core from "timestamp-router/core";\n`;
const imported = (await import(pathToFileURL(writeSource("entries.js", specifiers)).href)) as {
  readonly entry: typeof indexEntry;
  readonly core: typeof coreEntry;
};

/** The installed entries, by their names. */
export const { entry, core } = imported;
