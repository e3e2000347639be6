/** Writes the page to `build/page`: static files for any server. The core has to be built. */
import { copyFileSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { stripTypeScriptTypes } from "node:module";
import { dirname, join } from "node:path";

const TOP = join(import.meta.dirname, "..", "..");
const HOSTS = join(TOP, "hosts");
const PAGE = join(TOP, "build", "page");
/** What a module takes from another one: what stands before its path, the path, and the quote behind it. */
const IMPORT = /^((?:import|export)\b[^;"]*")(\.[^"]+)\.ts(")/gmu;

/** Writes a module of `hosts`, and those that it imports, without types and as `.js`: the browser loads them by itself. */
function writeModules(path: string, written = new Set<string>()): void {
  if (written.has(path)) return;
  written.add(path);
  const code = stripTypeScriptTypes(readFileSync(join(HOSTS, `${path}.ts`), "utf8"));
  for (const [, , target = ""] of code.matchAll(IMPORT)) writeModules(join(dirname(path), target), written);
  const file = join(PAGE, `${path}.js`);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, code.replaceAll(IMPORT, "$1$2.js$3"));
}

rmSync(PAGE, { recursive: true, force: true });
writeModules("browser/main");
for (const name of [...globSync("*.{html,css,svg}", { cwd: import.meta.dirname }), "router.json"]) {
  copyFileSync(join(import.meta.dirname, name), join(PAGE, name));
}
copyFileSync(join(TOP, "build", "core.wasm"), join(PAGE, "core.wasm"));
