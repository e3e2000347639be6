import { ConfigError } from "../config-error.ts";
import { canonicalName } from "../property-name.ts";
import { namedSource, type PropertyEntry, type PropertySource } from "./property-source.ts";

/** Returns the source with the arguments that are options. */
export function commandLineSource(args: readonly string[]): PropertySource {
  return namedSource({ name: "command line", bootName: "commandLineArgs" }, optionsOf(args));
}

/** Boot's `--key=value`: a value may contain `=`, a key alone is empty, `--` ends the options, and what has no `--` is no option. */
function optionsOf(args: readonly string[]): readonly PropertyEntry[] {
  const options = new Map<string, PropertyEntry>();
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
    options.set(canonicalName(name), { name, value: earlier === undefined ? value : `${earlier.value},${value}` });
  }
  return [...options.values()];
}
