/**
 * Configuration files as Boot reads them: `application.properties` and `application-<profile>.properties` in some folders, what they and the
 * sources above them import, and config trees. All lists here begin with what counts least.
 */
import { dirname, normalize } from "node:path/posix";
import { ConfigError, quoted } from "../config-error.ts";
import { createProperties, propertyFault } from "../properties.ts";
import { canonicalName } from "../property-name.ts";
import type { ConfigDisk } from "./config-disk.ts";
import { parseConfigLocations, type ConfigLocation } from "./config-location.ts";
import { readConfigTree } from "./config-tree.ts";
import { createResolver } from "./placeholders.ts";
import { readPropertyFile, type PropertyDocument } from "./property-file.ts";
import { findProperty, namedSource, type FoundProperty, type PropertySource } from "./property-source.ts";

const LOCATION = "spring.config.location";
const ADDITIONAL_LOCATION = "spring.config.additional-location";
const IMPORT = "spring.config.import";
const ACTIVE_PROFILES = "spring.profiles.active";

/** The properties that say which files are read. */
export const FILE_PROPERTIES: readonly string[] = [LOCATION, ADDITIONAL_LOCATION, IMPORT, ACTIVE_PROFILES];

// The last two are Kubernetes's: a mounted `/config` goes before what the image or the working directory brings.
const DEFAULT_LOCATIONS =
  "optional:file:./;optional:file:./config/;optional:file:./config/*/;optional:file:/config/;optional:file:/config/*/";

// What properties begin with that make a document hold for some profiles or platforms only.
const ACTIVATE = "spring.config.activate.";

// A bound: an import may name as many files as it likes.
const FILES_MAX = 100;

/** The sources that were found in files. */
export interface ConfigFiles {
  /** The one that wins first. */
  readonly sources: readonly PropertySource[];
  readonly activeProfiles: readonly string[];
  /** Files that were found, or asked for, and are not read: one sentence each. */
  readonly unreadFiles: readonly string[];
}

/** What is known while files are read. */
interface Loading {
  readonly disk: ConfigDisk;
  /** The sources that go before all files. */
  readonly higher: readonly PropertySource[];
  /** Paths that have been read: each one is read once, so that imports can't go round in a circle. */
  readonly seen: Set<string>;
  readonly unreadFiles: string[];
}

/** A location and the property that names it. */
interface Wanted {
  readonly location: ConfigLocation;
  readonly property: string;
  readonly found: FoundProperty;
}

/** Returns the sources in files; `higher` are the sources that go before them and say where files are. */
export function readConfigFiles(disk: ConfigDisk, higher: readonly PropertySource[]): ConfigFiles {
  const loading: Loading = { disk, higher, seen: new Set(), unreadFiles: [] };
  const above = createProperties(higher);
  const wanted = (property: string, otherwise: string): readonly (readonly Wanted[])[] => {
    const found = above.find(property) ?? { value: otherwise, source: "default" };
    return parseConfigLocations(found.value, "").map((group) => group.map((location) => ({ location, property, found })));
  };
  const groups = [...wanted(LOCATION, DEFAULT_LOCATIONS), ...wanted(ADDITIONAL_LOCATION, "")].map((places) => ({
    places,
    general: places.flatMap((place) => load(loading, place, "")),
  }));
  const imported = wanted(IMPORT, "").flatMap((places) => places.flatMap((place) => load(loading, place, "")));
  const withoutProfiles = [...groups.flatMap(({ general }) => general), ...imported].toReversed();
  const activeProfiles = (createProperties([...higher, ...withoutProfiles]).find(ACTIVE_PROFILES)?.value ?? "")
    .split(",")
    .map((profile) => profile.trim())
    .filter((profile) => profile !== "");
  // A profile's file goes before all plain ones of its group, and behind the next group.
  const searched = groups.flatMap(({ places, general }) => {
    const folders = places.filter(({ location }) => location.kind === "folder");
    return general.concat(activeProfiles.flatMap((profile) => folders.flatMap((place) => load(loading, place, `-${profile}`))));
  });
  return { sources: [...searched, ...imported].toReversed(), activeProfiles, unreadFiles: loading.unreadFiles };
}

