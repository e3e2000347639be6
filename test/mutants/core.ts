/** Mutants of the core: what a slip in each of its parts would look like. */
import type { Mutant } from "./mutant.ts";

type Change = readonly [name: string, find: string, replace: string];

const FILES = {
  values: "test/core/values.test.ts",
  batch: "test/core/record-batch.test.ts",
  faults: "test/core/record-batch-faults.test.ts",
  room: "test/core/room.test.ts",
  rule: "test/core/rule.test.ts",
  stamp: "test/core/stamp.test.ts",
  memory: "test/core/memory.test.ts",
};

/** Mutants of one file, which the tests named here notice as a rule, and any of the core's may. */
function mutantsOf(file: string, likely: readonly (keyof typeof FILES)[], changes: readonly Change[]): readonly Mutant[] {
  const tests = [...likely.map((name) => FILES[name]), "test/core/*.test.ts"];
  return changes.map(([name, find, replace]) => ({ name, file: `core/${file}.ts`, find, replace, tests }));
}

const DECIDE = mutantsOf(
  "decide",
  ["values"],
  [
    ["the parity is flipped", "return digit & 1;", "return (digit & 1) ^ 1;"],
    ["digits begin at 1", "const ZERO: u32 = 0x30;", "const ZERO: u32 = 0x31;"],
    ["the last byte but one decides", "load<u8>(valueEnd - 1)", "load<u8>(valueEnd - 2)"],
  ],
);

const VALUES = mutantsOf(
  "values",
  ["values", "batch"],
  [
    ["a colon is a digit in a short value", "if ((u32(digit > 9) |", "if ((u32(digit > 10) |"],
    ["a colon is a digit in a long value", "if (digit > 9) return", "if (digit > 10) return"],
    ["a null value is empty", "refuse(index, Reason.Tombstone)", "refuse(index, Reason.Empty)"],
    ["an empty value is not a digit", "refuse(index, Reason.Empty)", "refuse(index, Reason.NotADigit)"],
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
    ["a copy by 16 leaves out its last step", "i: usize = 16; i < <usize>length;", "i: usize = 16; i + 15 < <usize>length;"],
    ["a copy by 32 leaves out its last step", "i: usize = 32; i < <usize>length;", "i: usize = 32; i + 31 < <usize>length;"],
  ],
);

const TABLE = mutantsOf(
  "unroutable",
  ["room"],
  [
    ["the unroutable table overflows", "if (count === recordsReserved) return false;", ""],
    ["the unroutable table is not cleared", "  count = 0;", ""],
    ["the reason is left out of the table", "  store<u32>(entry, reason, 4);", ""],
  ],
);

const MEMORY = mutantsOf(
  "memory",
  ["memory", "batch", "rule"],
  [
    ["the input has no slack", "inputNew + SLACK_BYTES", "inputNew"],
    ["an output has no room for the longest prefix", "inputNew + 512)", "inputNew + 128)"],
    ["tables shrink", "max(recordsReserved, recordsWanted)", "recordsWanted"],
    ["the input has no limit", "inputWanted > ARENA_BYTES_MAX || ", ""],
    ["moving the outputs leaves them open", "  outputsOpen = false;", ""],
    ["memory that did not grow is used", "memory.grow(pagesMissing) < 0", "memory.grow(pagesMissing) < -1"],
    ["rule text must be shorter than its room", "length <= RULE_BYTES_MAX", "length < RULE_BYTES_MAX"],
  ],
);

