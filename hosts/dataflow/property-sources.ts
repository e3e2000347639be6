import { applicationJsonSource } from "./sources/application-json.ts";
import { cloudFoundryPortSource, vcapSource } from "./sources/cloud-foundry.ts";
import { commandLineSource } from "./sources/command-line.ts";
import type { ConfigDisk } from "./sources/config-disk.ts";
import { readConfigFiles } from "./sources/config-files.ts";
import { environmentSource, type Env } from "./sources/environment-variables.ts";
import type { PropertySource } from "./sources/property-source.ts";
import { RANDOM } from "./sources/random.ts";

/** Where the app's settings come from. Nothing else in the app reads arguments, the environment or configuration files. */
export interface ConfigInput {
  /** Arguments without the program's own two: `process.argv.slice(2)`. */
  readonly args: readonly string[];
  readonly env: Env;
  /** Where configuration files are; without it there are none. */
  readonly disk?: ConfigDisk;
}

/** The sources, and what they are about. */
export interface PropertySources {
  /** The one that wins first. */
  readonly sources: readonly PropertySource[];
  readonly activeProfiles: readonly string[];
  /** Files that were found, or asked for, and are not read: one sentence each. */
  readonly unreadFiles: readonly string[];
}

const NO_FILES: ConfigDisk = { readFile: () => null, listFolder: () => null };

/** Returns the sources in Boot's order: command line, Cloud Foundry's, SPRING_APPLICATION_JSON, environment, random values, files. */
export function propertySources({ args, env, disk = NO_FILES }: ConfigInput): PropertySources {
  const commandLine = commandLineSource(args);
  const environment = environmentSource(env);
  const applicationJson = applicationJsonSource(commandLine, environment);
  const aboveFiles = [commandLine, vcapSource(env), applicationJson, environment, cloudFoundryPortSource(env), RANDOM];
  const { sources, ...rest } = readConfigFiles(disk, aboveFiles);
  return { sources: [...aboveFiles, ...sources], ...rest };
}
