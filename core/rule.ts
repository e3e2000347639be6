import { bytesEqual } from "./bytes.ts";
import { OUTPUT_NAME_BYTES_MAX, OUTPUTS_MAX, PREFIX_BYTES_MAX } from "./limits.ts";
import { NAME, NAME_LENGTH, PREFIX, PREFIX_LENGTH, RULE_TEXT, outputStruct, ruleFits, setOutputsOpen } from "./memory.ts";
import { Status } from "./status.ts";

// Rule text: UTF-8, one `key=value` a line, lines end with "\n". Keys: rule, outputs, unroutable, prefix.<output>. A key may come once,
// `outputs` before any prefix. In a prefix, `\\`, `\n`, `\t` and `\xHH` stand for bytes; bytes below 0x20 and 0x7f must be written so.

const COMMA: u8 = 0x2c;
const EQUALS: u8 = 0x3d;
const NEWLINE: u8 = 0x0a;
const BACKSLASH: u8 = 0x5c;

// The words of the language, each with its length at the use.
const KEY_RULE: usize = memory.data<u8>([0x72, 0x75, 0x6c, 0x65]);
const KEY_OUTPUTS: usize = memory.data<u8>([0x6f, 0x75, 0x74, 0x70, 0x75, 0x74, 0x73]);
const KEY_UNROUTABLE: usize = memory.data<u8>([0x75, 0x6e, 0x72, 0x6f, 0x75, 0x74, 0x61, 0x62, 0x6c, 0x65]);
const KEY_PREFIX: usize = memory.data<u8>([0x70, 0x72, 0x65, 0x66, 0x69, 0x78, 0x2e]);
const LAST_DIGIT: usize = memory.data<u8>([0x6c, 0x61, 0x73, 0x74, 0x2d, 0x64, 0x69, 0x67, 0x69, 0x74]);
/** "dlq,drop,log,stop": what the host does with the records that the core lists. To the core they are all the same. */
const HOST_WORDS: usize = memory.data<u8>([
  0x64, 0x6c, 0x71, 0x2c, 0x64, 0x72, 0x6f, 0x70, 0x2c, 0x6c, 0x6f, 0x67, 0x2c, 0x73, 0x74, 0x6f, 0x70,
]);
/** "even,odd" and their prefixes, "Even timestamp: " and "Odd timestamp:": the original's bytes, the missing space included. */
const EVEN_ODD: usize = memory.data<u8>([0x65, 0x76, 0x65, 0x6e, 0x2c, 0x6f, 0x64, 0x64]);
const EVEN_PREFIX: usize = memory.data<u8>([
  0x45, 0x76, 0x65, 0x6e, 0x20, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x3a, 0x20,
]);
const ODD_PREFIX: usize = memory.data<u8>([0x4f, 0x64, 0x64, 0x20, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x3a]);

let configured: bool = false;
let outputs: u32 = 0;
/** Where the fault is that the last `configure` returned, counted from the first byte of the text. */
let fault: usize = 0;
let ruleSeen: bool = false;
let outputsSeen: bool = false;
/** One bit an output whose prefix was given. */
let prefixesSeen: u32 = 0;
/** Where the value of `unroutable` is; 0 when it was not given. */
let unroutableAt: usize = 0;
let unroutableLength: u32 = 0;
/** The output struct that takes what the rule has no place for; 0 when such records are listed. */
let unroutableStruct: usize = 0;

/** Returns whether there is a rule to run. */
export function isConfigured(): bool {
  return configured;
}

/** Returns the number of outputs of the rule. */
export function outputsOfRule(): u32 {
  return outputs;
}

/** Returns the struct of the output that takes what the rule has no place for, or 0 when such records are listed. */
export function unroutableOutput(): usize {
  return unroutableStruct;
}

/** Returns the byte offset of the first fault in the rule text. */
export function faultOfRule(): u32 {
  return <u32>(fault - RULE_TEXT);
}

/** Compiles the `length` bytes of rule text into the output structs; the first fault ends it and leaves the core without a rule. */
export function compileRule(length: u32): Status {
  configured = false;
  setOutputsOpen(false);
  ruleSeen = false;
  outputsSeen = false;
  prefixesSeen = 0;
  unroutableAt = 0;
  unroutableStruct = 0;
  fault = RULE_TEXT;
  if (!ruleFits(length)) return Status.RuleTooLong;
  parseOutputs(EVEN_ODD, EVEN_ODD + 8);
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
    const status = resolveUnroutable();
    if (status !== Status.Ok) return status;
  }
  configured = true;
  return Status.Ok;
}

/** Returns the address of the first `byte`, or `end`. */
function find(byte: u8, from: usize, end: usize): usize {
  while (from < end && load<u8>(from) !== byte) from++;
  return from;
}

function failAt(address: usize, status: Status): Status {
  fault = address;
  return status;
}

function parseLine(line: usize, lineEnd: usize): Status {
  const equals = find(EQUALS, line, lineEnd);
  if (equals === lineEnd) return failAt(line, Status.RuleSyntax);
  const keyLength = <u32>(equals - line);
  const value = equals + 1;
  if (keyLength === 4 && bytesEqual(line, KEY_RULE, 4)) {
    if (ruleSeen) return failAt(line, Status.RuleDuplicateKey);
    ruleSeen = true;
    if (lineEnd - value !== 10 || !bytesEqual(value, LAST_DIGIT, 10)) return failAt(value, Status.RuleUnknownRule);
    return Status.Ok;
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
    unroutableLength = <u32>(lineEnd - value);
    return Status.Ok;
  }
  if (keyLength > 7 && bytesEqual(line, KEY_PREFIX, 7)) return parsePrefix(line, equals, lineEnd);
  return failAt(line, Status.RuleUnknownKey);
}

