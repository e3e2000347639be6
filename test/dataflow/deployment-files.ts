/** The files in `hosts/dataflow/deploy`, and what the app is told by those that start it. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { readPropertyFile } from "../../hosts/dataflow/sources/property-file.ts";

export const DEPLOY = new URL("../../hosts/dataflow/deploy/", import.meta.url);
const TOP = new URL("../../", import.meta.url);
/** What the recipe calls the stream and the app's label. */
export const STREAM = "timeStampStream";
export const LABEL = "router";
export const GROUP = `${STREAM}.${LABEL}`;

/** The files that start the app, each with what it is. */
export const STARTS = {
  "kubernetes/exec.yaml": "the manifest with arguments",
  "kubernetes/shell.yaml": "the manifest with variables",
  "kubernetes/boot.yaml": "the manifest with JSON",
  "compose/compose.yaml": "the Compose file",
  "recipe/deployment.properties": "the recipe's properties",
  "recipe/kubernetes.properties": "the recipe's properties for Kubernetes",
} as const;

export type Start = keyof typeof STARTS;

/** What a process of the app gets. */
export interface Told {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
}

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly secretKeyRef?: { readonly name: string; readonly key: string; readonly optional?: boolean };
  };
}

/** The parts of a Deployment that tests look at; its schema has been checked. */
export interface Deployment {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
      readonly spec: {
        readonly terminationGracePeriodSeconds: number;
        readonly securityContext: Readonly<Record<string, unknown>>;
        readonly containers: readonly [
          {
            readonly image: string;
            readonly args?: readonly string[];
            readonly env: readonly Variable[];
            readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
            readonly startupProbe: Probe;
            readonly readinessProbe: Probe;
            readonly livenessProbe: Probe;
            readonly resources: {
              readonly requests: { readonly cpu: string; readonly memory: string };
              readonly limits: { readonly memory: string };
            };
            readonly securityContext: Readonly<Record<string, unknown>>;
          },
        ];
      };
    };
  };
}

/** A service of the Compose file. */
export interface Service {
  readonly image: string;
  readonly build?: { readonly context: string; readonly args: readonly string[] };
  readonly environment?: Readonly<Record<string, string | number>>;
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly profiles?: readonly string[];
  readonly depends_on?: readonly string[] | Readonly<Record<string, unknown>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly stop_grace_period?: string;
}

export interface Compose {
  readonly name: string;
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
}

/** A file of the project's top, such as the Dockerfile. */
export function topFile(name: string): string {
  return readFileSync(new URL(name, TOP), "utf8");
}

export function deployFile(path: string): string {
  return readFileSync(new URL(path, DEPLOY), "utf8");
}

/** Returns the only document of a YAML file, which has no key twice. */
export function readYaml(path: string): unknown {
  const documents = parseAllDocuments(deployFile(path));
  assert.ok(Array.isArray(documents) && documents.length === 1, `${path} has one document`);
  const [document] = documents;
  assert.deepEqual([document?.errors, document?.warnings], [[], []], path);
  return document?.toJS();
}

/** Returns the properties of a file in Java's format. */
export function readProperties(path: string): ReadonlyMap<string, string> {
  const [properties = []] = readPropertyFile(readFileSync(new URL(path, DEPLOY))) ?? [];
  return new Map(properties.map(({ name, value }) => [name, value]));
}

/** Returns what the app gets where a file is used as it is. Of Secrets there are those that are given, by name and key. */
export function toldBy(path: Start, secrets: ReadonlyMap<string, string> = new Map()): Told {
  if (path.startsWith("kubernetes/")) return toldByKubernetes(readYaml(path) as Deployment, secrets);
  if (path.startsWith("compose/")) return toldByCompose(readYaml(path) as Compose);
  return toldByDataFlow(readProperties(path));
}

/** A container's arguments and variables; `$(VARIABLE)` does not occur in them. */
function toldByKubernetes({ spec }: Deployment, secrets: ReadonlyMap<string, string>): Told {
  const [{ args = [], env }] = spec.template.spec.containers;
  for (const text of [...args, ...env.map(({ value = "" }) => value)]) assert.doesNotMatch(text, /\$\(/u);
  const values = env.flatMap(({ name, value, valueFrom }): [string, string][] => {
    if (value !== undefined) return [[name, value]];
    if (valueFrom?.fieldRef?.fieldPath === "metadata.uid") return [[name, "6e1d7cf4-5d5b-4f0c-9a55-0c3c1d1d5a3b"]];
    const reference = valueFrom?.secretKeyRef;
    assert.ok(reference !== undefined, `${name} has a value`);
    const secret = secrets.get(`${reference.name}/${reference.key}`);
    assert.ok(secret !== undefined || reference.optional === true, `${name}: the pod could not start without the Secret`);
    return secret === undefined ? [] : [[name, secret]];
  });
  return { args, env: Object.fromEntries(values) };
}

function toldByCompose({ services }: Compose): Told {
  const { environment = {} } = services["router"] ?? {};
  return { args: [], env: Object.fromEntries(Object.entries(environment).map(([name, value]) => [name, String(value)])) };
}

/** Data Flow adds names, the platform brokers; the rest is what the file has for the label. */
function toldByDataFlow(properties: ReadonlyMap<string, string>): Told {
  const prefix = `app.${LABEL}.`;
  const own = [...properties].filter(([name]) => name.startsWith(prefix)).map(([name, value]) => [name.slice(prefix.length), value]);
  const added = {
    "spring.cloud.dataflow.stream.name": STREAM,
    "spring.cloud.dataflow.stream.app.label": LABEL,
    "spring.cloud.dataflow.stream.app.type": "app",
    "spring.cloud.stream.kafka.binder.brokers": "kafka:9092",
  };
  return { args: [], env: { SPRING_APPLICATION_JSON: JSON.stringify({ ...Object.fromEntries(own), ...added }) } };
}
