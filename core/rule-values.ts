import { bytesEqual } from "./bytes.ts";
import { OUTPUT_NAME_BYTES_MAX, OUTPUTS_MAX, PREFIX_BYTES_MAX } from "./limits.ts";
import { NAME, NAME_LENGTH, PREFIX, PREFIX_LENGTH, outputStruct } from "./memory.ts";
import { Status } from "./status.ts";

// The values that a rule is made of, each from `value` up to `valueEnd`, whoever brings them: `rule.ts` as lines of text, a linking host as
// it likes. Outputs come first, for the others name them. In a prefix, `\\`, `\n`, `\t` and `\xHH` stand for bytes; bytes below 0x20 and 0x7f
// must be written so.

const COMMA: u8 = 0x2c;
const NEWLINE: u8 = 0x0a;
const BACKSLASH: u8 = 0x5c;

// The words of the language, each with its length at the use.
/** "dlq,drop,log,stop": what the host does with the records that the core lists, in the order of `HostWord`. */
const HOST_WORDS: usize = memory.data<u8>([
  0x64, 0x6c, 0x71, 0x2c, 0x64, 0x72, 0x6f, 0x70, 0x2c, 0x6c, 0x6f, 0x67, 0x2c, 0x73, 0x74, 0x6f, 0x70,
]);
/** "even,odd" and their prefixes, "Even timestamp: " and "Odd timestamp:": the original's bytes, the missing space included. */
const EVEN_ODD: usize = memory.data<u8>([0x65, 0x76, 0x65, 0x6e, 0x2c, 0x6f, 0x64, 0x64]);
const EVEN_PREFIX: usize = memory.data<u8>([
  0x45, 0x76, 0x65, 0x6e, 0x20, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x3a, 0x20,
]);
const ODD_PREFIX: usize = memory.data<u8>([0x4f, 0x64, 0x64, 0x20, 0x74, 0x69, 0x6d, 0x65, 0x73, 0x74, 0x61, 0x6d, 0x70, 0x3a]);

/** What `unroutable` asks of the host. To the core these are all the same. */
export enum HostWord {
  /** `unroutable` was not given, or names an output. */
  None,
  Dlq,
  Drop,
  Log,
  Stop,
}

let outputs: u32 = 0;
/** The output struct that takes what the rule has no place for; 0 when such records are listed. */
let unroutableStruct: usize = 0;
let hostWord: HostWord = 0;
/** Where the last fault is. */
let fault: usize = 0;

/** Returns the number of outputs of the rule. */
export function outputsOfRule(): u32 {
  return outputs;
}

/** Returns the struct of the output that takes what the rule has no place for, or 0 when such records are listed. */
export function unroutableOutput(): usize {
  return unroutableStruct;
}

/** Returns what the rule asks the host to do with the records that are listed. */
export function hostWordOfRule(): HostWord {
  return hostWord;
}

/** Returns the address of the last fault. */
export function faultAddress(): usize {
  return fault;
}

/** Begins a rule anew: the original's outputs, and unroutable records listed. */
export function beginRule(): void {
  unroutableStruct = 0;
  hostWord = HostWord.None;
  parseOutputs(EVEN_ODD, EVEN_ODD + 8);
}

/** Makes a rule again of output structs that were filled by one before: with what is not in the structs. */
export function resumeRule(count: u32, unroutable: usize, word: HostWord): void {
  outputs = count;
  unroutableStruct = unroutable;
  hostWord = word;
}

/** Returns the address of the first `byte`, or `end`. */
export function find(byte: u32, from: usize, end: usize): usize {
  while (from < end && load<u8>(from) !== byte) from++;
  return from;
}

/** Notes where a fault is, and returns it. */
export function failAt(address: usize, status: Status): Status {
  fault = address;
  return status;
}

/** Fills the output structs with the names in a comma list and with their default prefixes. */
export function parseOutputs(list: usize, listEnd: usize): Status {
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
  outputs = count;
  return Status.Ok;
}

/** Returns whether a byte may stand in an output's name: letters, digits, ".", "_" and "-". */
function isNameByte(byte: u32): bool {
  const letter = (byte | 0x20) - 0x61;
  return letter < 26 || byte - 0x30 < 10 || byte === 0x2e || byte === 0x5f || byte === 0x2d;
}

/** Returns the index of the output with that name among the first `count`, or `count`. */
export function indexOfOutput(name: usize, length: u32, count: u32): u32 {
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

/** Takes the name of an output, or a word for the host. Such a word goes before an output of that name. */
export function parseUnroutable(value: usize, valueEnd: usize): Status {
  const length = <u32>(valueEnd - value);
  hostWord = indexOfWord(HOST_WORDS, HOST_WORDS + 17, value, length) + 1;
  if (hostWord !== HostWord.None) return Status.Ok;
  const index = indexOfOutput(value, length, outputs);
  if (index === outputs) return failAt(value, Status.RuleBadUnroutable);
  unroutableStruct = outputStruct(index);
  return Status.Ok;
}

/** Returns the index of the text among the words of a comma list, or -1. */
export function indexOfWord(words: usize, wordsEnd: usize, text: usize, length: u32): i32 {
  for (let index = 0; words < wordsEnd; index++) {
    const wordEnd = find(COMMA, words, wordsEnd);
    if (<u32>(wordEnd - words) === length && bytesEqual(words, text, length)) return index;
    words = wordEnd + 1;
  }
  return -1;
}

/** Takes the prefix of an output. */
export function parsePrefix(output: usize, value: usize, valueEnd: usize): Status {
  let length: u32 = 0;
  for (let at = value; at < valueEnd; length++) {
    if (length === PREFIX_BYTES_MAX) return failAt(at, Status.RulePrefixTooLong);
    const byte = load<u8>(at);
    if (byte < 0x20 || byte === 0x7f) return failAt(at, Status.RuleSyntax);
    if (byte === BACKSLASH) {
      const escape = readEscape(at, valueEnd);
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
function hexDigit(byte: u32): u32 {
  const digit = byte - 0x30;
  if (digit < 10) return digit;
  const letter = (byte | 0x20) - 0x61;
  return letter < 6 ? letter + 10 : 16;
}
