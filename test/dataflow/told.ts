/**
 * What each deployer of Data Flow tells the app of the recipe, as in the files of `told`: those of the Local platform were taken down from real
 * deployers, those of Kubernetes and Cloud Foundry follow their deployers' sources (2.9.5). Three properties are an operator's own: a name with a
 * placeholder, one in camel case, one with a hyphen.
 */
import { readFileSync } from "node:fs";
import type { ConfigInput } from "../../hosts/dataflow/property-sources.ts";

/** Where the files say that the broker is, and which port the app is to listen on. */
const BROKER = "127.0.0.1:19092";
const PORT = "23661";

/** The ways to tell, each with what it is. */
export const WAYS = {
  "local-json": "the Local platform's JSON",
  "local-variables": "the Local platform's variables",
  "local-docker": "the Local platform's JSON for a container",
  "local-docker-variables": "the Local platform's variables for a container",
  "kubernetes-exec": "the arguments of Kubernetes' entry point style exec",
  "kubernetes-shell": "the variables of Kubernetes' entry point style shell",
  "kubernetes-boot": "the JSON of Kubernetes' entry point style boot",
  "cloud-foundry": "Cloud Foundry's JSON",
  "cloud-foundry-variables": "Cloud Foundry's variables",
} as const;

export type Way = keyof typeof WAYS;

/** Another broker and port than those of the file. */
export interface Place {
  readonly broker: string;
  readonly port: number;
}

/** Returns what the app is told. JSON is written out in the files, and is the text of a variable here. */
export function told(
  way: Way,
  place: Place = { broker: BROKER, port: Number(PORT) },
): ConfigInput & { readonly env: Readonly<Record<string, string>> } {
  const file = readFileSync(new URL(`told/${way}.json`, import.meta.url), "utf8");
  const { args, env } = JSON.parse(file.replaceAll(BROKER, place.broker).replaceAll(PORT, String(place.port))) as {
    readonly args: readonly string[];
    readonly env: Readonly<Record<string, unknown>>;
  };
  const texts = Object.entries(env).map(([name, value]) => [name, typeof value === "string" ? value : JSON.stringify(value)]);
  return { args, env: Object.fromEntries(texts) as Record<string, string> };
}