const OUTPUT = mutantsOf(
  "output-batch",
  ["batch", "room"],
  [
    ["the largest timestamp is the last one", "max(load<i64>(output, MAX_TIMESTAMP), timestamp)", "timestamp"],
    ["the largest timestamp is never negative", "i64.MIN_VALUE, MAX_TIMESTAMP", "<i64>0, MAX_TIMESTAMP"],
    ["timestamps keep the delta that they had in their own batch", "Varint.zigzag(timestamp - load<i64>(output, BASE_TIMESTAMP))", "stamp"],
    ["the base timestamp is that of the last batch", "if (count === 0) store<i64>(output, base", "store<i64>(output, base"],
    ["the cap is ignored", "&& count !== 0) return false;", "&& false) return false;"],
    ["a record longer than the cap is never taken", " && count !== 0) return false;", ") return false;"],
    ["the cap is one byte lower", "<usize>load<u32>(output, LIMIT) && count", "<usize>load<u32>(output, LIMIT) - 1 && count"],
    ["offset deltas begin at 1", "to + stampBytes, count << 1", "to + stampBytes, (count + 1) << 1"],
    ["headers are dropped", "const rest = <u32>(end - value);", "const rest = valueBytes + 1;"],
    [
      "the value's length leaves out the prefix",
      "const valueLength = (valueBytes + prefixLength) << 1;",
      "const valueLength = valueBytes << 1;",
    ],
    ["the prefix is not written", "    Bytes.copy16(to, output + PREFIX, prefixLength);", ""],
    ["the key is not copied", "    Bytes.copy16(to, keyAt, keyBytes);", ""],
    ["what a refused batch wrote stays", "load<u32>(output, SAVED_CURSOR), CURSOR", "load<u32>(output, CURSOR), CURSOR"],
    ["records of a refused batch stay counted", "load<u32>(output, SAVED_COUNT), COUNT", "load<u32>(output, COUNT), COUNT"],
    [
      "the largest timestamp of a refused batch stays",
      "load<i64>(output, SAVED_MAX_TIMESTAMP), MAX",
      "load<i64>(output, MAX_TIMESTAMP), MAX",
    ],
    ["an output has no base offset", "    store<u64>(batch, 0);", ""],
    ["an output has no leader epoch", "    store<i32>(batch, -1, LEADER_EPOCH);", ""],
    ["an output has no attributes", "    store<u16>(batch, 0, ATTRIBUTES);", ""],
    ["the batch length counts all bytes", "bswap(length - LENGTH_BASE)", "bswap(length)"],
    ["the last offset delta is the count", "bswap(count - 1), LAST_OFFSET_DELTA", "bswap(count), LAST_OFFSET_DELTA"],
    ["the record count is one short", "bswap(count), RECORD_COUNT", "bswap(count - 1), RECORD_COUNT"],
    ["an output has a producer", "store<i64>(batch, -1, PRODUCER_ID);", "store<i64>(batch, 0, PRODUCER_ID);"],
    ["finished outputs stay open", "  setOutputsOpen(false);", ""],
    ["a cap beyond the arena is taken", "  if (bytesMax > arenaBytes()) return Status.OutOfRange;", ""],
  ],
);

const STAMP = mutantsOf(
  "output-batch",
  ["stamp"],
  [
    ["a batch stays transactional", " & ~TRANSACTIONAL;", ";"],
    ["the CRC is mended for too many bytes", "batchLength + LENGTH_BASE - HEADER_BYTES)", "batchLength - LENGTH_BASE)"],
    ["the CRC is not mended", "bswap(load<u32>(batch, CRC)) ^ difference", "bswap(load<u32>(batch, CRC))"],
    ["the epoch keeps the machine's byte order", "bswap(<u16>producerEpoch)", "<u16>producerEpoch"],
    ["a header beyond the input is stamped", "<u64>offset + HEADER_BYTES > <u64>inputBytes", "offset + HEADER_BYTES > inputBytes"],
  ],
);

