import { isAbsolute } from "node:path/posix";

/** A place that configuration files are looked for in, as `spring.config.import` and its like name it. */
export interface ConfigLocation {
  /** As it was written. */
  readonly text: string;
  /** Nothing has to be there. */
  readonly isOptional: boolean;
  /** A config tree, a folder with `application.properties`, one file, or what the app can't read. */
  readonly kind: "tree" | "folder" | "file" | "unsupported";
  /** A folder's ends with `/`, or with the asterisk and `/` that stand for each folder in it. */
  readonly path: string;
}

/**
 * Returns the locations in a list: groups with commas between, in each of them locations with semicolons between. `folder` is where a relative
 * path begins that is written without `file:`.
 */
export function parseConfigLocations(list: string, folder: string): readonly (readonly ConfigLocation[])[] {
  return list.split(",").map((group) => {
    const texts = group.split(";").map((text) => text.trim());
    return texts.filter((text) => text !== "").map((text) => parseConfigLocation(text, folder));
  });
}

function parseConfigLocation(text: string, folder: string): ConfigLocation {
  const [, optional, scheme, rest = ""] = /^(optional:)?(?:([A-Za-z][\w.+-]*):)?(.*)$/su.exec(text) ?? [];
  const location = { text, isOptional: optional !== undefined };
  if (scheme === "configtree") return { ...location, kind: rest.endsWith("/") ? "tree" : "unsupported", path: rest };
  // `file:///a` is `/a`; what has no scheme begins where the property stands.
  const path = scheme === undefined && !isAbsolute(rest) ? folder + rest : rest.replace(/^\/\/(?=\/)/u, "");
  const hint = /^(.*)\[\.properties\]$/su.exec(path)?.[1];
  if (scheme !== undefined && scheme !== "file") return { ...location, kind: "unsupported", path };
  if (path.endsWith("/")) return { ...location, kind: "folder", path };
  if (hint !== undefined) return { ...location, kind: "file", path: hint };
  return { ...location, kind: path.endsWith(".properties") ? "file" : "unsupported", path };
}
