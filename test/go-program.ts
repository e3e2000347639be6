/** Programs in Go that judge ours: compiled when they are needed, and kept in the user's cache. */
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cached, isCached } from "../hosts/demo/broker/cache.ts";

const run = promisify(execFile);

/** A module with `main.go`, `go.mod` and `go.sum`. */
export interface GoProgram {
  /** What it is called in the cache and in messages. */
  readonly name: string;
  /** Folder of the module. */
  readonly sources: string;
  /** The first minor version of Go 1 that compiles it. */
  readonly goMinorMin: number;
  /** Variables for the compiler, such as its target. */
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * What is missing on this machine to compile the program, as a reason to skip tests, or null when all is there.
 *
 * *Errors*: with `CI=true` a missing tool is an error, so that a build cannot pass by skipping.
 */
export async function goMissing(program: GoProgram): Promise<string | null> {
  if (await isCached(await folderName(program))) return null;
  if ((await goMinor()) >= program.goMinorMin) return null;
  const reason = `Go is missing: install Go 1.${program.goMinorMin} or newer and put it on the PATH.`;
  if (process.env["CI"] === "true") throw new Error(`Tests with ${program.name} must run when CI=true. ${reason}`);
  return reason;
}

/** Returns the path of what Go compiles; the first time on a machine, Go fetches the modules from its proxy. */
export async function compileGo(program: GoProgram): Promise<string> {
  const folder = await cached(await folderName(program), async (partial) => {
    const env = { ...process.env, GOFLAGS: "-mod=readonly", GOTOOLCHAIN: "local", GOWORK: "off", ...program.env };
    await run("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", join(partial, "program"), "."], { cwd: program.sources, env });
  });
  return join(folder, "program");
}

async function folderName({ name, sources }: GoProgram): Promise<string> {
  const hash = createHash("sha256");
  for (const file of ["main.go", "go.mod", "go.sum"]) hash.update(await readFile(join(sources, file)));
  return `go-${name}-${hash.digest("hex").slice(0, 16)}`;
}

/** Returns the second number of Go's version, or 0 when there is no Go. */
async function goMinor(): Promise<number> {
  try {
    const { stdout } = await run("go", ["version"]);
    return Number(/ go1\.(\d+)/.exec(stdout)?.[1] ?? 0);
  } catch {
    return 0;
  }
}
