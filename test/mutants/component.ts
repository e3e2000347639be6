/** Mutants of the component: rules that get mixed up, results that lie elsewhere, arguments that are believed. */
import type { Mutant } from "./mutant.ts";

type Change = readonly [name: string, find: string, replace: string];

const FILES = {
  guest: "test/component/guest.test.ts",
  routers: "test/component/routers.test.ts",
  routing: "test/component/routing.test.ts",
  timestamps: "test/component/timestamps.test.ts",
};

/** Mutants of one file of the guest, which the tests named here notice. */
function mutantsOf(file: string, tests: readonly (keyof typeof FILES)[], changes: readonly Change[]): readonly Mutant[] {
  return changes.map(([name, find, replace]) => ({
    name: `component: ${name}`,
    file: `hosts/component/guest/${file}.ts`,
    find,
    replace,
    tests: tests.map((test) => FILES[test]),
  }));
}

/** What is wrong with the copies that routers take turns by, and where. */
const COPY_CHANGES: readonly (readonly [name: string, source: string, find: string, replace: string])[] = [
  [
    "loses where unroutable values go",
    "compiled-rule",
    "  store<u32>(copy, <u32>unroutableOutput(), UNROUTABLE);",
    "  store<u32>(copy, 0, UNROUTABLE);",
  ],
  ["is of the rule before", "compiled-rule", "  resumeName(load<u32>(copy, IS_TIMESTAMP) !== 0);", ""],
  ["is written over by its outputs", "compiled-rule", "TIMESTAMP_RULE_COPY + TIMESTAMP_RULE_COPY_BYTES;", "TIMESTAMP_RULE_COPY;"],
  ["has room for two outputs", "compiled-rule", "OUTPUT_COPY_BYTES * OUTPUTS_MAX", "OUTPUT_COPY_BYTES * 2"],
  ["loses the divisor", "timestamp-rule", "  divide = load<i64>(copy);", ""],
  ["loses the format's name", "timestamp-rule", "  format = load<i32>(copy, 8);", ""],
  ["loses the field", "timestamp-rule", "  field = load<i32>(copy, 12);", ""],
  ["loses the zone", "timestamp-rule", "  zone = load<i32>(copy, 16);", ""],
  ["loses which part the field is", "timestamp-rule", "  direct = load<i32>(copy, 20);", ""],
  ["loses the source", "timestamp-rule", "  isOfRecord = load<u32>(copy, 24) !== 0;", ""],
  ["loses how long the table is", "timestamp-rule", "  tableEnd = TABLE + <usize>load<u32>(copy, 28);", ""],
  ["loses the table", "timestamp-rule", "  memory.copy(TABLE, copy + TABLE_COPY, tableEnd - TABLE);", ""],
  ["has the format within the table", "timestamp-rule", "TABLE_COPY + RANGES_MAX * RANGE_BYTES;", "TABLE_COPY + RANGES_MAX * 8;"],
  ["loses the format", "timestamp-rule", "  if (format === Format.Pattern) loadFormat(copy + FORMAT_COPY);", ""],
  ["loses the parts of the format", "timestamp-format", "  partsSeen = load<u32>(copy);", ""],
  ["loses how many steps the format has", "timestamp-format", "  stepsEnd = STEPS + bytes;", ""],
  ["has one step less than the format", "timestamp-format", "copy + STEPS_COPY, bytes)", "copy + STEPS_COPY, bytes - STEP_BYTES)"],
];

