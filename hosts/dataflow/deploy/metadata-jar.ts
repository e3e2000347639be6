/**
 * Writes the metadata jar, which `app register … --metadata-uri` takes where Data Flow can't read the image's label: `npm run metadata:jar`.
 * The same sources make the same bytes.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { zipSync } from "fflate";
import { metadataFiles } from "./metadata.ts";

const TOP = new URL("../../../", import.meta.url);
/** The time of each entry, and the oldest that a zip has. */
const ENTRY_TIME = new Date(1980, 0, 1);

/** Returns the jar: a zip with the manifest first, as Java's own tool writes it. */
export function metadataJar(): Uint8Array {
  const files = [...metadataFiles()].map(([path, text]) => [path, Buffer.from(text)] as const);
  return zipSync(Object.fromEntries(files), { mtime: ENTRY_TIME });
}

if (import.meta.main) {
  const { version } = JSON.parse(readFileSync(new URL("package.json", TOP), "utf8")) as { readonly version: string };
  // Data Flow takes the version from the name.
  const path = fileURLToPath(new URL(`build/timestamp-router-metadata-${version}.jar`, TOP));
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, metadataJar());
  process.stdout.write(`${path}\n`);
}
