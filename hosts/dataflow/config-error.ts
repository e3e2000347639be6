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

/**
 * Returns a value without what stands before its last `@`, but for the protocol of the first address: that is where addresses carry credentials. A
 * password may have any character in it, so that rather too much is left out of a list than too little.
 */
export function withoutUserInfo(value: string): string {
  const at = value.lastIndexOf("@");
  if (at === -1) return value;
  const protocolEnd = value.slice(0, at).indexOf("://");
  return `${protocolEnd === -1 ? "" : value.slice(0, protocolEnd + 3)}***${value.slice(at)}`;
}

/** Returns a value as an error message may show it: in quotes, shortened, and without credentials in addresses. */
export function quoted(value: string): string {
  const masked = withoutUserInfo(value);
  const shown = masked.length > QUOTED_CHARACTERS_MAX ? `${masked.slice(0, QUOTED_CHARACTERS_MAX)}…` : masked;
  return `"${shown}"`;
}
