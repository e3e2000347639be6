import { access, constants, lstat, mkdir, mkdtemp, readdir, rename, rm, stat } from "node:fs/promises";
import { homedir, tmpdir, userInfo } from "node:os";
import { basename, dirname, isAbsolute, join } from "node:path";

/** No build takes as long as this, so an older unfinished folder was left by a process that died. */
const ABANDONED_AFTER_MS = 3_600_000;

const PARTIAL = ".partial-";

/**
 * The folder with this name in the user's cache; `build` fills it the first time.
 *
 * A build works in a folder of its own beside the final one, and a rename makes it visible. So a folder that is there is complete, and of two
 * processes that build at once the first one wins and the second one uses what it finds.
 */
export const cached = async (name: string, build: (folder: string) => Promise<void>): Promise<string> => {
  const folder = join(await cacheFolder(), name);
  if (await isFolder(folder)) return folder;
  const parent = dirname(folder);
  await mkdir(parent, { recursive: true });
  await removeAbandoned(parent);
  const partial = await mkdtemp(join(parent, `${basename(name)}${PARTIAL}`));
  try {
    await build(partial);
    await rename(partial, folder);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!(await isFolder(folder))) throw error;
  }
  return folder;
};

/** Whether `cached` would find this name without a build. */
export const isCached = async (name: string): Promise<boolean> => isFolder(join(await cacheFolder(), name));

/** `$XDG_CACHE_HOME` or `~/.cache` (XDG Base Directory Specification), or the temporary folder when neither can be written. */
const cacheFolder = async (): Promise<string> => {
  const xdg = process.env["XDG_CACHE_HOME"] ?? "";
  const home = homeFolder();
  // The specification says that a relative path is to be ignored.
  for (const candidate of [isAbsolute(xdg) ? xdg : null, home !== null && (await isFolder(home)) ? join(home, ".cache") : null]) {
    if (candidate === null) continue;
    const folder = join(candidate, "timestamp-router");
    try {
      await mkdir(folder, { recursive: true });
      await access(folder, constants.W_OK);
      return folder;
    } catch {
      // A container often runs under a user without a home, or with one that is read-only.
    }
  }
  return ownFolderInTmp();
};

/** Everyone may write to the temporary folder, so jars in a folder of someone else are not to be run. */
const ownFolderInTmp = async (): Promise<string> => {
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `timestamp-router-${uid}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || found.uid !== uid) {
    throw new Error(`${folder} belongs to another user. Set XDG_CACHE_HOME to a folder that you can write.`);
  }
  return folder;
};

const homeFolder = (): string | null => {
  try {
    return homedir() || userInfo().homedir;
  } catch {
    // A user id without an entry in the user database has none.
    return null;
  }
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch {
    return false;
  }
};

const removeAbandoned = async (parent: string): Promise<void> => {
  for (const name of await readdir(parent)) {
    if (!name.includes(PARTIAL)) continue;
    const path = join(parent, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && Date.now() - found.mtimeMs > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
};
