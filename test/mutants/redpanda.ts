/** Mutants of the inline transform of Redpanda: wrong topics, lost bytes, checks that are missing. */
import type { Mutant } from "./mutant.ts";

type Change = readonly [name: string, find: string, replace: string];

/** Mutants of one file of the guest. */
function mutantsOf(file: string, changes: readonly Change[]): readonly Mutant[] {
  const tests = ["malformed-records", "conformance", "router-settings", "router-start", "router-timestamp", "router"].map(
    (name) => `test/redpanda/${name}.test.ts`,
  );
  return changes.map(([name, find, replace]) => ({
    name: `redpanda: ${name}`,
    file: `hosts/redpanda/guest/${file}.ts`,
    find,
    replace,
    tests,
  }));
}

export const REDPANDA_MUTANTS: readonly Mutant[] = [
  ...mutantsOf("transform", [
    ["the end of a batch is taken for a wrong answer", "if (length !== -1) fail(Text.Broker);", "fail(Text.Broker);"],
    ["memory does not grow for a large record", "growMemory(record + largest +", "growMemory(record +"],
    ["there is no room for a long prefix", "readSettings<R>() + ROOM_BEFORE_RECORD", "readSettings<R>()"],
  ]),
  ...mutantsOf("payload", [
    ["a length far below zero is believed", "shift === 70 && byte !== 0 ? (<u64>1) << 40 : value", "value"],
    ["varints of two bytes are cut off", "byte > 0x7f && shift < 70", "byte > 0x7f && shift < 7"],
    ["a null counts as a byte", "rotr(length - u64(length === 1), 1)", "rotr(length, 1)"],
    ["a negative length is let pass", "rotr(length - u64(length === 1), 1)", "(length >> 1)"],
    ["a length beyond the payload is believed", "next > <u64>end ? end + 1 : <usize>next", "<usize>next"],
    ["a header's key may be null", "    if (keyLength === 1) return false;\n", ""],
    ["bytes behind the headers are let pass", "cursor === end && fields === count", "fields === count"],
    ["the count of headers is not compared", "cursor === end && fields === count", "cursor === end"],
  ]),
  ...mutantsOf("headers", [
    ["a header that is added is not counted", "readVarint() + 2;", "readVarint();"],
    ["a count of headers that grows overwrites the first one", "memory.copy(first, cursor, end - cursor);", ""],
    ["the end forgets that the headers have moved", "return end + first - cursor;", "return end;"],
    ["an added value has no length", "store<u8>(length, (end - length - 1) << 1);", "store<u8>(length, 0);"],
    ["the timestamp header has the offset", "load<i64>(RECORD, RECORD_TIMESTAMP)", "load<i64>(RECORD, 16)"],
  ]),
  ...mutantsOf("route", [
    ["a tombstone is unroutable", "    if (isNull) return;\n", ""],
    [
      "a malformed record is routed",
      "  if (!passHeaders(end)) return noteUnroutable(addressOf(Text.Malformed), 0);",
      "  passHeaders(end);",
    ],
    ["the key is lost", "  memory.copy(payload, record, keyBytes);", ""],
    ["the prefix is counted by half", "<u32>valueLength + (prefixLength << 1)", "<u32>valueLength + prefixLength"],
    ["unroutable records are logged one by one", "if (unroutableCount !== 1 && unroutableCount % RECORDS_A_LINE !== 0) return;", ""],
    ["unroutable records are dropped in silence", "if (isLogged) noteUnroutable(reason, byteOffset);", ""],
    ["dropped records are logged", "if (isLogged) noteUnroutable", "noteUnroutable"],
    ["a dead letter does not say why", "if (hasDeadLetters) end = addExceptionHeader(headers, end, reason, byteOffset);", ""],
    ["a timestamp header is added unasked", "if (timestampHeaderLength !== 0) end", "end"],
  ]),
  ...mutantsOf("settings", [
    ["one topic too few will do", "topics - outputs > 1", "topics > outputs + 1"],
    ["topics beyond the one for dead letters are let pass", "topics - outputs > 1", "topics < outputs"],
    ["dead letters need no topic", " || (word === HostWord.Dlq && topics === outputs)", ""],
    ["records that are to be dropped become dead letters", "word <= HostWord.Dlq", "true"],
    ["a further topic is not for dead letters unless asked", "word <= HostWord.Dlq", "word === HostWord.Dlq"],
    [
      "unroutable records go to the first output, whichever is named",
      "unroutableTarget = unroutableOutput();",
      "unroutableTarget = unroutableOutput() === 0 ? 0 : outputStruct(0);",
    ],
    ["dead letters go to an output", "unroutableTarget = outputStruct(outputs);", "unroutableTarget = outputStruct(outputs - 1);"],
  ]),
  ...mutantsOf("rule-last-digit", [
    ["the topics are swapped", "(<usize>LastDigit.output(digit))", "(<usize>LastDigit.output(digit) ^ 1)"],
    ["a colon is a digit", "return digit > 9 ? 0", "return digit > 10 ? 0"],
    ["the fault is said to be behind the value", "<u32>(valueEnd - value) - 1;", "<u32>(valueEnd - value);"],
    ["three outputs will do for the last digit", "return LastDigit.suits(outputsOfRule());", "return true;"],
    ["a rule of another module is taken", "LastDigit.isNamed(value, valueEnd) ? Status.Ok : Status.RuleUnknownRule", "Status.Ok"],
  ]),
  ...mutantsOf("rule-timestamp", [
    ["variables of the timestamp rule are taken for another", "if (!isTimestampRule()) return Status.RuleUnknownKey;", ""],
    ["three outputs will do for any rule", "return outputsSuffice();", "return true;"],
    ["the field is not compared with the format", "isTimestampRule() && !fieldIsThere() ? fieldOrFormat : 0", "0"],
    ["the format is blamed for the field", "key === TimestampText.Field || ", ""],
    [
      "the field is blamed only when it comes before the format",
      " || (key === TimestampText.Format && fieldOrFormat === 0)",
      " || key === TimestampText.Format",
    ],
    ["the record's time is not handed on", "load<i64>(RECORD, RECORD_TIMESTAMP)", "0"],
    ["a null is routed by its record's time", "return isNull ? 0 : placeOf", "return placeOf"],
    [
      "reasons are one off",
      "TimestampText.NotATimestamp + (reason - Reason.NotATimestamp)",
      "TimestampText.NotATimestamp + (reason - Reason.NotADigit)",
    ],
    [
      "advice is one off",
      "TimestampText.RuleBadFormat + (status - Status.RuleBadFormat)",
      "TimestampText.RuleBadFormat + (status - Status.RuleBadField)",
    ],
    ["a variable of no name that is known is a table", "while (key <= TimestampText.Table &&", "while (key < TimestampText.Table &&"],
  ]),
  ...mutantsOf("variables", [
    ["outputs are read with the other variables", "beginsWith(name, Text.Outputs) ? Turn.Outputs : Turn.Others", "Turn.Others"],
    [
      "the rule is read with the other variables",
      "if (beginsWith(name, Text.Rule)) return Turn.Name;",
      "if (beginsWith(name, Text.Rule)) return Turn.Others;",
    ],
    ["outputs are not held to the rule", " && !rule.suits() ? Status.RuleBadOutputs", " && false ? Status.RuleBadOutputs"],
    ["what does not go with the others is passed over", "if (misfit !== 0) failOn", "if (false) failOn"],
    ["a wrong variable is passed over", "if (status !== Status.Ok) failOn", "if (status === Status.NotOpen) failOn"],
    ["stop is taken", "hostWordOfRule() === HostWord.Stop ? Status.RuleBadUnroutable : status", "status"],
    ["a variable that is none of the router's is passed over", "return rule.readVariable(name, value, end);", "return Status.Ok;"],
    ["a prefix of no output is passed over", "return Status.RuleUnknownOutput", "return Status.Ok"],
    ["a part of an output's name is enough", "return load<u8>(name) === EQUALS;", "return true;"],
    ["a hyphen in a name stays one in its variable", " || byte === HYPHEN", ""],
    ["a dot in a name stays one in its variable", "byte === DOT || ", ""],
  ]),
  ...mutantsOf("environment", [["memory does not grow for the environment", "  growMemory(end);", ""]]),
  ...mutantsOf("log", [
    ["a wrong variable is not named", "writeName(beginLine(), variable)", "beginLine()"],
    ["a fault is logged, and the guest goes on", "writeText(beginLine(), text));\n  unreachable();", "writeText(beginLine(), text));"],
    ["the log is standard output", "const STANDARD_ERROR: i32 = 2;", "const STANDARD_ERROR: i32 = 1;"],
  ]),
  {
    name: "redpanda: transform.yaml has a further topic stay empty",
    file: "hosts/redpanda/transform.yaml",
    find: "compression: none\n",
    replace: "compression: none\nenv:\n  ROUTER_UNROUTABLE: log\n",
    tests: ["test/redpanda/written-deployments.test.ts"],
  },
];
