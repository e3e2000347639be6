import { bytesEqual } from "./bytes.ts";
import { RULE_BYTES_MAX } from "./limits.ts";
import { outputStruct, setOutputsOpen } from "./memory.ts";
import { beginName, isTimestampRule, outputsSuffice, parseName } from "./rule-name.ts";
import {
  beginRule,
  failAt,
  faultAddress,
  find,
  indexOfOutput,
  indexOfWord,
  outputsOfRule,
  parseOutputs,
  parsePrefix,
  parseUnroutable,
} from "./rule-values.ts";
import { Status } from "./status.ts";
import {
  beginTimestampRule,
  fieldIsThere,
  parseDivide,
  parseField,
  parseFormat,
  parseSource,
  parseTable,
  parseZone,
} from "./timestamp-rule.ts";

// Rule text: UTF-8, one `key=value` a line, lines end with "\n". Keys: those of `KEYS`, and prefix.<output>. A key may come once, `outputs`
// before any prefix.

/** The rule text that `configure` reads. */
export const RULE_TEXT: usize = memory.data(16384, 16);

const EQUALS: u8 = 0x3d;
const NEWLINE: u8 = 0x0a;

/** "rule,outputs,unroutable,timestamp.format,timestamp.field,timestamp.zone,timestamp.divide,timestamp.source,table", in the order of `Key`. */
const KEYS: usize = memory.data<u8>([
  0x72, 0x75, 0x6c, 0x65, 0x2c, 0x6f, 0x75, 0x74, 0x70, 0x75, 0x74, 0x73, 0x2c, 0x75, 0x6e, 0x72, 0x6f, 0x75, 0x74, 0x61, 0x62, 0x6c, 0x65,
  0x2c, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x2e, 0x66, 0x6f, 0x72, 0x6d, 0x61, 0x74, 0x2c, 0x74, 0x69, 0x6d, 0x65, 0x73,
  0x74, 0x61, 0x6d, 0x70, 0x2e, 0x66, 0x69, 0x65, 0x6c, 0x64, 0x2c, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x2e, 0x7a, 0x6f,
  0x6e, 0x65, 0x2c, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x2e, 0x64, 0x69, 0x76, 0x69, 0x64, 0x65, 0x2c, 0x74, 0x69, 0x6d,
  0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x2e, 0x73, 0x6f, 0x75, 0x72, 0x63, 0x65, 0x2c, 0x74, 0x61, 0x62, 0x6c, 0x65,
]);
const KEYS_LENGTH: usize = 111;
/** "prefix." */
const PREFIX_KEY: usize = memory.data<u8>([0x70, 0x72, 0x65, 0x66, 0x69, 0x78, 0x2e]);

enum Key {
  Unknown = -1,
  Rule,
  Outputs,
  Unroutable,
  Format,
  Field,
  Zone,
  Divide,
  Source,
  Table,
  Count,
}

/** A u32 address of the line, of its value and of its end for each key; zeros for one that was not given. */
const LINES: usize = memory.data(108, 4);
const LINE_BYTES: usize = 12;
const VALUE: usize = 4;
const END: usize = 8;

let configured: bool = false;
/** One bit an output whose prefix was given. */
let prefixesSeen: u32 = 0;

/** Returns whether there is a rule to run. */
export function isConfigured(): bool {
  return configured;
}

/** Notes that there is a rule, which was compiled before. */
export function setConfigured(): void {
  configured = true;
}

/** Returns the byte offset of the first fault in the rule text. */
export function faultOfRule(): u32 {
  return <u32>(faultAddress() - RULE_TEXT);
}

