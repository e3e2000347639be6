/**
 * A `docker` for the PATH of the local deployer. It notes its arguments, and `run` starts the app of this checkout with the environment that the
 * container would have: what the command line gives it, and nothing else.
 */
import { chmod, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const STAND_IN = fileURLToPath(new URL("stand-in-docker.ts", import.meta.url));

export interface Docker {
  /** Folder to put on the PATH. */
  readonly folder: string;
  /** The arguments of each call so far. */
  lines(): Promise<readonly (readonly string[])[]>;
}

/** Makes it in a folder of its own inside the given one. */
export async function makeDocker(parent: string): Promise<Docker> {
  const folder = join(parent, "docker");
  const linesFile = join(folder, "lines.ndjson");
  await mkdir(folder);
  await writeFile(linesFile, "");
  const script = join(folder, "docker");
  await writeFile(script, `#!/bin/sh\nexec '${process.execPath}' '${STAND_IN}' '${linesFile}' "$@"\n`);
  await chmod(script, 0o755);
  return {
    folder,
    lines: async () =>
      (await readFile(linesFile, "utf8"))
        .trimEnd()
        .split("\n")
        .filter(Boolean)
        .map((line) => JSON.parse(line) as string[]),
  };
}
