/**
 * Makes of the guest's module, `build/component-core.wasm`, the component, `build/component.wasm`, and its JavaScript, `build/component`. The
 * WIT says what the module's exports mean, and jco refuses a module whose signatures are others.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { componentEmbed, componentNew, transpile, types } from "@bytecodealliance/jco";

const WORLD = "timestamp-router";
const WIT = join(import.meta.dirname, `${WORLD}.wit`);
const BUILD = join(import.meta.dirname, "..", "..", "build");
const JAVASCRIPT = join(BUILD, "component");

/** Modules below that are part of the JavaScript, as text: all of them, so that it needs no file beside it. */
const INLINED_BYTES_MAX = 1_000_000;

/** In the JavaScript, each call looks several times in the environment whether to log what it does; that alone takes half of its time. */
const LOG_SWITCH = "if (!globalThis?.process?.env?.JCO_DEBUG) { return; }";

async function makeComponent(): Promise<Uint8Array> {
  const binary = readFileSync(join(BUILD, "component-core.wasm"));
  const embedded = await componentEmbed({ binary, witSource: readFileSync(WIT, "utf8"), world: WORLD });
  return componentNew(embedded, []);
}

/** Returns the JavaScript with its log switched off for good. */
function withoutLog(source: string): string {
  const [before, after, ...others] = source.split(LOG_SWITCH);
  if (before === undefined || after === undefined || others.length > 0) throw new Error("jco's log is switched on in another way");
  return `${before}return;${after}`;
}

const component = await makeComponent();
writeFileSync(join(BUILD, "component.wasm"), component);

const options = { name: WORLD, base64Cutoff: INLINED_BYTES_MAX as unknown as boolean, quiet: true };
const { files, imports } = await transpile(component, options);
if (imports.length > 0) throw new Error(`the component imports ${imports.join(", ")}`);
// Of the component itself jco makes types as well, but without the comments.
Object.assign(files, await types(WIT, { name: WORLD, worldName: WORLD }));

rmSync(JAVASCRIPT, { recursive: true, force: true });
for (const [name, content] of Object.entries(files)) {
  const path = join(JAVASCRIPT, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, name.endsWith(".js") ? withoutLog(new TextDecoder().decode(content)) : content);
}