const BATCH = mutantsOf(
  "record-batch",
  ["batch", "room"],
  [
    ["a tombstone is named as unroutable", "if (valueLength !== 1) return noteUnroutable", "if (valueLength !== 2) return noteUnroutable"],
    ["a colon is a digit", "u32(digit > 9)", "u32(digit > 10)"],
    ["the reasons are swapped", "Reason.Empty : Reason.NotADigit", "Reason.NotADigit : Reason.Empty"],
    ["tombstones are not counted", "  tombstones++;", ""],
    [
      "tombstones are counted on",
      "export function routeBatch(offset: u32, length: u32, fetchOffset: i64, flags: u32): Status {\n  tombstones = 0;",
      "export function routeBatch(offset: u32, length: u32, fetchOffset: i64, flags: u32): Status {",
    ],
    ["the record at the fetch offset is left out", "if (delta < firstWanted) continue;", "if (delta <= firstWanted) continue;"],
    ["records before the fetch offset are taken", "if (delta < firstWanted) continue;", ""],
    ["log append time is ignored", "logAppend ? 0 : -1", "-1"],
    ["log append time is the base time", "logAppend ? MAX_TIME : BASE_TIME", "BASE_TIME"],
    ["control records are forwarded", " & CONTROL) !== 0 || fetchOffset >= end) {", " & CONTROL) > 64 || fetchOffset >= end) {"],
    [
      "a batch ends at its last record",
      "<i64>bswap(load<u32>(batch, LAST_OFFSET_DELTA)) + 1",
      "<i64>bswap(load<u32>(batch, LAST_OFFSET_DELTA))",
    ],
    ["a call that stops leaves out the record", "bswap(load<u64>(batch)) + delta;", "bswap(load<u64>(batch)) + delta + 1;"],
    ["a batch beyond the input is routed", "<u64>offset + <u64>length > <u64>inputBytes", "offset + length > inputBytes"],
  ],
);

const FAULTS = mutantsOf(
  "record-batch",
  ["faults"],
  [
    ["the CRC is skipped", "(flags & CRC_VERIFIED) === 0 &&", "false &&"],
    ["a verified CRC is checked again", "(flags & CRC_VERIFIED) === 0 && ", ""],
    [
      "the CRC begins at its own field",
      "crc32cOf(batch + ATTRIBUTES, length - <u32>ATTRIBUTES) !==",
      "crc32cOf(batch + CRC, length - <u32>CRC) !==",
    ],
    ["message format 1 is read as 2", "load<u8>(batch, MAGIC) !== 2", "load<u8>(batch, MAGIC) === 0"],
    ["compressed records are read", "(attributes & COMPRESSION_MASK) !== 0", "(attributes & COMPRESSION_MASK) > 7"],
    ["one codec is overlooked", "(attributes & COMPRESSION_MASK) !== 0", "(attributes & 3) !== 0"],
    ["a batch may be longer than it says", "  if (batchLength !== length - LENGTH_BASE) return Status.BatchLength;", ""],
    ["a batch may be cut off", "  if (batchLength > length - LENGTH_BASE) return Status.BatchTruncated;", ""],
    ["a negative last offset is one", "lastDelta < 0 || ", ""],
    ["offsets beyond 63 bits are some", "i64.MAX_VALUE - 1 - <i64>lastDelta", "i64.MAX_VALUE - <i64>lastDelta"],
    ["any record count is believed", "> (length - HEADER_BYTES) / RECORD_BYTES_MIN", "> 0xffffffff"],
    ["bytes may follow the last record", "return at === end ? Status.Ok : Status.BatchCount;", "return Status.Ok;"],
    ["a record may cross the end of its batch", "length >> 1 > <u64>(end - body)", "false"],
    ["a record's length may have any size", "    if (lengthSize > 5) return Status.RecordField;", ""],
    ["a key may cross the end of its record", " || keyLength >> 1 > <u64>(at - lengthAt)", ""],
    ["a value may take its record's last byte", "valueLength >> 1 >= <u64>(at - value)", "valueLength >> 1 > <u64>(at - value)"],
    ["a timestamp may have eleven bytes", "stampSize > 10", "stampSize > 11"],
    ["an offset delta may have any size", "(deltaSize + 2) | ", ""],
    ["a key's length may have any size", "(keySize + 2) | ", ""],
    ["a value's length may have any size", " | (valueSize + 2)", ""],
    ["a record's length may be negative", "negative |= length | deltaZigzag", "negative |= deltaZigzag"],
    ["an offset delta may be negative", "negative |= length | deltaZigzag", "negative |= length"],
    ["a key's length may be any negative number", "nonNull(keyLength) | ", ""],
    ["a value's length may be any negative number", " | nonNull(valueLength);", ";"],
    ["a null has a length that must not be", "return lengthZigzag === 1 ? 0 : lengthZigzag;", "return lengthZigzag;"],
    ["an offset may come twice", "delta <= previousDelta ||", "delta < previousDelta ||"],
    ["an offset may pass the batch's last", " || delta > lastDelta", ""],
    ["no headers need not end the record", "(load<u8>(headers) !== 0 || at - headers !== 1)", "load<u8>(headers) !== 0"],
    ["a header count may have any size", "countSize > 5 || ", ""],
    ["a header's key may be null", "(length !== 1 || field === 0)", "length !== 1"],
    ["a header's length may have any size", "size > 5 || ", ""],
    ["a header may cross the end of its record", " || length >> 1 > <u64>(end - at)) return", ") return"],
    ["headers may end before the record does", "  return at === end;", "  return at <= end;"],
    ["a refused batch is not taken back", "    restoreOutputs();", ""],
    ["a refused batch leaves its tombstones and unroutable records", "    tombstones = 0;\n    clearUnroutable();\n", ""],
  ],
);

