/** The endpoint with the levels of the loggers, which can be changed while the app runs. */
import { LOG_LEVEL_WORDS, ROOT, type LogLevels } from "../log-levels.ts";
import { badRequest, NO_CONTENT, NOT_FOUND, ok, reading, writing, type Endpoint } from "./endpoint.ts";

/** Boot's list, in its order. */
const LEVELS = ["OFF", "FATAL", "ERROR", "WARN", "INFO", "DEBUG", "TRACE"] as const;

/** Returns the endpoint that shows and sets the levels. */
export function loggersEndpoint(levels: LogLevels): Endpoint {
  return {
    id: "loggers",
    operations: [
      reading(null, () =>
        ok({ levels: LEVELS, loggers: Object.fromEntries(levels.names().map((name) => [name, describe(levels, name)])), groups: {} }),
      ),
      reading("name", ({ selector }) => (levels.names().includes(selector) ? ok(describe(levels, selector)) : NOT_FOUND)),
      writing("name", ({ selector, body }) => {
        const wanted = body["configuredLevel"] ?? null;
        if (wanted === null) {
          if (selector.toUpperCase() === ROOT) return badRequest("ROOT must have a level");
          levels.set(selector, null);
          return NO_CONTENT;
        }
        const level = typeof wanted === "string" ? LOG_LEVEL_WORDS.get(wanted.toLowerCase()) : undefined;
        if (level === undefined) return badRequest(`configuredLevel is none of ${LEVELS.join(", ")}`);
        levels.set(selector, level);
        return NO_CONTENT;
      }),
    ],
  };
}

/** A logger without a level of its own has that of the nearest name above it. */
function describe(levels: LogLevels, name: string): object {
  const configuredLevel = levels.configured(name);
  return { ...(configuredLevel === null ? {} : { configuredLevel }), effectiveLevel: levels.effective(name) };
}
