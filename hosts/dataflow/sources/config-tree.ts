import { ConfigError } from "../config-error.ts";
import type { ConfigDisk } from "./config-disk.ts";
import type { PropertyEntry } from "./property-source.ts";

// Bounds: a link may lead back to a folder above it, and a folder that was meant to be another may be large.
const DEPTH_MAX = 16;
const FILES_MAX = 1000;

/**
 * Returns the properties of a folder with one file for each, as Kubernetes mounts ConfigMaps and Secrets: the path below the folder, with dots
 * for slashes, is the name, and the file's text is the value. What begins with `..` belongs to Kubernetes. Returns null where there is no
 * such folder.
 */
export function readConfigTree(disk: ConfigDisk, folder: string): readonly PropertyEntry[] | null {
  const names = disk.listFolder(folder);
  if (names === null) return null;
  const entries: PropertyEntry[] = [];
  collect(disk, { folder, names, prefix: "", depth: 1 }, entries);
  return entries;
}

interface Level {
  readonly folder: string;
  readonly names: readonly string[];
  /** The names of the folders above, with a dot behind each. */
  readonly prefix: string;
  readonly depth: number;
}

function collect(disk: ConfigDisk, { folder, names, prefix, depth }: Level, entries: PropertyEntry[]): void {
  if (depth > DEPTH_MAX) throw new ConfigError(`${folder} lies more than ${DEPTH_MAX} folders deep in a config tree, or in itself`);
  for (const entry of names.filter((name) => !name.startsWith(".."))) {
    const path = folder + entry;
    if (entry.endsWith("/")) {
      const below = { folder: path, names: disk.listFolder(path) ?? [], prefix: `${prefix}${entry.slice(0, -1)}.`, depth: depth + 1 };
      collect(disk, below, entries);
      continue;
    }
    const bytes = disk.readFile(path);
    if (bytes === null) continue;
    if (entries.length === FILES_MAX) throw new ConfigError(`${folder} belongs to a config tree of more than ${FILES_MAX} files`);
    entries.push({ name: prefix + entry, value: withoutLineEnd(Buffer.from(bytes).toString()), origin: `file [${path}]` });
  }
}

/** Boot's rule: the line end of a single line is the editor's, those of several lines belong to the value. */
function withoutLineEnd(text: string): string {
  return text.indexOf("\n") === text.length - 1 ? text.replace(/\r?\n$/u, "") : text;
}
