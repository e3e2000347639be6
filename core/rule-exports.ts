import { NAME, NAME_LENGTH, outputStruct } from "./memory.ts";
import { outputsOfRule } from "./rule-values.ts";
import { RULE_TEXT, compileRule, faultOfRule } from "./rule.ts";
import { Status } from "./status.ts";

// The calls for the rule, of the core's own interface and of linking hosts that have the same.

/** Returns where the host writes rule text. */
export function ruleAddress(): usize {
  return RULE_TEXT;
}

/** Compiles `length` bytes of rule text; no text at all is the default rule. On a fault there is no rule until the next call. */
export function configure(length: u32): Status {
  return compileRule(length);
}

/** Returns the byte offset of the fault that `configure` found. */
export function faultOffset(): u32 {
  return faultOfRule();
}

/** Returns the number of outputs of the rule. */
export function outputCount(): u32 {
  return outputsOfRule();
}

/** Returns where the name of output `index` is. */
export function outputNameAddress(index: u32): usize {
  return outputStruct(index) + NAME;
}

/** Returns the bytes of the name of output `index`. */
export function outputNameLength(index: u32): u32 {
  return load<u32>(outputStruct(index), NAME_LENGTH);
}