const CRC = mutantsOf(
  "crc32c",
  ["stamp"],
  [
    ["the last byte is not in the CRC", "for (; address < end; address++)", "for (; address + 1 < end; address++)"],
    ["folding forgets the initial value", "load<u64>(address) ^ carry", "load<u64>(address)"],
    ["folding forgets the blocks before", "    memory.copy(HISTORY, HISTORY + block, HISTORY_BYTES);", ""],
    ["folding begins with what another call left", "  memory.fill(HISTORY, 0, HISTORY_BYTES);", ""],
    ["folding ends with what another block left", "  memory.fill(FOLDED, 0, 512);", ""],
    ["one distance of folding is off by one", "437 - 266", "437 - 265"],
    ["a difference grows by half a byte too few", "let power: u32 = 0x00800000;", "let power: u32 = 0x08000000;"],
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
    ["the even prefix loses its space", "prefixLength = 16;", "prefixLength = 15;"],
    [
      "the odd prefix gains a space",
      "memory.copy(output + PREFIX, ODD_PREFIX, 14);",
      "memory.copy(output + PREFIX, ODD_PREFIX, 14);\n    store<u8>(output + PREFIX, 0x20, 14);\n    prefixLength = 15;",
    ],
    ["the escape of a tab is another character", "if (letter === 0x74) return 0x09;", "if (letter === 0x74) return 0x0b;"],
    ["the digits of an escape are swapped", "(high << 4) | low", "(low << 4) | high"],
    ["hexadecimal digits are lower case", "<u32>(byte | 0x20) - 0x61", "<u32>byte - 0x61"],
    ["an escape may run over the end of its line", "letter !== 0x78 || end - at < 4", "letter !== 0x78"],
    ["the offset of a fault is one too high", "<u32>(fault - RULE_TEXT)", "<u32>(fault - RULE_TEXT) + 1"],
    ["a prefix may have 256 bytes", "length === PREFIX_BYTES_MAX", "length > PREFIX_BYTES_MAX"],
    ["a rule may be named twice", "    if (ruleSeen) return failAt(line, Status.RuleDuplicateKey);", ""],
    ["a prefix may be given twice", "  prefixesSeen |= 1 << index;", ""],
    ["outputs may come after a prefix", "    if (prefixesSeen !== 0) return failAt(line, Status.RuleOrder);", ""],
    ["a name may have 63 bytes only", "length > OUTPUT_NAME_BYTES_MAX", "length >= OUTPUT_NAME_BYTES_MAX"],
    ["outputs may have the same name", "indexOfOutput(name, length, count) !== count", "false"],
    ["one output is enough", "if (count !== 2) return", "if (count > 2) return"],
    ["a rule with a fault is run", "  configured = false;", ""],
    ["a rule remembers the prefixes of the one before", "  prefixesSeen = 0;", ""],
    ["a rule remembers the outputs of the one before", "  parseOutputs(EVEN_ODD, EVEN_ODD + 8);", ""],
    ["a delete character may stand in a prefix", "byte < 0x20 || byte === 0x7f", "byte < 0x20"],
    ["the name of a rule may go on", "lineEnd - value !== 10 || ", ""],
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
  ...TABLE,
  ...MEMORY,
  ...OUTPUT,
  ...STAMP,
  ...BATCH,
  ...FAULTS,
  ...CRC,
  ...VARINT,
  ...RULE,
  ...CALLS,
];