/** Returns the sources at one location. `suffix` is what the name of a folder's file has behind `application`. */
function load(loading: Loading, wanted: Wanted, suffix: string): readonly PropertySource[] {
  const { text, kind, isOptional } = wanted.location;
  if (kind === "unsupported" && !isOptional) {
    throw locationFault(
      wanted,
      "is none that the app can read; allowed: a .properties file, a folder or configtree:, each folder with / at its end",
    );
  }
  if (kind === "unsupported") {
    loading.unreadFiles.push(`${wanted.property} names ${quoted(text)}, which the app can't read.`);
    return [];
  }
  const sources = kind === "file" ? loadFile(loading, wanted.location) : loadFolders(loading, wanted.location, suffix);
  if (sources === null && !isOptional) throw locationFault(wanted, "is not there; allowed: what exists, or optional: before it");
  return sources ?? [];
}

function locationFault({ location, property, found }: Wanted, problem: string): Error {
  return propertyFault(property, found, `${quoted(location.text)} ${problem}`);
}

/** Returns the sources in a folder, or in each folder that an asterisk stands for; null when there is none. */
function loadFolders(loading: Loading, location: ConfigLocation, suffix: string): readonly PropertySource[] | null {
  const { disk } = loading;
  const parent = /^(.*\/)?\*\/$/su.exec(location.path);
  const folders =
    parent === null
      ? [location.path]
      : (disk.listFolder(parent[1] ?? "./") ?? [])
          .filter((name) => name.endsWith("/") && !name.startsWith("."))
          .map((name) => (parent[1] ?? "") + name);
  const there = folders.filter((folder) => disk.listFolder(folder) !== null);
  if (there.length === 0) return null;
  return there.flatMap((folder) =>
    location.kind === "tree" ? loadTree(disk, folder) : loadFolder(loading, { ...location, path: folder }, suffix),
  );
}

function loadFolder(loading: Loading, location: ConfigLocation, suffix: string): readonly PropertySource[] {
  const stem = normalize(`${location.path}application${suffix}`);
  for (const yaml of [`${stem}.yml`, `${stem}.yaml`].filter((path) => loading.disk.readFile(path) !== null)) {
    loading.unreadFiles.push(`${yaml} is not read: only .properties files are.`);
  }
  return loadFile(loading, { ...location, path: `${stem}.properties` }) ?? [];
}

function loadTree(disk: ConfigDisk, folder: string): readonly PropertySource[] {
  return [namedSource({ name: folder, bootName: `Config tree '${folder.replace(/\/$/u, "")}'` }, readConfigTree(disk, folder) ?? [])];
}

/** Returns a source for each document of a file, what it imports behind it; null when there is no such file. */
function loadFile(loading: Loading, { text, path: written }: ConfigLocation): readonly PropertySource[] | null {
  const path = normalize(written);
  if (loading.seen.has(path)) return [];
  const bytes = loading.disk.readFile(path);
  if (bytes === null) return null;
  loading.seen.add(path);
  if (loading.seen.size > FILES_MAX) throw new ConfigError(`${path} is one file too many; allowed: ${FILES_MAX} files of properties`);
  const documents = readPropertyFile(bytes);
  if (documents === null) throw new ConfigError(String.raw`${path} has a \u without four hexadecimal digits behind it`);
  const sources: PropertySource[] = [];
  for (const [index, document] of documents.entries()) {
    refuseConditions(path, document);
    const number = documents.length === 1 ? "" : ` (document #${index})`;
    const source = namedSource(
      { name: path, bootName: `Config resource 'file [${path}]' via location '${text}'${number}` },
      document.map(({ name, value, line }) => ({ name, value, origin: `file [${path}] - ${line}` })),
    );
    sources.push(source, ...importsOf(loading, source, dirname(path)));
  }
  return sources;
}

/** A document that holds for some profiles only must not count for all of them. */
function refuseConditions(path: string, document: PropertyDocument): void {
  const condition = document.find(({ name }) => canonicalName(name).startsWith(ACTIVATE));
  if (condition === undefined) return;
  const problem = "documents that hold under a condition are not supported; allowed: a file application-<profile>.properties";
  throw propertyFault(condition.name, { source: `${path}, line ${condition.line}` }, problem);
}

function importsOf(loading: Loading, source: PropertySource, folder: string): readonly PropertySource[] {
  const value = source.get(IMPORT);
  if (value === undefined) return [];
  const resolve = createResolver((name) => findProperty([...loading.higher, source], name));
  const found = resolve(IMPORT, { value, source: source.name });
  return parseConfigLocations(found.value, `${folder}/`)
    .flat()
    .flatMap((location) => load(loading, { location, property: IMPORT, found }, ""));
}
