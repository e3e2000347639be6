/** The JavaScript runtimes that embed the core in tests: versions of Node.js, Deno and Bun, fetched by npm into the user's cache. */
import { execFile } from "node:child_process";
import { glob } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { cached } from "../../hosts/demo/broker/cache.ts";

interface Pin {
  /** A package of npm that is the runtime, or depends on one for each platform. */
  readonly package: string;
  readonly version: string;
  /** Where npm puts the runtime: the package for this platform is the only one that it installs. */
  readonly executable: string;
  /** Between the runtime and the script. */
  readonly args: readonly string[];
}

const NODE_PLATFORM = `node-${process.platform === "win32" ? "win" : process.platform}-${process.arch}`;

function nodePin(version: string): Pin {
  return { package: NODE_PLATFORM, version, executable: "node-*/bin/node*", args: [] };
}

/** Node.js's lines from the oldest that the package promises on; the project's own Node.js is the one of version 24. */
const PINS = {
  "node-20": nodePin("20.20.2"),
  "node-22": nodePin("22.23.3"),
  "node-24": nodePin("24.21.0"),
  deno: { package: "deno", version: "2.9.5", executable: "@deno/*/deno*", args: ["run", "--no-prompt", "--no-lock", "--allow-read"] },
  bun: { package: "bun", version: "1.4.5", executable: "@oven/*/bin/bun*", args: [] },
} satisfies Readonly<Record<string, Pin>>;

/** A runtime's name, such as `node-20`. */
export type RuntimeName = keyof typeof PINS;

/** The names of all runtimes. */
export const RUNTIME_NAMES = Object.keys(PINS) as readonly RuntimeName[];

/** A runtime, or why there is none on this machine. */
export interface Runtime {
  readonly name: RuntimeName;
  readonly version: string;
  /** The runtime's path and what stands between it and a script's path; a script may read files, and is not promised more. */
  readonly command: readonly [path: string, ...args: string[]];
  /** A reason to skip tests; null when the command can be run. */
  readonly missing: string | null;
}

const run = promisify(execFile);

/**
 * Returns a runtime; the first time on a machine, npm fetches it. Calls at the same time, also of other processes, are safe.
 *
 * *Errors*: with `CI=true` a runtime that can't be had is an error, so that a build cannot pass by skipping.
 */
export async function findRuntime(name: RuntimeName): Promise<Runtime> {
  const { version, args }: Pin = PINS[name];
  if (process.version === `v${version}` && name.startsWith("node-")) return { name, version, command: [process.execPath], missing: null };
  try {
    return { name, version, command: [await installed(PINS[name]), ...args], missing: null };
  } catch (error) {
    const missing = `npm can't install ${PINS[name].package}@${version} here: ${String(error).split("\n", 2).join(" ")}`;
    if (process.env["CI"] === "true") throw new Error(`Tests on ${name} must run when CI=true. ${missing}`, { cause: error });
    return { name, version, command: [""], missing };
  }
}

/** Returns the path of a runtime in the cache, and puts it there when it is not. */
async function installed(pin: Pin): Promise<string> {
  const name = `${pin.package.replace(NODE_PLATFORM, "node")}-${pin.version}-${process.platform}-${process.arch}`;
  const folder = await cached(name, async (partial) => {
    // The scripts of deno and bun only link the platform's package to where npx looks for it.
    const quiet = ["--silent", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"];
    await run("npm", ["install", ...quiet, "--prefix", partial, `${pin.package}@${pin.version}`], { cwd: partial });
    await executableOf(partial, pin);
  });
  return executableOf(folder, pin);
}

async function executableOf(folder: string, { executable }: Pin): Promise<string> {
  for await (const path of glob(executable, { cwd: join(folder, "node_modules") })) return join(folder, "node_modules", path);
  throw new Error(`npm installed no ${executable}`);
}
