/** Java programs of the recipe: built or fetched by Maven once, then kept in the user's cache. */
import { createHash } from "node:crypto";
import { cp, glob, readFile, rename, rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { stripVTControlCharacters } from "node:util";
import { cached, isCached } from "../../hosts/demo/broker/cache.ts";
import { findMaven, required } from "../../hosts/demo/broker/jars.ts";
import { lastLines, runProgram } from "../../hosts/demo/broker/program.ts";

const JAVA = fileURLToPath(new URL("java", import.meta.url));
/** Some hundred megabytes come from Maven Central the first time. */
const MAVEN_TIMEOUT_MS = 900_000;

/** The folders of `java`, each a project of Maven's. */
const PROJECTS = ["stream-apps", "dataflow-server", "skipper-server"] as const;
export type JavaProject = (typeof PROJECTS)[number];

/**
 * The folder with the jars that a project makes.
 *
 * *Errors*: Maven is missing, or failed (with the end of its output).
 */
export const jarsOf = async (project: JavaProject): Promise<string> =>
  cached(await cacheNameOf(project), async (folder) => {
    // Maven writes beside the sources, and those are not to be written to.
    const work = join(folder, "work");
    await cp(join(JAVA, project), work, { recursive: true });
    console.log(`Maven makes ${project}, once for this user.`);
    const result = await runProgram({
      file: required(await findMaven()),
      args: ["--batch-mode", "-Dstyle.color=never", `--file=${join(work, "pom.xml")}`, "package"],
      cwd: work,
      timeoutMs: MAVEN_TIMEOUT_MS,
    });
    if (result.exitCode !== 0) throw new Error(`Maven could not make ${project}:\n${errorsOf(result.stdout + result.stderr)}`);
    for await (const jar of glob("**/target/*.jar", { cwd: work })) await rename(join(work, jar), join(folder, basename(jar)));
    await rm(work, { recursive: true });
  });

/** Whether `jarsOf` answers for each project without Maven and without a network. */
export const areAllJarsCached = async (): Promise<boolean> => {
  for (const project of PROJECTS) if (!(await isCached(await cacheNameOf(project)))) return false;
  return true;
};

/** The hash is over the whole project, so that a change of a version or a line in it builds again. */
const cacheNameOf = async (project: JavaProject): Promise<string> => {
  const hash = createHash("sha256");
  const files: string[] = [];
  for await (const file of glob("**/*.*", { cwd: join(JAVA, project) })) files.push(file);
  for (const file of files.toSorted()) hash.update(`\n${file}\n`).update(await readFile(join(JAVA, project, file)));
  return `dataflow/${project}-${hash.digest("hex").slice(0, 12)}`;
};

const errorsOf = (output: string): string => {
  const lines = stripVTControlCharacters(output).split("\n");
  const errors = lines.filter((line) => /^\[ERROR\] \S/u.test(line));
  return lastLines((errors.length === 0 ? lines : errors).join("\n"));
};
