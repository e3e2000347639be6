import type { ConfigDisk } from "../../../../hosts/dataflow/sources/config-disk.ts";

/** A disk with the files by their paths, as they are spelt; folders are what their paths say. */
export function memoryDisk(textByPath: Readonly<Record<string, string>>): ConfigDisk {
  const files = new Map(Object.entries(textByPath).map(([path, text]) => [plain(path), text]));
  return {
    readFile(path) {
      const text = files.get(plain(path));
      return text === undefined ? null : Buffer.from(text, "latin1");
    },
    listFolder(path) {
      const start = plain(path);
      const below = [...files.keys()].filter((file) => file.startsWith(start)).map((file) => file.slice(start.length));
      const names = new Set(below.map((rest) => /^[^/]*\/?/u.exec(rest)?.[0] ?? ""));
      return names.size === 0 ? null : [...names].toSorted();
    },
  };
}

function plain(path: string): string {
  return path.replace(/^\.\//u, "");
}
