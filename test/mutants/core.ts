/** Mutants of the core: what a slip in each of its parts would look like. */
import { mutantsOf, simdMutantsOf } from "./core-file.ts";
import { CORE_RECORD_BATCH_MUTANTS } from "./core-record-batch.ts";
import type { Mutant } from "./mutant.ts";

const DECIDE = mutantsOf(
  "last-digit",
  ["values", "rule"],
  [
    ["the parity is flipped", "return digit & 1;", "return (digit & 1) ^ 1;"],
    ["the name of the rule may go on", "nameEnd - name === 10 && ", ""],
    ["digits begin at 1", "const ZERO: u32 = 0x30;", "const ZERO: u32 = 0x31;"],
    ["the last byte but one decides", "load<u8>(valueEnd - 1)", "load<u8>(valueEnd - 2)"],
  ],
);

const VALUES = mutantsOf(
  "values",
  ["values", "batch"],
  [
    ["a colon is a digit in a short value", "if ((u32(digit > 9) |", "if ((u32(digit > 10) |"],
    ["a null value is empty", "refuse(index, Reason.Tombstone, 0)", "refuse(index, Reason.Empty, 0)"],
    ["an output for unroutable values is passed over", "    output = unroutableOutput();\n    if (output === 0)", "    if (true)"],
    [
      "a long value loses its last byte",
      "memory.copy(at + prefixLength, value, length);",
      "memory.copy(at + prefixLength, value, length - 1);",
    ],
    ["a long value loses its prefix", "memory.copy(at, output + PREFIX, prefixLength);", ""],
    ["short values overflow their output", "if (next > <usize>load<u32>(output, LIMIT)) break;", ""],
    ["an output's last byte stays free", "LIMIT)) return Status.Full;", "LIMIT) - 1) return Status.Full;"],
    ["a pair's end wraps around 32 bits", "if (<u64>offset + <u64>length > bytes) break;", "if (offset + length > <u32>bytes) break;"],
    ["the index of an unroutable value counts from the call's first", " >> 3) + first);", " >> 3));"],
    ["one value too many is taken", "taken = <u32>((pair - begin) >> 3);", "taken = <u32>((pair - begin) >> 3) + 1;"],
    ["a count beyond the table is taken", " || count > recordsReserved - first", ""],
    ["values leave the outputs open for batches", "setOutputsOpen(false);", ""],
  ],
);

const COPIES = mutantsOf(
  "bytes",
  ["values", "batch"],
  [
    ["a copy of 32 bytes leaves out the last 8", "  store<u64>(target, load<u64>(source, 24), 24);", ""],
    ["the loop of 16-byte copies reads the first 16 again", "Bytes.step16(target + i, source + i);", "Bytes.step16(target + i, source);"],
    ["a copy by 16 leaves out its last step", "i: usize = 16; i < <usize>length;", "i: usize = 16; i + 15 < <usize>length;"],
    ["a copy by 32 leaves out its last step", "i: usize = 32; i < <usize>length;", "i: usize = 32; i + 31 < <usize>length;"],
  ],
);

const SIMD_COPIES = simdMutantsOf(
  "bytes",
  ["values", "batch"],
  [
    ["a vector copy of 32 bytes leaves out the second 16", "      v128.store(target, v128.load(source, 16), 16);\n", ""],
    [
      "a vector copy of 16 bytes copies the next 16",
      "if (ASC_FEATURE_SIMD) {\n      v128.store(target, v128.load(source));\n    } else",
      "if (ASC_FEATURE_SIMD) {\n      v128.store(target, v128.load(source, 16));\n    } else",
    ],
  ],
);

const TABLE = mutantsOf(
  "unroutable",
  ["room"],
  [
    ["the unroutable table overflows", "if (count === recordsReserved) return false;", ""],
    ["the unroutable table is not cleared", "  count = 0;", ""],
    ["the reason is left out of the table", "  store<u32>(entry, reason, 4);", ""],
    ["the fault's place in the value is left out of the table", "  store<u32>(entry, byteOffset, 8);", ""],
    ["the record's place in the batch is left out of the table", "  store<u32>(entry, recordOffset, 12);", ""],
    ["entries of the unroutable table overlap", "(<usize>count) << 4", "(<usize>count) << 3"],
  ],
);

