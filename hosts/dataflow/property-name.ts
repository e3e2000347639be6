// Boot's relaxed names: letter case, `-` and `_` do not count, element by element; dots do. `auto-create-topics`, `autoCreateTopics` and
// `auto_create_topics` are one name. A key in brackets that is no index, as in `bindings[my.name].destination`, is part of the path.

/** Returns the name with its bracketed map keys written as plain elements; list indexes such as `[0]` stay. */
export function withoutKeyBrackets(name: string): string {
  return name.replace(/\.?\[([^[\]]*)\]/gu, (_bracketed, key: string) => (/^\d+$/u.test(key) ? `[${key}]` : `.${key}`));
}

/** Returns the form in which two spellings of one name are equal. */
export function canonicalName(name: string): string {
  return withoutKeyBrackets(name).toLowerCase().replaceAll(/[-_]/gu, "");
}

/**
 * Returns the names, in lower case, that an environment variable for the property may have, the preferred one first. Boot's rule is `.` to
 * `_` without the `-`; its older rule turns `-` into `_`; Data Flow's entry point style `shell` leaves `-` as it is.
 */
export function environmentNames(name: string): readonly string[] {
  const plain = withoutKeyBrackets(name).toLowerCase();
  const withUnderscores = plain.replaceAll(".", "_");
  const squeezed = plain.replaceAll(/[-_]/gu, "").replaceAll(".", "_");
  return [...new Set([squeezed, withUnderscores.replaceAll("-", "_"), withUnderscores])];
}
