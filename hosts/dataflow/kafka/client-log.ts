/** What kafkajs has to say, in the app's log. */
import type { Logger } from "../log.ts";

/** Where kafkajs writes an entry to. */
export type ClientLog = (level: "warn" | "debug", namespace: string, text: string) => void;

/** The same text is told again after this long at the earliest: a retry each 80 ms says nothing new. */
const REPEAT_MS = 10_000;
/** Texts remembered; they hold addresses and topics, so there are not many. */
const TEXTS_MAX = 200;

/** Returns a writer that tells a text that comes over and over once in a while, with how often it came. */
export function createClientLog(log: Logger, now: () => number): ClientLog {
  const told = new Map<string, { readonly atMs: number; unsaid: number }>();
  return (level, namespace, text) => {
    const key = `${level} ${namespace} ${text}`;
    const before = told.get(key);
    const nowMs = now();
    if (before !== undefined && nowMs - before.atMs < REPEAT_MS) {
      before.unsaid++;
      return;
    }
    if (told.size >= TEXTS_MAX) told.clear();
    told.set(key, { atMs: nowMs, unsaid: 0 });
    const again = before === undefined || before.unsaid === 0 ? "" : ` (${before.unsaid} more times in between)`;
    log[level](`kafkajs.${namespace || "Client"}`, text + again);
  };
}