const MEMORY = mutantsOf(
  "memory",
  ["memory", "batch", "rule"],
  [
    ["the input has no slack", "inputNew + SLACK_BYTES", "inputNew"],
    ["an output has no room for the longest prefix", "inputNew + 512)", "inputNew + 128)"],
    [
      "the unroutable table has room for half its entries",
      "unroutableTableAt = top;\n  top = aligned(top + ((<u64>recordsNew) << 4));",
      "unroutableTableAt = top;\n  top = aligned(top + ((<u64>recordsNew) << 3));",
    ],
    ["tables shrink", "max(recordsReserved, recordsWanted)", "recordsWanted"],
    ["the input has no limit", "inputWanted > ARENA_BYTES_MAX || ", ""],
    ["moving the outputs leaves them open", "  outputsOpen = false;", ""],
    ["memory that did not grow is used", "memory.grow(pagesMissing) < 0", "memory.grow(pagesMissing) < -1"],
  ],
);

const CRC = mutantsOf(
  "crc32c",
  ["stamp"],
  [
    ["the last byte is not in the CRC", "for (; address < end; address++)", "for (; address + 1 < end; address++)"],
    ["folding forgets the initial value", "load<u64>(FOLDED) ^ carry", "load<u64>(FOLDED)"],
    ["folding takes the initial value for each block", "    carry = 0;\n", ""],
    ["folding forgets the blocks before", "    memory.copy(HISTORY, HISTORY + block, HISTORY_BYTES);", ""],
    ["folding begins with what another call left", "  memory.fill(HISTORY, 0, HISTORY_BYTES);", ""],
    ["folding ends with what another block left", "  memory.fill(FOLDED, 0, 512);", ""],
    ["one distance of folding is off by one", "load<u64>(window, 437 - 266)", "load<u64>(window, 437 - 265)"],
    ["a difference grows by half a byte too few", "let power: u32 = 0x00800000;", "let power: u32 = 0x08000000;"],
  ],
);

const SIMD_CRC = simdMutantsOf(
  "crc32c",
  ["stamp"],
  [
    ["one distance of vector folding is off by one", "v128.load(window, 437 - 261)", "v128.load(window, 437 - 262)"],
    ["vector folding leaves the message out", "v128.xor(v128.xor(v128.load(from), far), near)", "v128.xor(far, near)"],
  ],
);

const VARINT = mutantsOf(
  "varint",
  ["batch"],
  [
    ["varints of two bytes lose a bit", "(first & 0x7f) | (second << 7)", "(first & 0x7f) | ((second & 0x3f) << 7)"],
    ["the size of a varint of eight bytes is wrong", "while (size < 9 &&", "while (size < 8 &&"],
    ["the value of a varint of eight bytes is cut off", "index < 8; index++", "index < 7; index++"],
    ["the tenth byte of a varlong is lost", " << 63);", " << 62);"],
    ["the ninth byte of a varlong is lost", "(load<u8>(address, 8) & 0x7f)", "(load<u8>(address, 8) & 0x3f)"],
    ["a varlong of nine bytes has ten", "if (load<u8>(address, 8) < 0x80) return 9;", ""],
    ["every varlong ends", "load<u8>(address, 9) < 0x80 ? 10 : 11", "10"],
    ["a number of 7 bits takes two bytes", "(70 - <u32>clz(value | 1)) / 7", "(71 - <u32>clz(value | 1)) / 7"],
    ["lengths of two bytes end at 32,767", "if (value < 0x4000) return 2;", "if (value < 0x8000) return 2;"],
    ["negative numbers are one off", "-(<i64>(value & 1));", "(<i64>(value & 1));"],
  ],
);

