import { NAME, NAME_LENGTH, outputStruct } from "../../../core/memory.ts";
import {
  HostWord,
  beginRule,
  hostWordOfRule,
  outputsOfRule,
  parseOutputs,
  parsePrefix,
  parseUnroutable,
} from "../../../core/rule-values.ts";
import { Status } from "../../../core/status.ts";
import { lengthOf, variable, variables } from "./environment.ts";
import { nameTimestampHeader } from "./headers.ts";
import { failOn } from "./log.ts";
import { Rule } from "./rule.ts";
import { beginsWith } from "./text.ts";
import { Text } from "./texts.ts";

// The variables that make up the rule: ROUTER_RULE, ROUTER_OUTPUTS, ROUTER_UNROUTABLE, ROUTER_PREFIX_ with an output's name behind it, in upper
// case and with "_" for "." and "-", and those of the rule's own. The core reads their values.

const EQUALS: u8 = 0x3d;
const DOT: u8 = 0x2e;
const HYPHEN: u8 = 0x2d;
const UNDERSCORE: u8 = 0x5f;
/** Bytes of "ROUTER_", and of "PREFIX_". */
const WORD_LENGTH: usize = 7;

/** Variables have no order, and some mean something to others: so they are read in turns. */
enum Turn {
  Name,
  /** How many there may be is the rule's to say. */
  Outputs,
  /** What the rule does not know is a fault, and many name outputs. */
  Others,
}

/** Reads the rule from the variables; a fault in one of them ends the guest. */
export function readRouterVariables<R extends Rule>(): void {
  beginRule();
  for (let turn = Turn.Name; turn <= Turn.Others; turn++) readVariables<R>(turn);
  const misfit = changetype<R>(0).misfit();
  if (misfit !== 0) failOn(misfit - WORD_LENGTH, changetype<R>(0).adviceOn(Status.RuleBadField));
}

/** Reads the router's variables whose turn it is. */
function readVariables<R extends Rule>(turn: Turn): void {
  for (let index: u32 = 0; index < variables(); index++) {
    const name = variable(index) + WORD_LENGTH;
    if (!beginsWith(variable(index), Text.Variable) || turnOf(name) !== turn) continue;
    const status = readVariable<R>(turn, name);
    if (status !== Status.Ok) failOn(variable(index), changetype<R>(0).adviceOn(status));
  }
}

function turnOf(name: usize): Turn {
  if (beginsWith(name, Text.Rule)) return Turn.Name;
  return beginsWith(name, Text.Outputs) ? Turn.Outputs : Turn.Others;
}

/** Reads one variable, whose name goes on at `name` behind "ROUTER_". */
function readVariable<R extends Rule>(turn: Turn, name: usize): Status {
  const rule = changetype<R>(0);
  let value = name;
  while (load<u8>(value++) !== EQUALS);
  const end = value + lengthOf(value);
  if (turn === Turn.Name) return rule.readName(value, end);
  if (turn === Turn.Outputs) {
    const status = parseOutputs(value, end);
    return status === Status.Ok && !rule.suits() ? Status.RuleBadOutputs : status;
  }
  if (beginsWith(name, Text.Unroutable)) return readUnroutable(value, end);
  if (beginsWith(name, Text.Prefix)) return readPrefix(name + WORD_LENGTH, value, end);
  if (!beginsWith(name, Text.TimestampHeader)) return rule.readVariable(name, value, end);
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
function variableByte(byte: u32): u32 {
  if (byte === DOT || byte === HYPHEN) return UNDERSCORE;
  return byte - 0x61 < 26 ? byte ^ 0x20 : byte;
}
