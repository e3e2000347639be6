// The four layouts of Spring Boot 3.5's console: `text` is CONSOLE_LOG_PATTERN of its Logback defaults, in UTC and with an error's messages
// in the line instead of the stack trace below it; `ecs`, `logstash` and `gelf` are its structured log formats, with nested ECS fields as
// they are since 3.5.
import { inspect } from "node:util";
import { describeError } from "./errors.ts";
import { oneLine, oneLineJson } from "./one-line.ts";

/** How grave an event is. */
export type EventLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR";

/** What goes with a message, for programs that read the log; the text layout, as Boot's, has the error of it only. */
export interface LogFields {
  /** What was thrown. */
  readonly error?: unknown;
  readonly [name: string]: unknown;
}

/** One event of the log. */
export interface LogEvent {
  readonly epochMs: number;
  readonly level: EventLevel;
  readonly logger: string;
  readonly message: string;
  readonly fields: LogFields;
}

/** What all events of a log have in common. */
export interface LogContext {
  readonly applicationName: string;
  readonly pid: number;
  /** Of the thread that tells the event. */
  readonly thread: string;
  /** Whether the stack traces of errors are wanted. */
  readonly withStackTraces: boolean;
}

/** Returns one line for one event, without the line end. */
export type Layout = (event: LogEvent, context: LogContext) => string;

/** Boot's `%d %5p ${PID} --- [application] [%15.15t] %-40.40logger{39} : %m`. */
export const textLayout: Layout = ({ epochMs, level, logger, message, fields }, { applicationName, pid, thread, withStackTraces }) => {
  const application = applicationName === "" ? "" : `[${applicationName}] `;
  const threadColumn = thread.slice(-15).padStart(15);
  const loggerColumn = abbreviateLogger(oneLine(logger)).slice(-40).padEnd(40);
  const parts = [message];
  if ("error" in fields) {
    parts.push(describeError(fields.error));
    if (withStackTraces) parts.push(stackTraceOf(fields.error));
  }
  const head = `${new Date(epochMs).toISOString()} ${level.padStart(5)} ${pid} --- ${oneLine(application)}[${threadColumn}] ${loggerColumn} : `;
  return head + oneLine(parts.join(": "));
};

const LOGGER_LENGTH = 39;

/**
 * Logback's `%logger{39}`: from the left, the parts of a name of 39 characters or more are cut to their first letter until it is short
 * enough; the last part stays whole.
 */
function abbreviateLogger(logger: string): string {
  const lastDot = logger.lastIndexOf(".");
  if (logger.length < LOGGER_LENGTH || lastDot === -1) return logger;
  const parts = logger.slice(0, lastDot).split(".");
  const lastPartLength = logger.length - lastDot;
  let excess = lastDot - Math.max(0, LOGGER_LENGTH - lastPartLength);
  for (const [index, part] of parts.entries()) {
    parts[index] = part.slice(0, 1);
    excess -= part.length - parts[index].length;
    if (excess <= 0) break;
  }
  return parts.join(".") + logger.slice(lastDot);
}

/** Elastic Common Schema 8.11, nested. */
export const ecsLayout: Layout = ({ epochMs, level, logger, message, fields }, { applicationName, pid, thread, withStackTraces }) => {
  const { error, ...others } = fields;
  const stackTrace = withStackTraces ? { stack_trace: stackTraceOf(error) } : {};
  return json(
    {
      "@timestamp": new Date(epochMs).toISOString(),
      log: { level, logger },
      process: { pid, thread: { name: thread } },
      service: applicationName === "" ? {} : { name: applicationName },
      message,
      ...("error" in fields ? { error: { type: typeOf(error), message: describeError(error), ...stackTrace } } : {}),
      ecs: { version: "8.11" },
    },
    others,
  );
};

// Logback's Level.toInt.
const LEVEL_VALUE: Readonly<Record<EventLevel, number>> = { TRACE: 5000, DEBUG: 10_000, INFO: 20_000, WARN: 30_000, ERROR: 40_000 };

/** The format of Logstash's own Logback encoder. It has a stack trace and no message of an error, so the messages stand in for it. */
export const logstashLayout: Layout = ({ epochMs, level, logger, message, fields }, { thread, withStackTraces }) => {
  const { error, ...others } = fields;
  return json(
    {
      "@timestamp": new Date(epochMs).toISOString(),
      "@version": "1",
      message,
      logger_name: logger,
      thread_name: thread,
      level,
      level_value: LEVEL_VALUE[level],
      ...("error" in fields ? { stack_trace: withStackTraces ? stackTraceOf(error) : describeError(error) } : {}),
    },
    others,
  );
};

// Logback's LevelToSyslogSeverity.
const SYSLOG_SEVERITY: Readonly<Record<EventLevel, number>> = { TRACE: 7, DEBUG: 7, INFO: 6, WARN: 4, ERROR: 3 };

/** Graylog Extended Log Format 1.1: additional fields begin with an underscore, and `_id` is not allowed. */
export const gelfLayout: Layout = ({ epochMs, level, logger, message, fields }, { applicationName, pid, thread, withStackTraces }) => {
  const { error, ...others } = fields;
  const detail = withStackTraces ? stackTraceOf(error) : describeError(error);
  const additional = Object.entries(others).filter(([name]) => /^[\w.-]+$/u.test(name) && name !== "id" && name !== "_id");
  return json(
    {
      version: "1.1",
      // Graylog refuses an event with a blank message.
      short_message: message.trim() === "" ? "(blank)" : message,
      timestamp: epochMs / 1000,
      level: SYSLOG_SEVERITY[level],
      _level_name: level,
      _process_pid: pid,
      _process_thread_name: thread,
      ...(applicationName === "" ? {} : { host: applicationName }),
      _log_logger: logger,
      ...("error" in fields
        ? {
            full_message: `${message}\n\n${detail}`,
            _error_type: typeOf(error),
            ...(withStackTraces ? { _error_stack_trace: detail } : {}),
            _error_message: describeError(error),
          }
        : {}),
    },
    Object.fromEntries(additional.map(([name, value]) => [name.startsWith("_") ? name : `_${name}`, value])),
  );
};

/** The event's members, then the further fields; a field can't take the place of a member. */
function json(members: Readonly<Record<string, unknown>>, fields: Readonly<Record<string, unknown>>): string {
  const further = Object.entries(fields).filter(([name, value]) => !(name in members) && value !== undefined);
  return oneLineJson({ ...members, ...Object.fromEntries(further.map(([name, value]) => [name, plain(value)])) });
}

/** Numbers, booleans and text as they are; everything else as text, since a log line must not fail for what stands in it. */
function plain(value: unknown): string | number | boolean | null {
  if (value === null || typeof value === "string" || typeof value === "boolean" || typeof value === "number") return value;
  if (typeof value === "bigint") return value.toString();
  return value instanceof Error ? describeError(value) : inspect(value, { breakLength: Infinity });
}

function typeOf(error: unknown): string {
  return error instanceof Error ? error.name : typeof error;
}

// As many as `describeError` follows.
const CAUSES_MAX = 5;

/** The stack traces of an error and its causes, as Java writes them one below the other. */
function stackTraceOf(error: unknown): string {
  const traces: string[] = [];
  for (let at = error; at instanceof Error && traces.length < CAUSES_MAX; at = at.cause) traces.push(at.stack ?? at.message);
  return traces.length === 0 ? String(error) : traces.join("\nCaused by: ");
}
