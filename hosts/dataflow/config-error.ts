import { oneLine } from "./one-line.ts";

/** A property that the app can't start with. The message is one line for the person who set it. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";
  readonly code = "CONFIG_INVALID";
  /** Trying again with the same properties can't help. */
  readonly retriable = false;

  constructor(message: string) {
    super(oneLine(message));
  }
}

const QUOTED_CHARACTERS_MAX = 80;

/** Returns a value without what stands before an `@`, since that is where addresses carry credentials. */
export function withoutUserInfo(value: string): string {
  // A password in an address may have any character in it; where there is more than the address, rather too much is left out.
  const [first = "", ...addresses] = value.split("://");
  const masked = [first, ...addresses.map(withoutFront)].join("://");
  // Word by word: one expression for both would look for the `@` anew from each character of a long word without any.
  return masked.replaceAll(/[^\s,/]+/gu, withoutFront);
}

function withoutFront(text: string): string {
  const at = text.lastIndexOf("@");
  return at === -1 ? text : `***${text.slice(at)}`;
}

/** Returns a value as an error message may show it: in quotes, shortened, and without credentials in addresses. */
export function quoted(value: string): string {
  const masked = withoutUserInfo(value);
  const shown = masked.length > QUOTED_CHARACTERS_MAX ? `${masked.slice(0, QUOTED_CHARACTERS_MAX)}…` : masked;
  return `"${shown}"`;
}
