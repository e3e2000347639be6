import type { LogFormat, LogLevel } from "./config.ts";
import {
  ecsLayout,
  gelfLayout,
  logstashLayout,
  textLayout,
  type EventLevel,
  type Layout,
  type LogContext,
  type LogFields,
} from "./log-layouts.ts";

export type { LogFields } from "./log-layouts.ts";

/** Writes one event: the logger's name, what happened, and what goes with it. `fields.error` is what was thrown. */
export type LogMethod = (logger: string, message: string, fields?: LogFields) => void;

/** The log. Each event becomes exactly one line, whatever its message has in it. */
export interface Logger {
  readonly trace: LogMethod;
  readonly debug: LogMethod;
  readonly info: LogMethod;
  readonly warn: LogMethod;
  readonly error: LogMethod;
}

/** What a log is made with. */
export interface LoggerOptions {
  readonly applicationName: string;
  readonly format: LogFormat;
  readonly level: LogLevel;
  /** Takes one line, line end included. */
  readonly write: (line: string) => void;
  /** Returns the time in milliseconds since 1970: `Date.now`. */
  readonly now: () => number;
  readonly pid: number;
}

const LEVELS: readonly LogLevel[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"];

const LAYOUTS: Readonly<Record<LogFormat, Layout>> = { text: textLayout, ecs: ecsLayout, logstash: logstashLayout, gelf: gelfLayout };

/** Returns a log in Boot's layout. Events below the level cost a comparison. */
export function createLogger({ applicationName, format, level, write, now, pid }: LoggerOptions): Logger {
  const layout = LAYOUTS[format];
  const leastRank = LEVELS.indexOf(level);
  const context: LogContext = { applicationName, pid, withStackTraces: leastRank <= LEVELS.indexOf("DEBUG") };
  const methodFor =
    (eventLevel: EventLevel): LogMethod =>
    (logger, message, fields = {}) => {
      if (LEVELS.indexOf(eventLevel) < leastRank) return;
      write(`${layout({ epochMs: now(), level: eventLevel, logger, message, fields }, context)}\n`);
    };
  return {
    trace: methodFor("TRACE"),
    debug: methodFor("DEBUG"),
    info: methodFor("INFO"),
    warn: methodFor("WARN"),
    error: methodFor("ERROR"),
  };
}
