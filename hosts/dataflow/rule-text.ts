/** The rule's properties as they were set; null stands for one that was not. */
export interface RuleSettings {
  readonly rule: string | null;
  /** The outputs' names, if `router.outputs` was set. */
  readonly outputs: readonly string[] | null;
  /** The output that takes unroutable records; null leaves them to the host. */
  readonly unroutable: string | null;
  /** The prefixes that were set, by output, in the order of the outputs. */
  readonly prefixes: ReadonlyMap<string, string>;
}

/**
 * Returns the rule as text for the core: one `key=value` a line, keys without `router.`, only what was set, so that the core's own defaults
 * hold for the rest. No value has a line end in it; the schema sees to that.
 */
export function buildRuleText({ rule, outputs, unroutable, prefixes }: RuleSettings): string {
  const lines: string[] = [];
  if (rule !== null) lines.push(`rule=${rule}`);
  if (outputs !== null) lines.push(`outputs=${outputs.join(",")}`);
  if (unroutable !== null) lines.push(`unroutable=${unroutable}`);
  for (const [output, prefix] of prefixes) lines.push(`prefix.${output}=${prefix}`);
  return lines.join("\n");
}

/** A place in the rule, in the words of the person who set it. */
export interface RulePlace {
  /** The property, such as `router.prefix.even`. */
  readonly property: string;
  /** The character in the property's value, counted from 1; one past the last one when something is missing there; 0 for the name itself. */
  readonly column: number;
}

/** Returns the place of a byte of the rule text, as the core reports it for a fault. */
export function propertyOfRuleLine(ruleText: string, byteOffset: number): RulePlace {
  const bytes = Buffer.from(ruleText);
  const at = Math.max(0, Math.min(byteOffset, bytes.length));
  // An offset on a line end belongs to the line before it: the fault is that the line stops there.
  const lineStart = at === 0 ? 0 : bytes.lastIndexOf("\n", at - 1) + 1;
  const nextLineEnd = bytes.indexOf("\n", at);
  const lineEnd = nextLineEnd === -1 ? bytes.length : nextLineEnd;
  const equals = bytes.subarray(0, lineEnd).indexOf("=", lineStart);
  const keyEnd = equals === -1 ? lineEnd : equals;
  const key = bytes.subarray(lineStart, keyEnd).toString();
  const property = key === "" ? "router.rule" : `router.${key}`;
  if (at <= keyEnd) return { property, column: 0 };
  // Counted in characters: a byte that continues one, 10xxxxxx in UTF-8, begins none.
  const charactersBegun = bytes.subarray(keyEnd + 1, Math.min(at + 1, lineEnd)).filter((byte) => (byte & 0xc0) !== 0x80).length;
  return { property, column: at === lineEnd ? charactersBegun + 1 : charactersBegun };
}
