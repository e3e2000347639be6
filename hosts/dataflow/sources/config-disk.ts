import { readdirSync, readFileSync, statSync, type Stats } from "node:fs";
import { ConfigError } from "../config-error.ts";

/** The files that configuration is read from. A relative path begins at the working directory. */
export interface ConfigDisk {
  /** Returns the file's bytes, or null where there is no such file. Throws `ConfigError` for one that can't be read. */
  readFile(path: string): Uint8Array | null;
  /** Returns what the folder has, sorted, a folder with a `/` behind its name; null where there is no such folder. */
  listFolder(path: string): readonly string[] | null;
}

/** Largest file: what Kubernetes allows a ConfigMap or a Secret to hold as a whole. */
const FILE_BYTES_MAX = 1_048_576;

/** The machine's own files. */
export const DISK: ConfigDisk = {
  readFile(path) {
    return ifThere(path, (status) => {
      if (!status.isFile()) return null;
      if (status.size > FILE_BYTES_MAX) throw new ConfigError(`${path} is too large; allowed: a file of up to ${FILE_BYTES_MAX} bytes`);
      return readFileSync(path);
    });
  },
  listFolder(path) {
    return ifThere(path, (status) => {
      if (!status.isDirectory()) return null;
      const names = readdirSync(path).toSorted((left, right) => (left < right ? -1 : 1));
      return names.flatMap((name) => {
        // Kubernetes mounts links; what counts is what they lead to. One that leads nowhere is left out.
        const entry = statSync(`${path}/${name}`, { throwIfNoEntry: false });
        if (entry === undefined) return [];
        return entry.isDirectory() ? [`${name}/`] : [name];
      });
    });
  },
};

function ifThere<Found>(path: string, read: (status: Stats) => Found | null): Found | null {
  try {
    const status = statSync(path, { throwIfNoEntry: false });
    return status === undefined ? null : read(status);
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    // A part of the path is a file, or what was there is gone.
    if (code === "ENOTDIR" || code === "ENOENT") return null;
    throw new ConfigError(`${path} can't be read: ${code ?? String(error)}; allowed: what the app's user may read`);
  }
}
