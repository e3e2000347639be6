/** What each status of the core means, in words; the numbers come from the binary itself. The last ones are what the host refuses itself. */
const MESSAGES: Readonly<Record<string, string>> = {
  NotConfigured: "no rule is configured",
  OutOfMemory: "the WebAssembly memory can't grow any further",
  OutOfRange: "more bytes or records than were reserved",
  Full: "an output is full",
  NotOpen: "the outputs are not open for RecordBatches",
  RuleSyntax: "expected key=value on one line, with control characters written as escapes",
  RuleUnknownKey:
    "unknown key, or one of the timestamp rule only; known are rule, outputs, unroutable, prefix.<output>, timestamp.* and table",
  RuleDuplicateKey: "this key was given before",
  RuleUnknownRule: "unknown rule; known are last-digit and timestamp",
  RuleBadOutputs:
    "expected different names of 1 to 64 letters, digits, '.', '_' or '-', with commas between them: two, or up to eight for the timestamp rule",
  RuleUnknownOutput: "no output has this name",
  RulePrefixTooLong: "a prefix has at most 255 bytes",
  RuleBadEscape: "unknown escape; known are \\\\, \\n, \\t and \\xHH",
  RuleOrder: "outputs must come before any prefix",
  RuleTooLong: "the rule text has more than 16384 bytes",
  RuleBadUnroutable: "expected dlq, drop, log, stop or the name of an output",
  RuleBadFormat:
    "expected iso-8601, epoch-seconds, epoch-millis, epoch-micros, epoch-nanos or a pattern of java.time with the letters u y M d D H h m s S a E X x Z",
  RuleBadField: "no field of a timestamp, or one that the format does not have",
  RuleBadZone: "expected Z or an offset such as +01:00, at most 18 hours",
  RuleBadValue: "expected value or record as the source, or a whole number from 1 on as the divisor",
  RuleBadTable: "expected ranges that are apart, each with an output, such as 0-11:even,12-23:odd",
  BatchTruncated: "the RecordBatch is cut off",
  BatchLength: "the RecordBatch's length field is not the length of its bytes",
  BatchMagic: "the RecordBatch's magic is not 2: message formats before Kafka 0.11 are not supported",
  BatchCrc: "the RecordBatch's CRC does not match its bytes",
  BatchCompressed: "the RecordBatch is compressed",
  BatchCount: "the RecordBatch's record count does not match its bytes",
  RecordLength: "a record's length crosses the end of its RecordBatch",
  RecordField: "a record has a malformed field",
  RecordOffset: "offset deltas do not rise within the RecordBatch's range",
  RecordHeaders: "a record's headers do not end where the record does",
  NotFinished: "the outputs hold records of RecordBatches: call finishBatches first",
  AbiVersion: "the module is no core, or one of an ABI version that this host does not speak",
  ValueType: "a value is a Uint8Array, a string or null",
  ValueEnds: "the ends of packed values must not fall, nor pass the end of the bytes",
};

/** The core refused its input. Match on `code`; the message is for people. */
export class RouterError extends Error {
  override readonly name = "RouterError";
  /** Stable: `ROUTER_` and the status's name, such as `ROUTER_BATCH_CRC`. */
  readonly code: string;
  /** For a fault in rule text: the byte offset in it. */
  readonly ruleOffset: number | null;
  /** For a fault in a rule of properties: the property. */
  readonly property: string | null;
  readonly #status: string;

  /** @param cause the error that this one is made of, if any */
  constructor(status: string, ruleOffset: number | null, property: string | null = null, cause?: unknown) {
    const where = property === null ? (ruleOffset === null ? "" : ` (at byte ${ruleOffset} of the rule)`) : ` (in ${property})`;
    super((MESSAGES[status] ?? status) + where, cause === undefined ? undefined : { cause });
    this.code = "ROUTER" + status.replaceAll(/[A-Z]/g, (letter) => "_" + letter).toUpperCase();
    this.ruleOffset = ruleOffset;
    this.property = property;
    this.#status = status;
  }

  /** Returns the same fault in the words of one who gave properties. */
  inProperty(property: string): RouterError {
    return new RouterError(this.#status, null, property);
  }
}
