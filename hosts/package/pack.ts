/**
 * Writes the npm package: `dist` with a manifest of its own, and the tarball of it in `build`. The app's manifest is not the package's, since
 * whoever embeds the core needs none of what the app depends on.
 */
import { execFileSync } from "node:child_process";
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const TOP = join(import.meta.dirname, "..", "..");

interface AppManifest {
  readonly version: string;
  readonly license: string;
}

/** Where the command's own files are in the package. */
const PROGRAM_FILES = `export const GUEST = new URL("../stdio.wasm", import.meta.url);
export const MANIFEST = new URL("../package.json", import.meta.url);
`;

function entry(path: string): object {
  return { types: `./${path}.d.ts`, default: `./${path}.js` };
}

function manifestOf({ version, license }: AppManifest): object {
  return {
    name: "timestamp-router",
    version,
    description:
      "Routes timestamps to even and odd outputs: single values, packed values and whole Kafka RecordBatches, by a WebAssembly core.",
    keywords: ["kafka", "recordbatch", "router", "wasm", "webassembly"],
    license,
    type: "module",
    sideEffects: false,
    engines: { node: ">=20" },
    bin: { "timestamp-router": "stdio/main.js" },
    exports: {
      ".": entry("package/index"),
      "./core": entry("package/core"),
      "./core.wasm": "./core.wasm",
      "./core.simd.wasm": "./core.simd.wasm",
      "./component": entry("component/timestamp-router"),
      "./component.wasm": "./component.wasm",
      "./wit/*": "./wit/*",
      "./package.json": "./package.json",
    },
  };
}

/** Writes the package's files to `dist` and the tarball into `destination`; returns the tarball's path. Core, command and component have to be built. */
export function pack(dist: string, destination: string): string {
  const manifest = JSON.parse(readFileSync(join(TOP, "package.json"), "utf8")) as AppManifest;
  const tsc = join(TOP, "node_modules", "typescript", "bin", "tsc");
  rmSync(dist, { recursive: true, force: true });
  for (const host of ["package", "stdio"]) {
    execFileSync(process.execPath, [tsc, "-p", join(TOP, "hosts", host), "--outDir", dist], { stdio: "inherit" });
  }
  writeFileSync(join(dist, "stdio", "program-files.js"), PROGRAM_FILES);
  const base64 = readFileSync(join(TOP, "build", "core.wasm")).toString("base64");
  writeFileSync(join(dist, "package", "core-base64.js"), `export const CORE_BASE64 =\n  "${base64}";\n`);
  for (const name of ["core.wasm", "core.simd.wasm", "stdio.wasm", "component.wasm", "component"])
    cpSync(join(TOP, "build", name), join(dist, name), { recursive: true });
  mkdirSync(join(dist, "wit"));
  copyFileSync(join(TOP, "hosts", "component", "timestamp-router.wit"), join(dist, "wit", "timestamp-router.wit"));
  copyFileSync(join(TOP, "LICENSE"), join(dist, "LICENSE"));
  copyFileSync(join(import.meta.dirname, "README.md"), join(dist, "README.md"));
  writeFileSync(join(dist, "package.json"), JSON.stringify(manifestOf(manifest), null, 2) + "\n");
  mkdirSync(destination, { recursive: true });
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", destination], {
    cwd: dist,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return join(destination, `timestamp-router-${manifest.version}.tgz`);
}

if (import.meta.main) process.stdout.write(`${pack(join(TOP, "dist"), join(TOP, "build"))}\n`);
