import { flattenApplicationJson } from "./application-json.ts";
import { ConfigError } from "./config-error.ts";
import { canonicalName, environmentNames, withoutKeyBrackets } from "./property-name.ts";

/** One place that properties come from. */
export interface PropertySource {
  /** What the source is called in an error message. */
  readonly name: string;
  /** Returns the value of a property by its canonical (kebab case) name, whatever spelling the source used. */
  get(name: string): string | undefined;
  /** Returns what follows `prefix.` in the names that the source has: the keys of a map such as `router.prefix.<output>`. */
  keysUnder(prefix: string): readonly string[];
}

/** A value and where it came from. */
export interface FoundProperty {
  readonly value: string;
  readonly source: string;
}

/** Where the app's settings come from. Nothing else in the app reads arguments or the environment. */
export interface ConfigInput {
  /** Arguments without the program's own two: `process.argv.slice(2)`. */
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Name of the source with the arguments. */
export const COMMAND_LINE = "command line";
/** Name of the source with the JSON object of properties. */
export const APPLICATION_JSON = "SPRING_APPLICATION_JSON";
/** Name of the source with the environment variables. */
export const ENVIRONMENT = "environment";

/**
 * Returns the sources, the one that wins first, in Boot's order: command line, SPRING_APPLICATION_JSON, environment. Further sources (files,
 * config trees) take their place in this list.
 */
export function propertySources({ args, env }: ConfigInput): readonly PropertySource[] {
  const commandLine = namedSource(COMMAND_LINE, optionsOf(args));
  const environment = environmentSource(env);
  // Boot asks each source for both spellings, so the JSON may itself be an argument; an empty one counts as none.
  const json = [
    commandLine.get("spring.application.json"),
    commandLine.get(APPLICATION_JSON),
    environment.get("spring.application.json"),
  ].find((text) => text !== undefined && text.trim() !== "");
  const applicationJson = namedSource(APPLICATION_JSON, json === undefined ? [] : flattenApplicationJson(json));
  return [commandLine, applicationJson, environment];
}

/** Returns the value of the first source that has the property. */
export function findProperty(sources: readonly PropertySource[], name: string): FoundProperty | undefined {
  for (const source of sources) {
    const value = source.get(name);
    if (value !== undefined) return { value: value === DSL_EMPTY ? "" : value, source: source.name };
  }
  return undefined;
}

/** Data Flow's stream language hands an empty value (`--key=""`) on as these four characters. */
const DSL_EMPTY = String.raw`\"\"`;

type NamedValue = readonly [name: string, value: string];

/** Boot's `--key=value`: a value may contain `=`, a key alone is empty, `--` ends the options, and what has no `--` is no option. */
function optionsOf(args: readonly string[]): readonly NamedValue[] {
  const options = new Map<string, NamedValue>();
  for (const [index, arg] of args.entries()) {
    if (arg === "--") break;
    if (!arg.startsWith("--")) continue;
    const equals = arg.indexOf("=");
    const name = equals === -1 ? arg.slice(2) : arg.slice(2, equals);
    // The value is not shown: it may be a secret.
    if (name.trim() === "")
      throw new ConfigError(`Argument ${index + 1} begins with "--=": the property's name is missing; write --name=value`);
    const value = equals === -1 ? "" : arg.slice(equals + 1);
    const earlier = options.get(canonicalName(name));
    options.set(canonicalName(name), [name, earlier === undefined ? value : `${earlier[1]},${value}`]);
  }
  return [...options.values()];
}

/** A source whose names are property names. When two of them are spellings of one name, the later one counts. */
function namedSource(sourceName: string, properties: readonly NamedValue[]): PropertySource {
  const valueByName = new Map(properties.map(([name, value]) => [canonicalName(name), value]));
  return {
    name: sourceName,
    get(name) {
      const canonical = canonicalName(name);
      return valueByName.get(canonical) ?? listOf((index) => valueByName.get(`${canonical}[${index}]`));
    },
    keysUnder(prefix) {
      return keysOf(
        properties.map(([name]) => name),
        prefix,
      );
    },
  };
}

/** A list that was given element by element, as the comma list that it stands for. */
function listOf(element: (index: number) => string | undefined): string | undefined {
  const elements: string[] = [];
  for (let index = 0; ; index++) {
    const value = element(index);
    if (value === undefined) break;
    elements.push(value);
  }
  return elements.length === 0 ? undefined : elements.join(",");
}

function keysOf(names: readonly string[], prefix: string): readonly string[] {
  const wanted = `${canonicalName(prefix)}.`;
  const elementCount = prefix.split(".").length;
  return names
    .filter((name) => canonicalName(name).startsWith(wanted))
    .map((name) => withoutKeyBrackets(name).split(".").slice(elementCount).join("."));
}

/**
 * Environment variables: by their property name (the local deployer and `docker -e` set `server.port`), else by the forms that shells allow
 * (`SERVER_PORT`).
 */
function environmentSource(env: ConfigInput["env"]): PropertySource {
  const dotted: NamedValue[] = [];
  const valueByVariable = new Map<string, string>();
  // Sorted, so that of two variables which differ in case only the same one wins each time: the one in upper case.
  for (const [variable, value] of Object.entries(env).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    if (value === undefined || isServiceLink(variable, value)) continue;
    if (variable.includes(".")) dotted.push([variable, value]);
    const lowerCase = variable.toLowerCase();
    if (!valueByVariable.has(lowerCase)) valueByVariable.set(lowerCase, value);
  }
  const byPropertyName = namedSource(ENVIRONMENT, dotted);
  const byVariable = (name: string, suffix: string): string | undefined =>
    environmentNames(name)
      .map((variable) => valueByVariable.get(variable + suffix))
      .find((value) => value !== undefined);
  return {
    name: ENVIRONMENT,
    get(name) {
      return byPropertyName.get(name) ?? byVariable(name, "") ?? listOf((index) => byVariable(name, `_${index}`));
    },
    keysUnder(prefix) {
      const variables = environmentNames(prefix).flatMap((start) =>
        [...valueByVariable.keys()]
          .filter((variable) => variable.startsWith(`${start}_`))
          .map((variable) => variable.slice(start.length + 1)),
      );
      return [...byPropertyName.keysUnder(prefix), ...new Set(variables)];
    },
  };
}

/** Kubernetes announces a Service called `server` to every pod as SERVER_PORT=tcp://10.0.0.1:80. Nobody meant that as our server.port. */
function isServiceLink(variable: string, value: string): boolean {
  return variable.endsWith("_PORT") && /^(?:tcp|udp|sctp):\/\//u.test(value);
}
