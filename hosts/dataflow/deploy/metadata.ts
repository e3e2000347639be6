/**
 * What Data Flow's shell and dashboard show of the app before it runs: its properties, in the format of Boot's configuration metadata, and its
 * ports. `npm run metadata` writes the files of the metadata jar to the folder `metadata`, and prints the text of the image's label.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { ENDPOINT_IDS } from "../actuator/endpoint.ts";
import type { Property } from "../property.ts";
import { BINDING_PROPERTIES } from "../schema-binding.ts";
import { ROUTER_PROPERTIES } from "../schema-router.ts";
import { PROPERTIES } from "../schema.ts";

type Described = Omit<Property<unknown>, "readText">;

interface MetadataProperty {
  readonly name: string;
  readonly type: string;
  readonly description: string;
  readonly sourceType?: string;
  readonly defaultValue?: string | number | boolean;
}

interface MetadataHint {
  readonly name: string;
  readonly values: readonly { readonly value: string }[];
  readonly providers?: readonly { readonly name: string }[];
}

/** Boot's configuration metadata. */
export interface Metadata {
  readonly groups: readonly { readonly name: string; readonly type: string; readonly sourceType: string }[];
  readonly properties: readonly MetadataProperty[];
  readonly hints: readonly MetadataHint[];
}

/** Where the files of the jar are kept. */
export const METADATA_FOLDER = new URL("metadata/", import.meta.url);

const INPUTS = ["input"] as const;
const OUTPUTS = (PROPERTIES.outputs.default ?? "").split(",");
/** A group with a type: of its properties Data Flow takes the short names, too, as in `timestamp-router --unroutable=dlq`. */
const ROUTER_GROUP = { name: "router", type: "router.RouterProperties", sourceType: "router.RouterProperties" } as const;
const MAP_TYPE = "java.util.Map<java.lang.String,java.lang.String>";
/** What stands for a part of a name that is not the key of a map. */
const KNOWN_NAMES: ReadonlyMap<string, readonly string[]> = new Map<string, readonly string[]>([
  ["<output>", OUTPUTS],
  ["<id>", ENDPOINT_IDS],
  ["<group>", ["liveness", "readiness"]],
]);
/** Java's types by ours; anything else is text. */
const JAVA_TYPES: ReadonlyMap<string, string> = new Map([
  ["boolean", "java.lang.Boolean"],
  ["integer", "java.lang.Integer"],
  ["duration", "java.time.Duration"],
  ["data size", "org.springframework.util.unit.DataSize"],
  ["list", "java.util.List<java.lang.String>"],
  ["topics", "java.util.List<java.lang.String>"],
]);

/** Returns the metadata of all properties. */
export function configurationMetadata(): Metadata {
  return metadataOf(Object.values(PROPERTIES));
}

/** Returns the properties that the author of a stream chooses, which Data Flow shows without being asked for all. */
export function visibleMetadata(): Metadata {
  const subjects: readonly Described[] = [...Object.values(ROUTER_PROPERTIES), ...Object.values(BINDING_PROPERTIES)];
  return metadataOf(subjects.filter(({ defaultMeaning }) => defaultMeaning !== "set by Data Flow"));
}

function metadataOf(properties: readonly Described[]): Metadata {
  return {
    groups: [ROUTER_GROUP],
    properties: properties.flatMap((property) => namesOf(property.name).map((name) => describe(name, property))),
    hints: properties.flatMap((property) => namesOf(property.name).flatMap((name) => hintsOf(name, property))),
  };
}

/** The names that one with `<…>` in it stands for; the name of a map has its keys left out. */
function namesOf(name: string): readonly string[] {
  const [placeholder] = /<\w+>/u.exec(name) ?? [];
  if (placeholder === undefined) return [name];
  const known = KNOWN_NAMES.get(placeholder);
  if (name.endsWith(placeholder) && placeholder !== "<output>") return [name];
  if (known === undefined) throw new Error(`${name} is neither a map nor a name for ${[...KNOWN_NAMES.keys()].join(", ")}`);
  return known.flatMap((value) => namesOf(name.replace(placeholder, value)));
}

function describe(name: string, { type, description, default: text, defaultMeaning }: Described): MetadataProperty {
  const isMap = name.endsWith(">");
  const meaning = text === null && defaultMeaning !== undefined ? ` Default: ${defaultMeaning}.` : "";
  return {
    name: isMap ? name.slice(0, name.lastIndexOf(".")) : name,
    type: isMap ? MAP_TYPE : (JAVA_TYPES.get(type) ?? "java.lang.String"),
    description: `${description}${meaning}`.replaceAll("`", ""),
    ...(name.startsWith(`${ROUTER_GROUP.name}.`) ? { sourceType: ROUTER_GROUP.sourceType } : {}),
    ...(text === null || text === "" ? {} : { defaultValue: valueOf(type, text) }),
  };
}

function valueOf(type: string, text: string): string | number | boolean {
  if (type === "boolean") return text === "true";
  return type === "integer" ? Number(text) : text;
}

function hintsOf(name: string, { type, words }: Described): readonly MetadataHint[] {
  if (words === undefined || type === "boolean") return [];
  // What YAML makes of a word, and the word for nothing, are none to be proposed.
  const values = words.filter((word) => word !== "" && word !== "false").map((value) => ({ value }));
  const isMap = name.endsWith(">");
  const hintName = isMap ? `${name.slice(0, name.lastIndexOf("."))}.values` : name;
  return [{ name: hintName, values, ...(type === "policy" ? { providers: [{ name: "any" }] } : {}) }];
}

/** Returns the text of the image's label: what is visible, on one line, since a label has no list of what is. */
export function metadataLabel(): string {
  return JSON.stringify(visibleMetadata());
}

/** Returns the texts of the jar's files, by their paths in it. */
export function metadataFiles(): ReadonlyMap<string, string> {
  const visible = visibleMetadata().properties.map(({ name }) => name);
  const router = visible.filter((name) => name.startsWith(`${ROUTER_GROUP.name}.`));
  const bindings = visible.filter((name) => !router.includes(name));
  const groups = "org.springframework.cloud.dataflow.configuration-properties.option-groups";
  return new Map([
    ["META-INF/MANIFEST.MF", "Manifest-Version: 1.0\n"],
    ["META-INF/spring-configuration-metadata.json", `${JSON.stringify(configurationMetadata(), null, 2)}\n`],
    ["META-INF/dataflow-configuration-metadata.properties", propertyLines({ "configuration-properties.names": visible })],
    [
      "META-INF/dataflow-configuration-port-mapping.properties",
      propertyLines({ "configuration-properties.inbound-ports": INPUTS, "configuration-properties.outbound-ports": OUTPUTS }),
    ],
    [
      "META-INF/dataflow-configuration-option-groups.properties",
      propertyLines({ [`${groups}.router`]: router, [`${groups}.bindings`]: bindings }),
    ],
  ]);
}

/** Each list as a property, one element a line. */
function propertyLines(lists: Readonly<Record<string, readonly string[]>>): string {
  return Object.entries(lists)
    .map(([name, elements]) => `${name}=${elements.join(",\\\n  ")}\n`)
    .join("");
}

if (import.meta.main) {
  for (const [path, text] of metadataFiles()) {
    const file = fileURLToPath(new URL(path, METADATA_FOLDER));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  process.stdout.write(`${metadataLabel()}\n`);
}
