import { LastDigit } from "../../../core/decide.ts";
import { OUTPUT_SHIFT, PREFIX, PREFIX_LENGTH, outputStruct } from "../../../core/memory.ts";
import { HostWord, hostWordOfRule, outputsOfRule, unroutableOutput } from "../../../core/rule-values.ts";
import { lengthOf, prependLength, readEnvironment, variable, variables } from "./environment.ts";
import { fail } from "./log.ts";
import { beginsWith } from "./text.ts";
import { Text } from "./texts.ts";
import { readRouterVariables } from "./variables.ts";

/**
 * One struct a topic, in the order deployed, with room for as many as a digit can count; the broker allows 8.
 *
 *     0 u32 options         what names the topic to the broker
 *     4 u32 optionsLength
 *     8 u32 prefix          what goes before the value
 *    12 u32 prefixLength    0 for the topic of dead letters
 */
export const DESTINATIONS: usize = memory.data(160, 4);
export const DESTINATION_SHIFT: usize = 4;
export const OPTIONS: usize = 0;
export const OPTIONS_LENGTH: usize = 4;
export const DESTINATION_PREFIX: usize = 8;
export const DESTINATION_PREFIX_LENGTH: usize = 12;

/** Where unroutable records go; 0 for nowhere. */
export let unroutableDestination: usize = 0;
/** Whether they become dead letters, with a header that says why. */
export let hasDeadLetters: bool = false;
/** Whether the log tells of them. */
export let isLogged: bool = false;

let topics: u32 = 0;

/** Returns the struct of topic `index`. */
function destination(index: u32): usize {
  return DESTINATIONS + ((<usize>index) << DESTINATION_SHIFT);
}

/** Reads all settings from the environment; a wrong one ends the guest. Returns the first address of memory that is free. */
export function readSettings(): usize {
  const free = readEnvironment();
  readRouterVariables();
  for (let index: u32 = 0; index < variables(); index++) {
    const name = variable(index);
    if (beginsWith(name, Text.Topic)) readTopic(name + 22);
  }
  settleUnroutable();
  return free;
}

/** Takes note of a topic, from what comes behind the last underscore: a digit, for the broker has 8 topics at most, "=", its name. */
function readTopic(digit: usize): void {
  const index = LastDigit.of(digit + 1);
  topics++;
  const options = prependLength(digit + 2) - 1;
  store<u8>(options, 1);
  const struct = destination(index);
  store<u32>(struct, <u32>options, OPTIONS);
  store<u32>(struct, <u32>(digit + 2 - options) + lengthOf(digit + 2), OPTIONS_LENGTH);
  if (index >= outputsOfRule()) return;
  store<u32>(struct, <u32>(outputStruct(index) + PREFIX), DESTINATION_PREFIX);
  store<u32>(struct, load<u32>(outputStruct(index), PREFIX_LENGTH), DESTINATION_PREFIX_LENGTH);
}

/** Settles what becomes of unroutable records. */
function settleUnroutable(): void {
  const outputs = outputsOfRule();
  const word = hostWordOfRule();
  // Unsigned: fewer topics than outputs are far too many.
  if (topics - outputs > 1 || (word === HostWord.Dlq && topics === outputs)) fail(Text.Topics);
  isLogged = word !== HostWord.Drop;
  if (unroutableOutput() !== 0) {
    unroutableDestination = destination(<u32>((unroutableOutput() - outputStruct(0)) >> OUTPUT_SHIFT));
    // What an output takes is not unroutable any more.
    isLogged = false;
    // Asked for, or nothing else asked for.
  } else if (word <= HostWord.Dlq && topics > outputs) {
    unroutableDestination = destination(outputs);
    hasDeadLetters = true;
  }
}
