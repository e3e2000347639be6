import { createLogLevels } from "../../../hosts/dataflow/log-levels.ts";
import { createLogger, type Logger } from "../../../hosts/dataflow/log.ts";

const WAIT_MAX_MS = 5000;

/** A log whose lines a test can read and await. */
export interface MemoryLog extends Logger {
  /** `LEVEL logger: message` each. */
  readonly lines: readonly string[];
  /** The first line that matches, from the beginning on. Rejects when none comes for long. */
  line(pattern: RegExp): Promise<string>;
}

/** Returns an empty log. */
export function createMemoryLog(): MemoryLog {
  const lines: string[] = [];
  const waiting = new Set<{ readonly pattern: RegExp; readonly resolve: (line: string) => void }>();
  const write = (text: string): void => {
    const [, level, logger, message] = /^\S+ +(\w+) .*\] (\S+) +: (.*)\n$/u.exec(text) ?? [];
    const line = `${level} ${logger}: ${message}`;
    lines.push(line);
    for (const waiter of waiting) {
      if (!waiter.pattern.test(line)) continue;
      waiting.delete(waiter);
      waiter.resolve(line);
    }
  };
  const logger = createLogger({ applicationName: "test", format: "text", levels: createLogLevels("TRACE"), write, now: () => 0, pid: 1 });
  const line = async (pattern: RegExp): Promise<string> => {
    const found = lines.find((candidate) => pattern.test(candidate));
    if (found !== undefined) return found;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    const timer = setTimeout(() => {
      reject(new Error(`no line matches ${String(pattern)}; the lines are:\n${lines.join("\n")}`));
    }, WAIT_MAX_MS);
    waiting.add({ pattern, resolve });
    return promise.finally(() => {
      clearTimeout(timer);
    });
  };
  return { ...logger, lines, line };
}
