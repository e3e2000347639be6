/** What ends the program before its input does, and what is said of it. */

/** A command line that can't be followed. */
export class UsageError extends Error {}

/** Something can't be read or written. */
export class StreamError extends Error {
  /** @param deed such as "read" @param name of the file, for people */
  constructor(deed: string, name: string, cause: unknown) {
    super(`can't ${deed} ${name}: ${reasonOf(cause)}`, { cause });
  }
}

/** The input ends in the middle of a record. */
export class CutOffError extends Error {}

/** An unroutable record, where such records are to stop the program. */
export class UnroutableError extends Error {}

/** Returns the system's words without Node.js's own: of "ENOSPC: no space left on device, write" the middle. */
function reasonOf(cause: unknown): string {
  const { message } = cause as Error;
  return /^[A-Z0-9]+: ([^,]+)/.exec(message)?.[1] ?? message;
}

// What could end or reorder a line on a terminal.
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu;

/** Returns a file's name as it may stand in a line: quoted, with escapes, where it is empty or has a character that could end or reorder the line. */
export function shown(name: string): string {
  if (name !== "" && name.search(UNPRINTABLE) === -1) return name;
  return JSON.stringify(name).replaceAll(UNPRINTABLE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
