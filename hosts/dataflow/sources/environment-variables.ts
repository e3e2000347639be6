import { environmentNames } from "../property-name.ts";
import { listOf, namedSource, type PropertyEntry, type PropertySource } from "./property-source.ts";

/** The environment's variables. */
export type Env = Readonly<Record<string, string | undefined>>;

const NAMES = { name: "environment", bootName: "systemEnvironment" } as const;

/** Returns a key as it was meant: in the name of a variable `_` stands for the dots. `source` is the name of the one that has it. */
export function dottedKey({ key, source }: { readonly key: string; readonly source: string }): string {
  return source === NAMES.name && !key.includes(".") ? key.replaceAll("_", ".") : key;
}

/**
 * Returns the source with the environment's variables: by their property name (the local deployer and `docker -e` set `server.port`), else by
 * the forms that shells allow (`SERVER_PORT`).
 */
export function environmentSource(env: Env): PropertySource {
  const entries: PropertyEntry[] = [];
  const valueByVariable = new Map<string, string>();
  // Sorted, so that of two variables which differ in case only the same one wins each time: the one in upper case.
  for (const [name, value] of Object.entries(env).toSorted(([left], [right]) => (left < right ? -1 : 1))) {
    if (value === undefined || isServiceLink(name, value)) continue;
    entries.push({ name, value, origin: `System Environment Property "${name}"` });
    const lowerCase = name.toLowerCase();
    if (!valueByVariable.has(lowerCase)) valueByVariable.set(lowerCase, value);
  }
  const valueByName = new Map(entries.map(({ name, value }) => [name, value]));
  const byPropertyName = namedSource(
    NAMES,
    entries.filter(({ name }) => name.includes(".")),
  );
  return {
    ...NAMES,
    entries,
    get(name) {
      // By its very name first, which is how a placeholder may name a variable: `${A_B}` is not AB.
      const named = valueByName.get(name) ?? byPropertyName.get(name);
      if (named !== undefined || entries.length === 0) return named;
      const variables = environmentNames(name);
      const byVariable = (suffix: string): string | undefined =>
        variables.map((variable) => valueByVariable.get(variable + suffix)).find((value) => value !== undefined);
      return byVariable("") ?? listOf((index) => byVariable(`_${index}`));
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
