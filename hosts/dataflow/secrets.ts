import { canonicalName } from "./property-name.ts";

/** What is shown in place of a secret. */
export const MASK = "******";

// In canonical names without dots. `key` only at the end, as in Boot: a key store's location is none.
const SECRET = /password|passphrase|secret|token|credential|jaas|springapplicationjson|^vcap|key(?:\[\d+\])?$/u;

/** Returns whether the value of a property or of a variable of that name is nobody's business. */
export function isSecret(name: string): boolean {
  return SECRET.test(canonicalName(name).replaceAll(".", ""));
}

/** Returns whether a value is nobody's business whatever its name: a private key among certificates, or under a name that is mistyped. */
export function isSecretValue(value: string): boolean {
  return /PRIVATE KEY-----/u.test(value);
}
