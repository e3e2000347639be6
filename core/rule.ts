import { bytesEqual } from "./bytes.ts";
import { RULE_TEXT, outputStruct, ruleFits, setOutputsOpen } from "./memory.ts";
import {
  beginRule,
  failAt,
  faultAddress,
  find,
  indexOfOutput,
  outputsOfRule,
  parseName,
  parseOutputs,
  parsePrefix,
  parseUnroutable,
} from "./rule-values.ts";
import { Status } from "./status.ts";

// Rule text: UTF-8, one `key=value` a line, lines end with "\n". Keys: rule, outputs, unroutable, prefix.<output>. A key may come once,
// `outputs` before any prefix.

const EQUALS: u8 = 0x3d;
const NEWLINE: u8 = 0x0a;

// The keys, each with its length at the use.
const KEY_RULE: usize = memory.data<u8>([0x72, 0x75, 0x6c, 0x65]);
const KEY_OUTPUTS: usize = memory.data<u8>([0x6f, 0x75, 0x74, 0x70, 0x75, 0x74, 0x73]);
const KEY_UNROUTABLE: usize = memory.data<u8>([0x75, 0x6e, 0x72, 0x6f, 0x75, 0x74, 0x61, 0x62, 0x6c, 0x65]);
const KEY_PREFIX: usize = memory.data<u8>([0x70, 0x72, 0x65, 0x66, 0x69, 0x78, 0x2e]);

let configured: bool = false;
let ruleSeen: bool = false;
let outputsSeen: bool = false;
/** One bit an output whose prefix was given. */
let prefixesSeen: u32 = 0;
/** Where the value of `unroutable` is; 0 when it was not given. */
let unroutableAt: usize = 0;
let unroutableEnd: usize = 0;

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
  ruleSeen = false;
  outputsSeen = false;
  prefixesSeen = 0;
  unroutableAt = 0;
  if (!ruleFits(length)) return failAt(RULE_TEXT, Status.RuleTooLong);
  beginRule();
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
  // Only now, for `outputs` may come after `unroutable`.
  if (unroutableAt !== 0) {
    const status = parseUnroutable(unroutableAt, unroutableEnd);
    if (status !== Status.Ok) return status;
  }
  configured = true;
  return Status.Ok;
}

function parseLine(line: usize, lineEnd: usize): Status {
  const equals = find(EQUALS, line, lineEnd);
  if (equals === lineEnd) return failAt(line, Status.RuleSyntax);
  const keyLength = <u32>(equals - line);
  const value = equals + 1;
  if (keyLength === 4 && bytesEqual(line, KEY_RULE, 4)) {
    if (ruleSeen) return failAt(line, Status.RuleDuplicateKey);
    ruleSeen = true;
    return parseName(value, lineEnd);
  }
  if (keyLength === 7 && bytesEqual(line, KEY_OUTPUTS, 7)) {
    if (outputsSeen) return failAt(line, Status.RuleDuplicateKey);
    if (prefixesSeen !== 0) return failAt(line, Status.RuleOrder);
    outputsSeen = true;
    return parseOutputs(value, lineEnd);
  }
  if (keyLength === 10 && bytesEqual(line, KEY_UNROUTABLE, 10)) {
    if (unroutableAt !== 0) return failAt(line, Status.RuleDuplicateKey);
    unroutableAt = value;
    unroutableEnd = lineEnd;
    return Status.Ok;
  }
  if (keyLength > 7 && bytesEqual(line, KEY_PREFIX, 7)) return parsePrefixLine(line, equals, lineEnd);
  return failAt(line, Status.RuleUnknownKey);
}

function parsePrefixLine(line: usize, equals: usize, lineEnd: usize): Status {
  const name = line + 7;
  const index = indexOfOutput(name, <u32>(equals - name), outputsOfRule());
  if (index === outputsOfRule()) return failAt(name, Status.RuleUnknownOutput);
  if ((prefixesSeen & (1 << index)) !== 0) return failAt(line, Status.RuleDuplicateKey);
  prefixesSeen |= 1 << index;
  return parsePrefix(outputStruct(index), equals + 1, lineEnd);
}