/** Fills the output structs with the names in a comma list and with their default prefixes. */
function parseOutputs(list: usize, listEnd: usize): Status {
  let count: u32 = 0;
  let name = list;
  for (;;) {
    const nameEnd = find(COMMA, name, listEnd);
    if (count === OUTPUTS_MAX) return failAt(name, Status.RuleBadOutputs);
    const length = <u32>(nameEnd - name);
    if (length === 0 || length > OUTPUT_NAME_BYTES_MAX) return failAt(name, Status.RuleBadOutputs);
    for (let at = name; at < nameEnd; at++) {
      if (!isNameByte(load<u8>(at))) return failAt(at, Status.RuleBadOutputs);
    }
    if (indexOfOutput(name, length, count) !== count) return failAt(name, Status.RuleBadOutputs);
    const output = outputStruct(count);
    store<u32>(output, length, NAME_LENGTH);
    memory.copy(output + NAME, name, length);
    setDefaultPrefix(output, name, length);
    count++;
    if (nameEnd === listEnd) break;
    name = nameEnd + 1;
  }
  // The last-digit rule has a place for even and one for odd: no more, no less.
  if (count !== 2) return failAt(list, Status.RuleBadOutputs);
  outputs = count;
  return Status.Ok;
}

/** Returns whether a byte may stand in an output's name: letters, digits, ".", "_" and "-". */
function isNameByte(byte: u8): bool {
  const letter = (byte | 0x20) - 0x61;
  return letter < 26 || <u8>(byte - 0x30) < 10 || byte === 0x2e || byte === 0x5f || byte === 0x2d;
}

/** Returns the index of the output with that name among the first `count`, or `count`. */
function indexOfOutput(name: usize, length: u32, count: u32): u32 {
  let index: u32 = 0;
  for (; index < count; index++) {
    const output = outputStruct(index);
    if (load<u32>(output, NAME_LENGTH) === length && bytesEqual(output + NAME, name, length)) break;
  }
  return index;
}

function setDefaultPrefix(output: usize, name: usize, length: u32): void {
  let prefixLength: u32 = 0;
  if (length === 4 && bytesEqual(name, EVEN_ODD, 4)) {
    prefixLength = 16;
    memory.copy(output + PREFIX, EVEN_PREFIX, 16);
  } else if (length === 3 && bytesEqual(name, EVEN_ODD + 5, 3)) {
    prefixLength = 14;
    memory.copy(output + PREFIX, ODD_PREFIX, 14);
  }
  store<u32>(output, prefixLength, PREFIX_LENGTH);
}

/** Finds the output that `unroutable` names. A word of the host's goes before an output of that name. */
function resolveUnroutable(): Status {
  if (isHostWord(unroutableAt, unroutableLength)) return Status.Ok;
  const index = indexOfOutput(unroutableAt, unroutableLength, outputs);
  if (index === outputs) return failAt(unroutableAt, Status.RuleBadUnroutable);
  unroutableStruct = outputStruct(index);
  return Status.Ok;
}

function isHostWord(text: usize, length: u32): bool {
  const end = HOST_WORDS + 17;
  for (let word = HOST_WORDS; word < end;) {
    const wordEnd = find(COMMA, word, end);
    if (<u32>(wordEnd - word) === length && bytesEqual(word, text, length)) return true;
    word = wordEnd + 1;
  }
  return false;
}

function parsePrefix(line: usize, equals: usize, lineEnd: usize): Status {
  const name = line + 7;
  const index = indexOfOutput(name, <u32>(equals - name), outputs);
  if (index === outputs) return failAt(name, Status.RuleUnknownOutput);
  if ((prefixesSeen & (1 << index)) !== 0) return failAt(line, Status.RuleDuplicateKey);
  prefixesSeen |= 1 << index;
  const output = outputStruct(index);
  let length: u32 = 0;
  for (let at = equals + 1; at < lineEnd; length++) {
    if (length === PREFIX_BYTES_MAX) return failAt(at, Status.RulePrefixTooLong);
    const byte = load<u8>(at);
    if (byte < 0x20 || byte === 0x7f) return failAt(at, Status.RuleSyntax);
    if (byte === BACKSLASH) {
      const escape = readEscape(at, lineEnd);
      if (escape === NO_ESCAPE) return failAt(at, Status.RuleBadEscape);
      store<u8>(output + PREFIX + length, escape);
      at += load<u8>(at, 1) === 0x78 ? 4 : 2;
    } else {
      store<u8>(output + PREFIX + length, byte);
      at++;
    }
  }
  store<u32>(output, length, PREFIX_LENGTH);
  return Status.Ok;
}

const NO_ESCAPE: u32 = 0x100;

/** Returns the byte that the escape at `at` stands for, or `NO_ESCAPE`. */
function readEscape(at: usize, end: usize): u32 {
  if (end - at < 2) return NO_ESCAPE;
  const letter = load<u8>(at, 1);
  if (letter === BACKSLASH) return BACKSLASH;
  if (letter === 0x6e) return NEWLINE;
  if (letter === 0x74) return 0x09;
  if (letter !== 0x78 || end - at < 4) return NO_ESCAPE;
  const high = hexDigit(load<u8>(at, 2));
  const low = hexDigit(load<u8>(at, 3));
  return (high | low) > 15 ? NO_ESCAPE : (high << 4) | low;
}

/** Returns the value of a hexadecimal digit, or a number above 15. */
function hexDigit(byte: u8): u32 {
  const digit = <u32>byte - 0x30;
  if (digit < 10) return digit;
  const letter = <u32>(byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 16;
}
