/**
 * What a call came to. Exported from the binary as globals (`Status.Ok` = 0, …), so that the table travels with it. Numbers are never
 * used again for something else. 1 to 15: the call; 16 to 31: the rule; 32 and up: the RecordBatch.
 */
export enum Status {
  Ok = 0,
  /** No rule: `configure` was not called, or its last call found a fault. */
  NotConfigured = 1,
  /** The memory can't grow as far as `reserve` was asked to. */
  OutOfMemory = 2,
  /** The call names bytes or records beyond what `reserve` made room for. */
  OutOfRange = 3,
  /** An output or the unroutable table is full. What was taken so far is whole: empty the outputs and go on from where it stopped. */
  Full = 4,
  /** `openBatches` must come first: after the start, and after `configure`, `reserve`, `routeValues` or `finishBatches`. */
  NotOpen = 5,

  /** A line without `=`, or a byte that must be escaped. */
  RuleSyntax = 16,
  RuleUnknownKey = 17,
  RuleDuplicateKey = 18,
  /** `rule` names no rule that this core has. */
  RuleUnknownRule = 19,
  /** `outputs` is not a list of as many distinct names as the rule needs. */
  RuleBadOutputs = 20,
  /** `prefix.<name>` names no output. */
  RuleUnknownOutput = 21,
  RulePrefixTooLong = 22,
  RuleBadEscape = 23,
  /** `outputs` comes after a `prefix.<name>`. */
  RuleOrder = 24,
  RuleTooLong = 25,
  /** `unroutable` is none of its words and names no output. */
  RuleBadUnroutable = 26,
  /** `timestamp.format` is no format, from its fault on. */
  RuleBadFormat = 27,
  /** `timestamp.field` is no field, or one that the format does not have. */
  RuleBadField = 28,
  RuleBadZone = 29,
  /** `timestamp.divide` or `timestamp.source` is not what it may be. */
  RuleBadValue = 30,
  /** `table` is not a list of ranges that are apart, each with an output. */
  RuleBadTable = 31,

  /** Fewer bytes than the batch says it has. */
  BatchTruncated = 32,
  /** The batch's length is not that of its bytes, or too short for a header. */
  BatchLength = 33,
  /** Magic other than 2. */
  BatchMagic = 34,
  BatchCrc = 35,
  /** The records are compressed: inflate them first. */
  BatchCompressed = 36,
  /** The batch's record count is not that of its bytes. */
  BatchCount = 37,
  /** A record's length crosses the end of the batch. */
  RecordLength = 38,
  /** A varint is cut off, too long, or has a value that its field can't have. */
  RecordField = 39,
  /** Offset deltas do not rise, or pass the batch's last one. */
  RecordOffset = 40,
  /** A record's headers do not end where the record does. */
  RecordHeaders = 41,
}

/** Why the rule has no place for a record. Exported like `Status`. */
export enum Reason {
  /** A null value. The values call reports it; the RecordBatch call only counts it. */
  Tombstone = 1,
  Empty = 2,
  NotADigit = 3,
  /** The value is not of the rule's format, from the byte on. */
  NotATimestamp = 4,
  /** The value has the form of a timestamp, and there is no such time. */
  NoSuchTime = 5,
  /** A timestamp of ISO 8601 that ends before the field that the rule goes by. */
  NoField = 6,
  /** The rule's table has no range for the number. */
  NotInTable = 7,
  /** The rule goes by the record's own timestamp, and there is none. */
  NoTimestamp = 8,
}