/** Compiles the `length` bytes of rule text into the output structs; the first fault ends it and leaves the core without a rule. */
export function compileRule(length: u32): Status {
  configured = false;
  setOutputsOpen(false);
  prefixesSeen = 0;
  memory.fill(LINES, 0, LINE_BYTES * Key.Count);
  if (length > RULE_BYTES_MAX) return failAt(RULE_TEXT, Status.RuleTooLong);
  beginName();
  beginRule();
  beginTimestampRule();
  const end = RULE_TEXT + length;
  let line: usize = RULE_TEXT;
  while (line < end) {
    const lineEnd = find(NEWLINE, line, end);
    if (lineEnd !== line) {
      const status = parseLine(line, lineEnd);
      if (status !== Status.Ok) return status;
    }
    line = lineEnd + 1;
  }
  // Only now, for what they name may come behind them.
  for (let key = Key.Unroutable; key < Key.Count; key++) {
    const status = parseLate(key);
    if (status !== Status.Ok) return status;
  }
  const status = checkWhole();
  configured = status === Status.Ok;
  return status;
}

function parseLine(line: usize, lineEnd: usize): Status {
  const equals = find(EQUALS, line, lineEnd);
  if (equals === lineEnd) return failAt(line, Status.RuleSyntax);
  const keyLength = <u32>(equals - line);
  if (keyLength > 7 && bytesEqual(line, PREFIX_KEY, 7)) return parsePrefixLine(line, equals, lineEnd);
  const key: Key = indexOfWord(KEYS, KEYS + KEYS_LENGTH, line, keyLength);
  if (key === Key.Unknown) return failAt(line, Status.RuleUnknownKey);
  const entry = lineOf(key);
  if (load<u32>(entry) !== 0) return failAt(line, Status.RuleDuplicateKey);
  store<u32>(entry, <u32>line);
  store<u32>(entry, <u32>equals + 1, VALUE);
  store<u32>(entry, <u32>lineEnd, END);
  if (key === Key.Rule) return parseName(equals + 1, lineEnd);
  if (key !== Key.Outputs) return Status.Ok;
  return prefixesSeen !== 0 ? failAt(line, Status.RuleOrder) : parseOutputs(equals + 1, lineEnd);
}

function lineOf(key: Key): usize {
  return LINES + <usize>key * LINE_BYTES;
}

/** Takes the value of a key whose line was put off, if there is one. */
function parseLate(key: Key): Status {
  const line = <usize>load<u32>(lineOf(key));
  if (line === 0) return Status.Ok;
  const value = <usize>load<u32>(lineOf(key), VALUE);
  const end = <usize>load<u32>(lineOf(key), END);
  if (key === Key.Unroutable) return parseUnroutable(value, end);
  // The other keys are the timestamp rule's alone.
  if (!isTimestampRule()) return failAt(line, Status.RuleUnknownKey);
  if (key === Key.Format) return parseFormat(value, end);
  if (key === Key.Field) return parseField(value, end);
  if (key === Key.Zone) return parseZone(value, end);
  if (key === Key.Divide) return parseDivide(value, end);
  return key === Key.Source ? parseSource(value, end) : parseTable(value, end);
}

/** Looks at what the lines mean together. */
function checkWhole(): Status {
  if (!outputsSuffice()) return failAt(<usize>load<u32>(lineOf(Key.Outputs), VALUE), Status.RuleBadOutputs);
  if (!isTimestampRule() || fieldIsThere()) return Status.Ok;
  const field = <usize>load<u32>(lineOf(Key.Field), VALUE);
  return failAt(field === 0 ? <usize>load<u32>(lineOf(Key.Format), VALUE) : field, Status.RuleBadField);
}

function parsePrefixLine(line: usize, equals: usize, lineEnd: usize): Status {
  const name = line + 7;
  const index = indexOfOutput(name, <u32>(equals - name), outputsOfRule());
  if (index === outputsOfRule()) return failAt(name, Status.RuleUnknownOutput);
  if ((prefixesSeen & (1 << index)) !== 0) return failAt(line, Status.RuleDuplicateKey);
  prefixesSeen |= 1 << index;
  return parsePrefix(outputStruct(index), equals + 1, lineEnd);
}
