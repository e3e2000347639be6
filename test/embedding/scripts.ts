/** Runs the scripts of the pages in a copy of them, of their programs and of the core, so that compiling leaves no trace in the sources. */
import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runProgram } from "../../hosts/demo/broker/program.ts";

const TOP = join(import.meta.dirname, "..", "..");
const SCRIPT_TIMEOUT_MS = 900_000;
const copy = mkdtempSync(join(tmpdir(), "timestamp-router-embedding-"));
process.on("exit", () => rmSync(copy, { recursive: true, force: true }));
for (const folder of [join("docs", "embedding"), join("test", "embedding")]) {
  cpSync(join(TOP, folder), join(copy, folder), { recursive: true });
}

/** Returns the folder of a language's programs, with `core.wasm` in it. */
function folderOf(language: string): string {
  const folder = join(copy, "docs", "embedding", language);
  cpSync(process.env["CORE_WASM"] ?? join(TOP, "build", "core.wasm"), join(folder, "core.wasm"));
  return folder;
}

/** Runs a script of the shell in the folder of a language; returns what it prints. Throws when it fails, with the end of what it says. */
export async function runScript(language: string, script: string, env: NodeJS.ProcessEnv, stdin = ""): Promise<string> {
  const { exitCode, stdout, stderr } = await runProgram({
    file: "sh",
    args: ["-euc", script],
    cwd: folderOf(language),
    timeoutMs: SCRIPT_TIMEOUT_MS,
    env,
    stdin,
  });
  if (exitCode !== 0) throw new Error(`${script} ended with ${exitCode}:\n${stderr.slice(-2000)}`);
  return stdout;
}
