/** How much each logger writes: a level of its own, or that of the nearest name above it. */

/** Least level that is written. */
export type LogLevel = "TRACE" | "DEBUG" | "INFO" | "WARN" | "ERROR" | "OFF";

/** The levels from the most that is written to the least. */
const LEVELS: readonly LogLevel[] = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "OFF"];

/** The words for levels, in lower case. As in Boot on Logback, FATAL is ERROR, and `false` is what YAML makes of OFF. */
export const LOG_LEVEL_WORDS: ReadonlyMap<string, LogLevel> = new Map([
  ["trace", "TRACE"],
  ["debug", "DEBUG"],
  ["info", "INFO"],
  ["warn", "WARN"],
  ["error", "ERROR"],
  ["fatal", "ERROR"],
  ["off", "OFF"],
  ["false", "OFF"],
]);

/** Name of the logger above all others. */
export const ROOT = "ROOT";

/** The levels of all loggers, which may change at any time. */
export interface LogLevels {
  /** Names of the loggers that have a level or have been asked for one, and of those above them; ROOT first, the others sorted. */
  names(): readonly string[];
  /** The level that was given to this very logger, or null. */
  configured(logger: string): LogLevel | null;
  /** The level that counts for the logger. */
  effective(logger: string): LogLevel;
  /** Gives a logger a level, or, with null, takes it away again; ROOT always has one. */
  set(logger: string, level: LogLevel | null): void;
  /** Whether the logger writes events of this level. */
  isOn(logger: string, level: LogLevel): boolean;
}

/** Returns the levels: one for ROOT, and those of loggers with a level of their own. */
export function createLogLevels(root: LogLevel, byLogger: Readonly<Record<string, LogLevel>> = {}): LogLevels {
  let rootLevel = root;
  const levelByLogger = new Map<string, LogLevel>();
  /** What has been found for the names that were asked for, until a level changes. */
  const found = new Map<string, LogLevel>();
  const known = new Set<string>();
  const levels: LogLevels = {
    names() {
      return [ROOT, ...[...known].toSorted()];
    },
    configured(logger) {
      return isRoot(logger) ? rootLevel : (levelByLogger.get(logger) ?? null);
    },
    effective(logger) {
      const before = found.get(logger);
      if (before !== undefined) return before;
      if (isRoot(logger)) return rootLevel;
      const owner = withThoseAbove(logger).find((name) => levelByLogger.has(name));
      const level = owner === undefined ? rootLevel : (levelByLogger.get(owner) ?? rootLevel);
      found.set(logger, level);
      for (const name of withThoseAbove(logger)) known.add(name);
      return level;
    },
    set(logger, level) {
      if (isRoot(logger)) rootLevel = level ?? rootLevel;
      else if (level === null) levelByLogger.delete(logger);
      else levelByLogger.set(logger, level);
      found.clear();
      levels.effective(logger);
    },
    isOn(logger, level) {
      return LEVELS.indexOf(level) >= LEVELS.indexOf(levels.effective(logger));
    },
  };
  for (const [logger, level] of Object.entries(byLogger)) levels.set(logger, level);
  return levels;
}

/** Boot takes the name in any case. */
function isRoot(logger: string): boolean {
  return logger.toUpperCase() === ROOT;
}

/** `a.b.c`, `a.b` and `a`, in this order. */
function withThoseAbove(logger: string): readonly string[] {
  const parts = logger.split(".");
  return parts.map((_part, index) => parts.slice(0, parts.length - index).join("."));
}