const RULE = mutantsOf(
  "rule",
  ["rule"],
  [
    ["rule text must be shorter than its room", "if (length > RULE_BYTES_MAX)", "if (length >= RULE_BYTES_MAX)"],
    ["the offset of a fault is one too high", "<u32>(faultAddress() - RULE_TEXT)", "<u32>(faultAddress() - RULE_TEXT) + 1"],
    ["a rule may be named twice", "  if (load<u32>(entry) !== 0) return failAt(line, Status.RuleDuplicateKey);", ""],
    ["a prefix may be given twice", "  prefixesSeen |= 1 << index;", ""],
    ["a rule remembers that the one before said unroutable", "  memory.fill(LINES, 0, LINE_BYTES * Key.Count);", ""],
    ["outputs may come after a prefix", "prefixesSeen !== 0 ? failAt(line, Status.RuleOrder) : ", ""],
    ["a rule with a fault is run", "  configured = false;", ""],
    ["a rule remembers the prefixes of the one before", "  prefixesSeen = 0;", ""],
    ["a rule remembers the outputs of the one before", "  beginRule();", ""],
  ],
);

const RULE_VALUES = mutantsOf(
  "rule-values",
  ["rule"],
  [
    ["the even prefix loses its space", "prefixLength = 16;", "prefixLength = 15;"],
    [
      "the odd prefix gains a space",
      "memory.copy(output + PREFIX, ODD_PREFIX, 14);",
      "memory.copy(output + PREFIX, ODD_PREFIX, 14);\n    store<u8>(output + PREFIX, 0x20, 14);\n    prefixLength = 15;",
    ],
    ["the escape of a tab is another character", "if (letter === 0x74) return 0x09;", "if (letter === 0x74) return 0x0b;"],
    ["the digits of an escape are swapped", "(high << 4) | low", "(low << 4) | high"],
    [
      "hexadecimal digits are lower case",
      "const letter = (byte | 0x20) - 0x61;\n  return letter < 6",
      "const letter = byte - 0x61;\n  return letter < 6",
    ],
    ["an escape may run over the end of its line", "letter !== 0x78 || end - at < 4", "letter !== 0x78"],
    ["a prefix may have 256 bytes", "length === PREFIX_BYTES_MAX", "length > PREFIX_BYTES_MAX"],
    ["an output goes before a word for the host", "  if (hostWord !== HostWord.None) return Status.Ok;", ""],
    ["the last word for the host is forgotten", "HOST_WORDS + 17", "HOST_WORDS + 12"],
    ["a part of a word for the host is one", "<u32>(wordEnd - words) === length && ", ""],
    [
      "an output of the unroutable that is none is let pass",
      "  if (index === outputs) return failAt(value, Status.RuleBadUnroutable);",
      "",
    ],
    ["a rule remembers where the one before sent the unroutable", "  unroutableStruct = 0;", ""],
    ["a name may have 63 bytes only", "length > OUTPUT_NAME_BYTES_MAX", "length >= OUTPUT_NAME_BYTES_MAX"],
    ["outputs may have the same name", "indexOfOutput(name, length, count) !== count", "false"],
    ["a delete character may stand in a prefix", "byte < 0x20 || byte === 0x7f", "byte < 0x20"],
    ["an at sign may stand in a name", "letter < 26 ||", "letter < 27 ||"],
  ],
);

const CALLS = mutantsOf(
  "index",
  ["stamp"],
  [["the CRC goes beyond the input", "<u64>offset + <u64>length > <u64>inputBytes", "offset + length > inputBytes"]],
);

export const CORE_MUTANTS: readonly Mutant[] = [
  ...DECIDE,
  ...VALUES,
  ...COPIES,
  ...SIMD_COPIES,
  ...TABLE,
  ...MEMORY,
  ...CORE_RECORD_BATCH_MUTANTS,
  ...CRC,
  ...SIMD_CRC,
  ...VARINT,
  ...RULE,
  ...RULE_VALUES,
  ...CALLS,
];
