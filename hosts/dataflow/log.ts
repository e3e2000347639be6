import type { LogFormat } from "./config.ts";
import type { LogLevels } from "./log-levels.ts";
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
  readonly levels: LogLevels;
  /** Takes one line, line end included. */
  readonly write: (line: string) => void;
  /** Returns the time in milliseconds since 1970: `Date.now`. */
  readonly now: () => number;
  readonly pid: number;
  /** Of the thread that logs; Java calls the first one `main`. */
  readonly thread?: string;
  /** Told of each event that is logged. */
  readonly onEvent?: (level: EventLevel) => void;
}

const LAYOUTS: Readonly<Record<LogFormat, Layout>> = { text: textLayout, ecs: ecsLayout, logstash: logstashLayout, gelf: gelfLayout };

/** Returns a log in Boot's layout. Events below their logger's level cost a look-up. */
export function createLogger({ applicationName, format, levels, write, now, pid, thread = "main", onEvent }: LoggerOptions): Logger {
  const layout = LAYOUTS[format];
  const methodFor =
    (eventLevel: EventLevel): LogMethod =>
    (logger, message, fields = {}) => {
      if (!levels.isOn(logger, eventLevel)) return;
      onEvent?.(eventLevel);
      const context: LogContext = { applicationName, pid, thread, withStackTraces: levels.isOn(logger, "DEBUG") };
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
