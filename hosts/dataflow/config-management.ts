import { ROOT, type LogLevel } from "./log-levels.ts";
import type { Properties } from "./properties.ts";
import { PROPERTIES } from "./schema.ts";
import { dottedKey } from "./sources/environment-variables.ts";

/** Layout of the log. */
export type LogFormat = "text" | "ecs" | "logstash" | "gelf";

/** What makes the app one among Boot apps. */
export interface ManagementConfig {
  readonly applicationName: string;
  readonly server: {
    readonly port: number;
    /** Null for all interfaces. */
    readonly address: string | null;
  };
  readonly logging: {
    readonly format: LogFormat;
    readonly level: LogLevel;
    /** Of loggers with a level of their own. */
    readonly levelByLogger: Readonly<Record<string, LogLevel>>;
  };
}

/** Reads the app's name, its HTTP side and its log. */
export function readManagement(properties: Properties): ManagementConfig {
  return {
    applicationName: properties.read(PROPERTIES.applicationName),
    server: { port: properties.read(PROPERTIES.serverPort), address: properties.read(PROPERTIES.serverAddress) || null },
    logging: {
      format: properties.read(PROPERTIES.logFormat),
      level: properties.read(PROPERTIES.logLevel),
      levelByLogger: readLevels(properties),
    },
  };
}

function readLevels(properties: Properties): ManagementConfig["logging"]["levelByLogger"] {
  return Object.fromEntries(
    properties
      .keysUnder("logging.level")
      .filter(({ key }) => key.toUpperCase() !== ROOT)
      // The source that wins comes first, and is to be the last one here.
      .toReversed()
      .map((found) => [
        dottedKey(found),
        properties.read(PROPERTIES.loggerLevel, PROPERTIES.loggerLevel.name.replace("<logger>", found.key)),
      ]),
  );
}