export const COMPONENT_MUTANTS: readonly Mutant[] = [
  ...mutantsOf(
    "arena",
    ["guest", "routing"],
    [
      [
        "arguments are never freed",
        "export function endCall(_result: usize): void {\n  free = __heap_base;",
        "export function endCall(_result: usize): void {",
      ],
      ["an argument that grows is moved without its bytes", "  if (!isLast) memory.copy(block, old, min(oldBytes, bytes));", ""],
      ["an argument that grows runs into the next one", "oldBytes !== 0 && old + oldBytes === free", "oldBytes !== 0"],
      ["arguments are not aligned", "(free + align - 1) & ~(align - 1)", "free"],
      ["memory does not grow for an argument", "  growMemory(<u64>block + bytes + BEHIND_BYTES);", ""],
      ["a single value has no room for its prefix", "bytes + BEHIND_BYTES", "bytes"],
      ["arguments of a call that trapped are never freed", "    free = __heap_base;\n    unreachable();", "    unreachable();"],
      ["an empty list at the first address traps", "inputBytes === 0 ? free : input", "input"],
      ["the core's tables overwrite the arguments", "<u64>free + SLACK_BYTES", "<u64>input"],
    ],
  ),
  ...mutantsOf(
    "routers",
    ["routers"],
    [
      ["a call runs the rule of the router before", "  loadRule(router + RULE);", ""],
      ["a switch is forgotten", "  loadRule(router + RULE);\n  running = router;", "  loadRule(router + RULE);"],
      ["a router is not taken", "  store<u32>(router, 1);", ""],
      ["a router is never free again", "  store<u32>(router, 0);", ""],
      ["there is one router less", "ROUTERS + 64 * ROUTER_BYTES", "ROUTERS + 63 * ROUTER_BYTES"],
      ["routers have less room than they take", "64 * <i32>ROUTER_BYTES", "63 * <i32>ROUTER_BYTES"],
    ],
  ),
  ...mutantsOf(
    "main",
    ["guest", "routers"],
    [
      ["a fault in a rule costs another router its own", "  forgetRunning();", ""],
      ["the offset of a fault is left out", "  store<u32>(RESULT, offset, 8);", ""],
      ["a rule that is too long is copied", "if (length <= RULE_BYTES_MAX) memory.copy", "memory.copy"],
      ["one router too many takes the first one's place", "  if (router === 0) return failAt(TOO_MANY_ROUTERS, 0);", ""],
    ],
  ),
  ...mutantsOf(
    "results",
    ["routing"],
    [
      ["reasons count from the core's first", "load<u8>(reason) - 1", "load<u8>(reason)"],
      ["unroutable values are left out", "writeList(at, unroutableTable, count)", "writeList(at, unroutableTable, 0)"],
    ],
  ),
  ...mutantsOf(
    "values",
    ["guest", "routing"],
    [
      ["no value is an empty one", "  if (isGiven === 0) return failWith(Reason.Tombstone - 1, ERROR);\n", ""],
      ["an empty value is looked for where it is said to be", "length === 0 ? EMPTY : value", "value"],
      [
        "a single value needs an arena for each output",
        "  let output = placeOf(at, at + length, NO_TIMESTAMP);",
        "  if (layOut(at, length, length, 1) !== Status.Ok) unreachable();\n  let output = placeOf(at, at + length, NO_TIMESTAMP);",
      ],
      ["a single value that is unroutable has no output", "  if (output === 0) output = unroutableOutput();\n", ""],
      ["a single value is overwritten by its prefix", "  memory.copy(at + prefixLength, at, length);\n", ""],
      ["ends may fall", "end < start || end > bytesLength", "end > bytesLength"],
      ["ends may pass the bytes", "end < start || end > bytesLength", "end < start"],
      ["a count has no limit", " || count > RECORDS_MAX", " || count === 0xffffffff"],
      ["bytes have no limit", "outputBytes > ARENA_BYTES_MAX || ", ""],
      ["outputs have no room for the prefixes", "<u64>bytesLength + <u64>count * longestPrefix()", "<u64>bytesLength"],
      ["a single value is said to be the first output's", "<u32>((output - outputStruct(0)) >> OUTPUT_SHIFT)", "0"],
      [
        "outputs that the memory can't hold are written",
        "<u32>outputBytes, count) !== Status.Ok",
        "<u32>outputBytes, count) === Status.Full",
      ],
    ],
  ),
  ...mutantsOf(
    "record-batch",
    ["routing", "guest"],
    [
      ["an output takes more bytes than it may", "min(<u64>batchBytesMax, bytesAtMost)", "bytesAtMost"],
      ["records do not grow", "PREFIX_BYTES_MAX + 2;", "1;"],
      ["a record that is too long for a batch has no room", "max(bytesMax, length + 512)", "bytesMax"],
      ["a batch believes in its count", "(length - HEADER_BYTES) / RECORD_BYTES_MIN);", "0xffffffff);"],
      ["a batch without a header is read", "  if (length < HEADER_BYTES) return 0;", ""],
      ["an output without records has a batch", "    if (load<u32>(struct, FINISHED_LENGTH) === 0) continue;", ""],
      ["a full output is not told of", "status === Status.Full ? 1 : 0", "0"],
      ["a batch has no limit", "if (length > ARENA_BYTES_MAX)", "if (length === 0x7fffffff)"],
      ["tombstones are not counted", "store<u32>(RESULT, tombstonesOfBatch(), 24);", "store<u32>(RESULT, 0, 24);"],
    ],
  ),
  ...COPY_CHANGES.map(([name, source, find, replace]): Mutant => ({
    name: `component: a copy of a rule ${name}`,
    file: `core/${source}.ts`,
    find,
    replace,
    tests: [FILES.routers, FILES.timestamps],
  })),
];
