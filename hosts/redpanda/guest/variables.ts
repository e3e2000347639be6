import { NAME, NAME_LENGTH, outputStruct } from "../../../core/memory.ts";
import {
  HostWord,
  beginRule,
  hostWordOfRule,
  outputsOfRule,
  parseName,
  parseOutputs,
  parsePrefix,
  parseUnroutable,
} from "../../../core/rule-values.ts";
import { Status } from "../../../core/status.ts";
import { lengthOf, variable, variables } from "./environment.ts";
import { nameTimestampHeader } from "./headers.ts";
import { failOn } from "./log.ts";
import { beginsWith } from "./text.ts";
import { Text } from "./texts.ts";

// The variables that make up the rule: ROUTER_RULE, ROUTER_OUTPUTS, ROUTER_UNROUTABLE, and ROUTER_PREFIX_ with an output's name behind it, in upper
// case and with "_" for "." and "-". The core reads their values.

const EQUALS: u8 = 0x3d;
const DOT: u8 = 0x2e;
const HYPHEN: u8 = 0x2d;
const UNDERSCORE: u8 = 0x5f;
/** Bytes of "ROUTER_", and of "PREFIX_". */
const WORD_LENGTH: usize = 7;

/** Reads the rule from the variables; a fault in one of them ends the guest. */
export function readRouterVariables(): void {
  beginRule();
  // The outputs go first, wherever they are in the environment, for other variables name them.
  readVariables(true);
  readVariables(false);
}

/** Reads either the outputs or all other variables of the router. */
function readVariables(areOutputs: bool): void {
  for (let index: u32 = 0; index < variables(); index++) {
    const name = variable(index) + WORD_LENGTH;
    if (!beginsWith(variable(index), Text.Variable) || beginsWith(name, Text.Outputs) !== areOutputs) continue;
    const status = readVariable(name);
    if (status !== Status.Ok) failOn(variable(index), Text.RuleSyntax + (status - Status.RuleSyntax));
  }
}

/** Reads one variable, whose name goes on at `name` behind "ROUTER_". */
function readVariable(name: usize): Status {
  let value = name;
  while (load<u8>(value++) !== EQUALS);
  const end = value + lengthOf(value);
  if (beginsWith(name, Text.Outputs)) return parseOutputs(value, end);
  if (beginsWith(name, Text.Rule)) return parseName(value, end);
  if (beginsWith(name, Text.Unroutable)) return readUnroutable(value, end);
  if (beginsWith(name, Text.Prefix)) return readPrefix(name + WORD_LENGTH, value, end);
  if (!beginsWith(name, Text.TimestampHeader)) return Status.RuleUnknownKey;
  nameTimestampHeader(value);
  return Status.Ok;
}

function readUnroutable(value: usize, end: usize): Status {
  const status = parseUnroutable(value, end);
  // The broker would start the guest anew, over and over, at the very record.
  return hostWordOfRule() === HostWord.Stop ? Status.RuleBadUnroutable : status;
}

function readPrefix(name: usize, value: usize, end: usize): Status {
  for (let index: u32 = 0; index < outputsOfRule(); index++) {
    if (isNamed(outputStruct(index), name)) return parsePrefix(outputStruct(index), value, end);
  }
  return Status.RuleUnknownOutput;
}

/** Returns whether what stands before the "=" names an output. */
function isNamed(output: usize, name: usize): bool {
  const nameEnd = name + load<u32>(output, NAME_LENGTH);
  for (let expected = output + NAME; name < nameEnd; expected++, name++) {
    if (load<u8>(name) !== variableByte(load<u8>(expected))) return false;
  }
  return load<u8>(name) === EQUALS;
}

/** Returns the byte in a variable's name that stands for one in an output's. */
function variableByte(byte: u8): u8 {
  if (byte === DOT || byte === HYPHEN) return UNDERSCORE;
  return byte - 0x61 < 26 ? byte ^ 0x20 : byte;
}
