/**
 * Makes of the guest's module, `component-core.wasm`, the component, `component.wasm`, and its JavaScript, `component/`. The WIT says what the
 * module's exports mean, and jco refuses a module whose signatures are others.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { componentEmbed, componentNew, transpile, types } from "@bytecodealliance/jco";

const WORLD = "timestamp-router";
const WIT = join(import.meta.dirname, `${WORLD}.wit`);

/** Modules below that are part of the JavaScript, as text: all of them, so that it needs no file beside it. */
const INLINED_BYTES_MAX = 1_000_000;

/** In the JavaScript, each call looks several times in the environment whether to log what it does; that alone takes half of its time. */
const LOG_SWITCH = "if (!globalThis?.process?.env?.JCO_DEBUG) { return; }";

/** Returns the JavaScript with its log switched off for good. */
function withoutLog(source: string): string {
  const [before, after, ...others] = source.split(LOG_SWITCH);
  if (before === undefined || after === undefined || others.length > 0) throw new Error("jco's log is switched on in another way");
  return `${before}return;${after}`;
}

async function makeComponent(module: Uint8Array): Promise<Uint8Array> {
  return componentNew(await componentEmbed({ binary: module, witSource: readFileSync(WIT, "utf8"), world: WORLD }), []);
}

/** Returns the JavaScript's files and those of its types. */
async function makeJavaScript(component: Uint8Array): Promise<Readonly<Record<string, Uint8Array>>> {
  const options = { name: WORLD, base64Cutoff: INLINED_BYTES_MAX as unknown as boolean, quiet: true };
  const { files, imports } = await transpile(component, options);
  if (imports.length > 0) throw new Error(`the component imports ${imports.join(", ")}`);
  // Of the component itself jco makes types as well, but without the comments.
  return { ...files, ...(await types(WIT, { name: WORLD, worldName: WORLD })) };
}

/** Builds both in the folder that the module is in. */
export async function buildComponent(folder: string): Promise<void> {
  const component = await makeComponent(readFileSync(join(folder, "component-core.wasm")));
  writeFileSync(join(folder, "component.wasm"), component);
  const javaScript = join(folder, "component");
  rmSync(javaScript, { recursive: true, force: true });
  for (const [name, content] of Object.entries(await makeJavaScript(component))) {
    const path = join(javaScript, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, name.endsWith(".js") ? withoutLog(new TextDecoder().decode(content)) : content);
  }
}

if (import.meta.main) await buildComponent(join(import.meta.dirname, "..", "..", "build"));
