/**
 * A thread that builds binaries of one copy of the sources. It lives as long as the copy: a compiler that has run before needs less than a third
 * of the time of a new one.
 */
import { execFileSync } from "node:child_process";
import { parentPort, workerData } from "node:worker_threads";
import asc from "assemblyscript/asc";
import { join } from "node:path";
import { buildComponent } from "../../hosts/component/build.ts";
import { BINARIES, type Binary } from "./binaries.ts";

const copy = workerData as string;

/** Returns what is wrong, or null. */
async function build({ modules, isComponent, script }: Binary): Promise<string | null> {
  for (const args of modules) {
    let words = "";
    const stderr = { write: (text: string): void => void (words += text) };
    const { error } = await asc.main([...args, "--baseDir", copy], { stderr });
    if (error !== null) return words;
  }
  if (isComponent) await buildComponent(join(copy, "build"));
  if (script !== undefined) execFileSync(process.execPath, [join(copy, script)], { stdio: "pipe" });
  return null;
}

async function answer(index: number): Promise<void> {
  const binary = BINARIES[index];
  if (binary === undefined) throw new Error(`no binary ${index}`);
  parentPort?.postMessage(await build(binary).catch(String), []);
}

parentPort?.on("message", (index: number) => void answer(index));
